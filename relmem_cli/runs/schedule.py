"""Handing jobs to an executor until every one of them has ended, exactly once."""

import multiprocessing
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from contextlib import closing, contextmanager
from pathlib import Path

from relmem_cli.errors import RelmemError
from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import is_running, writers
from relmem_cli.runs.record import RunRecord
from relmem_cli.runs.worker import work
from relmem_cli.sealing import named

DEATHS = 3
"""A job whose worker died this often has failed."""

IDLE_SECONDS = 10.0
"""How long a worker without a job may take to end when none is wanted any more."""

_Futures = dict[Future[RunRecord], Job]


def run_grid(
    new_executor: Callable[[], Executor],
    jobs: Sequence[Job],
    ticket: Path,
    stopping: Callable[[], None] = lambda: None,
) -> Generator[RunRecord, None, None]:
    """Results as the jobs end; each job has one. Closing the iterator stops what is under way.

    `ticket` is that of all the jobs; `stopping` is called when a stop is heard, before the wait for
    what is under way. Workers that have not begun a job are not waited for.

    An executor that breaks (a worker was killed) is replaced, and all that had not ended begins
    again where it was. Which job was at fault shows afterwards: workers that the executor sent
    away took their marks with them. A job is given its last chance when nothing else runs, so that
    none fails for another's death.

    Raises RelmemError where executors keep breaking while no job is under way.
    """
    left = {job.folder: job for job in jobs}
    deaths: Counter[Path] = Counter()
    broken = 0
    while left:
        batch = [job for job in left.values() if deaths[job.folder] < DEATHS - 1]
        batch = batch or [next(iter(left.values()))]
        before = len(left)
        with closing(_attempt(new_executor(), batch, ticket, stopping)) as results:
            for result in results:
                del left[result.folder]
                yield result
        unfinished = [job for job in batch if job.folder in left]
        died = [job for job in unfinished if is_running(job)]
        deaths.update(job.folder for job in died)
        broken = broken + 1 if unfinished and not died and before == len(left) else 0
        if broken == DEATHS:
            raise RelmemError("the workers ended before any run began; --workers 1 may show why.")
        for job in died:
            if deaths[job.folder] == DEATHS:
                yield _dead(left.pop(job.folder))


def _attempt(
    executor: Executor, jobs: Sequence[Job], ticket: Path, stopping: Callable[[], None]
) -> Generator[RunRecord, None, None]:
    """Results until all jobs have ended or the executor breaks; then no worker is left."""
    futures: _Futures = {}
    try:
        waiting = _submit(executor, jobs, futures)
        while waiting:
            done, waiting = wait(waiting, timeout=1, return_when=FIRST_COMPLETED)
            for future in done:
                yield from _result(future, futures[future])
    except BaseException:  # Ctrl-C, SIGTERM, or nobody wants more
        ticket.unlink(missing_ok=True)
        stopping()
        _end_idle(jobs)
        raise
    finally:
        _close(executor, futures, jobs)


def _submit(executor: Executor, jobs: Sequence[Job], futures: _Futures) -> set[Future[RunRecord]]:
    try:
        for job in jobs:
            futures[executor.submit(work, job)] = job
    except BrokenExecutor:
        pass  # what was not submitted has not ended: it is for the next executor
    return set(futures)


def _result(future: Future[RunRecord], job: Job) -> Iterator[RunRecord]:
    try:
        yield future.result()
    except (BrokenExecutor, CancelledError):
        return
    except Exception as error:
        yield RunRecord.failed(job, named(error))


def _end_idle(jobs: Sequence[Job]) -> None:
    """End the workers that have begun no job: to import torch takes seconds, and is in vain."""
    busy = writers(jobs)
    for child in multiprocessing.active_children():
        if child.pid not in busy:
            child.kill()


@contextmanager
def _idle_ended(jobs: Sequence[Job]) -> Iterator[None]:
    """Meanwhile workers end that have no job and do not end of their own accord.

    One that was killed may have held the lock of the queue that the others wait for, and what asks
    them to end then is a signal, which comes to nothing where one comes just as a job is over.
    """
    over = threading.Event()

    def look() -> None:
        while not over.wait(IDLE_SECONDS):
            _end_idle(jobs)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()


def _close(executor: Executor, futures: _Futures, jobs: Sequence[Job]) -> None:
    for future in futures:
        future.cancel()
    try:
        with _idle_ended(jobs):
            executor.shutdown(wait=True)
    except BaseException:  # a second Ctrl-C: no more waiting
        for child in multiprocessing.active_children():
            child.kill()
        raise


def _dead(job: Job) -> RunRecord:
    return RunRecord.failed(
        job,
        f"the process that ran it died {DEATHS} times, the last time alone: "
        "it was killed, or the memory was not enough.",
    )
