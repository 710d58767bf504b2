"""Dask's own processes on loopback, for as long as a stack is open."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.runs.watching import until


def scheduler(stack: ExitStack, folder: Path, *more: str) -> str:
    """The address of a new one, as --on has it; workers of the same folder find it."""
    (folder / "scheduler.json").unlink(missing_ok=True)
    _start(stack, "scheduler", folder, "--port", "0", *more)
    until(lambda: _file(folder).exists() and _file(folder).read_text().endswith("}"))
    address: str = json.loads(_file(folder).read_text())["address"]
    return address.replace("tcp://", "dask://")


def worker(stack: ExitStack, folder: Path, *more: str, **environment: str) -> subprocess.Popen:
    """A new one of the folder's scheduler."""
    alone = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
    return _start(stack, "worker", folder, *alone, *more, **environment)


def _file(folder: Path) -> Path:
    return folder / "scheduler.json"


def _start(
    stack: ExitStack, what: str, folder: Path, *arguments: str, **environment: str
) -> subprocess.Popen:
    local = ["--host", "127.0.0.1", "--scheduler-file", str(_file(folder)), "--no-dashboard"]
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{what}", *local, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | environment,
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process
