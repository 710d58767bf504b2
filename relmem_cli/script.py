"""The console script: the command line in a process of its own, which it ends."""

import atexit
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

from relmem_cli.app import main
from relmem_cli.commands.shared.waiting import announce_imports


def run() -> NoReturn:
    """Run the command line and end this process with its exit code."""
    announce_imports()
    try:
        main()
    except SystemExit as end:
        code = 0 if end.code is None else end.code
        if not isinstance(code, int):
            raise
    else:
        code = 0
    leave(code)


def leave(code: int) -> NoReturn:
    """End the process at once, with everything written.

    All of a usual exit is done but its last part, which takes the interpreter and torch's libraries
    apart: half a second, several on a busy machine, for memory that the system takes back anyway.
    And it would wait for the thread that loads them, where chat is left before it can answer.
    """
    try:
        threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001
        atexit._run_exitfuncs()  # noqa: SLF001
    finally:  # also where Ctrl-C comes just now
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                with suppress(OSError, ValueError):  # `main` has said so, and it is in the code
                    stream.flush()
        os._exit(code)
