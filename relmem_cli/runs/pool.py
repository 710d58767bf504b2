"""Where a grid runs at home: processes of this machine."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any, TextIO, cast

from relmem_cli.door import Door


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def at_home(workers: int) -> Callable[[], Executor]:
    """Pools of so many processes; none of them outlives this process by more than a step."""
    most = 61 if sys.platform == "win32" else workers  # what Windows can wait for

    def new_executor() -> Executor:
        with _hang_ups_ignored(), _safe_path():
            resource_tracker.ensure_running()
        context = multiprocessing.get_context("spawn")
        return _Pool(min(workers, most), mp_context=context, initializer=_begin_worker)

    return new_executor


_HELD_BACK = {
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
}
"""What ends a grid."""


class _Pool(ProcessPoolExecutor):
    """A pool whose workers leave Ctrl-C, which a terminal sends to all of them, to this process."""

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        """Start workers with signals held back, which they inherit before their first line runs.

        One that comes meanwhile is for this process, afterwards: what it raised in here would leave
        a pool behind that is half begun.
        """
        with _safe_path():
            if threading.current_thread() is not threading.main_thread():
                return super().submit(*args, **kwargs)
            resource_tracker.ensure_running()  # it would let signals through once it has begun
            before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
            try:
                return super().submit(*args, **kwargs)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Processes that are begun meanwhile import nothing from the working folder.

    They are begun as `python -c`, which looks there first, even for its own library's modules: a
    multiprocessing.py that somebody has put there would run. What this process imports from, they
    do afterwards.
    """
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


@contextmanager
def _hang_ups_ignored() -> Iterator[None]:
    """Processes that are begun meanwhile ignore SIGHUP for good: a terminal sends it to all."""
    if not hasattr(signal, "SIGHUP") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def _begin_worker() -> None:
    """Be deaf to what a terminal sends to all, and end when SIGTERM comes between two jobs.

    A handler that a fork has from its parent would raise there, and the pool's loop goes on.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal's too goes to all of them
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    _keep_quiet()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _keep_quiet() -> None:
    """Print nothing: faults and warnings were shown by the parent, whose display the terminal is.

    With RELMEM_DEBUG=1 all of it goes to stderr, through a door as the parent's does.
    """
    if os.environ.get("RELMEM_DEBUG") == "1" and sys.stderr is not None:
        os.dup2(2, 1)
        sys.stdout = sys.stderr = cast("TextIO", Door(sys.stderr))
        return
    nothing = open(os.devnull, "w")  # noqa: SIM115,PTH123  # for as long as it lives
    sys.stdout = sys.stderr = nothing
    for descriptor in (1, 2):  # for what writes there itself
        os.dup2(nothing.fileno(), descriptor)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
