"""What a plugin may do in a worker; light, so that the worker soon does it."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
