"""What a plugin may do in a worker; light, so that the worker soon does it."""

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.runs.watching import until

ESCAPE = "\x1b]0;title\x07"


@dataclass(frozen=True)
class Slow:
    """A source that a worker waits for: what comes before a job is begun, however long it takes."""

    path: Path
    seconds: float
    name: str = "slow"
    summary: str = ""

    def stories(self, task: object, split: str) -> list[Any]:
        self.path.touch()
        time.sleep(self.seconds)
        return []


def shout() -> None:
    """Print what steers a terminal in all ways that there are."""
    for stream, text in ((sys.stdout, "OUT"), (sys.stderr, "ERR")):
        stream.write(f"{text}{ESCAPE}\n")
        stream.flush()


def write() -> None:
    """The same behind Python's back, as a library's or a child's code does."""
    for descriptor in (1, 2):
        os.write(descriptor, f"RAW{ESCAPE}".encode())
    os.system(f"printf 'CHILD{ESCAPE}'")


def heard(number: int) -> tuple[Any, bool]:
    """What happens when a signal comes, and whether it is held back."""
    return signal.getsignal(number), number in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def lose_signals(here: Path, other: Path) -> None:
    """Be a job just after which SIGTERM comes to nothing; it ends when the other worker has."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    here.touch()
    until(other.exists)


def die_with_the_queue(here: Path, other: Path) -> None:
    """Be killed as a worker that takes its next job: with the lock that the others wait for."""
    until(other.exists)
    frame = sys._getframe()
    while "call_queue" not in frame.f_locals:
        assert frame.f_back
        frame = frame.f_back
    assert frame.f_locals["call_queue"]._rlock.acquire(block=False)
    here.touch()
    os.kill(os.getpid(), signal.SIGKILL)
