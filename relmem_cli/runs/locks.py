"""Who works in a run's folder, and whether anybody waits for it.

Three files tell, so that any executor will do that shares a file system with the grid:

.grid-*   a grid's ticket, beside its runs' folders: while it is there, the grid wants results;
          and a lock that it holds, for a cluster's workers to see that they see locks
.lock     in a run's folder: locked by the one process that writes there, until it ends
.running  in a run's folder: names that process and its ticket; left behind only by one that died
"""

import os
import platform
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from relmem_cli.errors import RelmemError
from relmem_cli.files import read_whole, write_atomically
from relmem_cli.plain import brief_line
from relmem_cli.runs.folder import RunFolder, refuse_link
from relmem_cli.runs.job import Job

LOOK_EVERY_SECONDS = 1.0
"""How often a job looks for its ticket, or for the end of the process it waits for."""


class _Mark(NamedTuple):
    """What `.running` says, a line each: the ticket's name, "" for none, and the process."""

    ticket: str
    process: str


@contextmanager
def issue_ticket(folder: Path) -> Iterator[Path]:
    """A new grid's ticket in `folder`, taken back at the end if not before.

    Those of grids that died on this machine are taken away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(".grid-*"):
        if _has_died(_said(old)):
            old.unlink(missing_ok=True)
    ticket = folder / f".grid-{secrets.token_hex(8)}"
    ticket.write_text(_me() + "\n", encoding="utf-8")
    try:
        yield ticket
    finally:
        ticket.unlink(missing_ok=True)


def _said(ticket: Path) -> str:
    """The process that a ticket names, "" where that cannot be read."""
    try:
        return _text(ticket).strip()
    except (OSError, ValueError):
        return ""


def _has_died(named: str) -> bool:
    """Whether what `_me` says was a process of this machine that is no more."""
    try:
        if os.name == "nt":  # where signal 0 is Ctrl-C
            return False
        os.kill(_number(named), 0)
    except ProcessLookupError:
        return named.partition(" on ")[2] == platform.node()
    except (OSError, ValueError):
        return False
    return False


@contextmanager
def hold_beside(ticket: Path) -> Iterator[None]:
    """Hold the lock beside a ticket, which `lack_beside` looks for."""
    lock = FileLock(_beside(ticket))
    lock.acquire(timeout=0)
    try:
        yield
    finally:
        lock.release()
        _beside(ticket).unlink(missing_ok=True)


def lack_beside(ticket: Path) -> str:
    """What the ticket's folder is not that it must be, seen from here, as the rest of a sentence.

    "" where it is the one that the grid writes to, can be written to, and has locks that hold.
    """
    folder = ticket.parent
    own = ticket.with_name(f"{ticket.name}-{secrets.token_hex(8)}.lock")
    try:
        if not ticket.exists():
            return f"does not see what this machine writes to {folder}"
        with FileLock(own, timeout=0):
            pass
        with FileLock(_beside(ticket), timeout=0):
            return f"sees {folder} on a file system whose locks do not hold"
    except Timeout:
        return ""
    except OSError as error:
        return f"cannot write to {folder} ({error.strerror})"
    except NotImplementedError:
        return f"sees {folder} on a file system without locks"
    finally:
        with suppress(OSError):
            own.unlink()


def _beside(ticket: Path) -> Path:
    return ticket.with_name(f"{ticket.name}.lock")


@contextmanager
def sole_writer(job: Job, unwanted: Callable[[], bool]) -> Iterator[bool]:
    """Hold the folder; False where `unwanted` came true while another process held it.

    The system releases a lock when its process ends, however it ends. So of a job that was started
    twice the second begins when the first has ended, and goes on where that one was. Raises
    RelmemError where another process holds the folder and the job is not `shared`.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(job.folder / ".lock")
    if not _acquire(lock, job, unwanted):
        yield False
        return
    mark = _Mark(_name(job.ticket), _me())
    try:
        write_atomically(_running(job), "".join(f"{line}\n" for line in mark))
        for folder in (job.folder, *job.folder.glob("seed-*")):
            RunFolder(path=folder).drop_abandoned()
        yield True
    finally:
        _running(job).unlink(missing_ok=True)
        lock.release()


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold a run's folder. Raises RelmemError where a process trains there."""
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RelmemError(f"{_writer(folder)} is training in {folder}; wait for it.") from None
    try:
        yield
    finally:
        lock.release()


def is_busy(folder: Path) -> bool:
    """Whether a run's folder says that it is trained in, unless by a process that has died."""
    return (folder / ".running").exists() and not _has_died(_process(folder))


def check_free(job: Job) -> None:
    """Raise RelmemError where another process holds the folder and the job is not `shared`.

    And UsageError where the folder is a link.
    """
    refuse_link(job.folder)
    lock = FileLock(job.folder / ".lock")
    if not job.shared and Path(lock.lock_file).exists() and _acquire(lock, job, lambda: True):
        lock.release()


def is_running(job: Job) -> bool:
    """Whether the job was begun for its ticket and has not ended, unless its process died."""
    return _mark_of(job) is not None


def writers(jobs: Iterable[Job]) -> set[int]:
    """The numbers of the processes that `is_running` is true of."""
    return {_number(mark.process) for mark in map(_mark_of, jobs) if mark}


def _mark_of(job: Job) -> _Mark | None:
    """What is said for the job's ticket; read once, since the job may end at any time."""
    mark = _read_mark(job.folder)
    return mark if mark is not None and mark.ticket == _name(job.ticket) else None


def _acquire(lock: FileLock, job: Job, unwanted: Callable[[], bool]) -> bool:
    while True:
        try:
            lock.acquire(timeout=LOOK_EVERY_SECONDS if job.shared else 0)
        except Timeout:
            if not job.shared:
                raise RelmemError(_in_use(job.folder)) from None
            if unwanted():
                return False
        else:
            return True


def _in_use(folder: Path) -> str:
    who = _writer(folder)
    return f"{who} is training in {folder}; wait for it, or choose another folder with --out."


def _writer(folder: Path) -> str:
    """The process that a run's folder names, for people."""
    return brief_line(_process(folder), 80) or "another process"


def _process(folder: Path) -> str:
    """The process that a run's folder names, "" where it names none."""
    mark = _read_mark(folder)
    return mark.process if mark else ""


def _read_mark(folder: Path) -> _Mark | None:
    """Whose the folder is, None where nobody says so or not all of it is written."""
    try:
        return _Mark(*_text(folder / ".running").splitlines())
    except (OSError, TypeError, ValueError):
        return None


def _text(path: Path) -> str:
    """What a mark or a ticket says. Raises OSError, and ValueError where it is no text."""
    return read_whole(path, 1 << 12).decode()


def _running(job: Job) -> Path:
    return job.folder / ".running"


def _name(ticket: Path | None) -> str:
    return ticket.name if ticket else ""


def _number(named: str) -> int:
    """The number of a process as `_me` says it. Raises ValueError where it says something else."""
    return int(named.partition(" on ")[0].removeprefix("process "))


def _me() -> str:
    return f"process {os.getpid()} on {platform.node()}"
