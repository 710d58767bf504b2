"""Watching runs from outside: waiting for something to be true, counting epochs, killing."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from relmem_cli.runs.job import Job

PATIENCE_SECONDS = 180


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def epochs(folder: Path) -> int:
    metrics = folder / "metrics.jsonl"
    return metrics.read_text().count("\n") if metrics.exists() else 0


def kill_halfway(job: Job) -> threading.Thread:
    """Kill the process that runs the job, once, when it has some epochs behind it."""

    def kill() -> None:
        until(lambda: epochs(job.folder) > 10)
        mark = (job.folder / ".running").read_text()
        os.kill(int(mark.split("process ")[1].split()[0]), signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread
