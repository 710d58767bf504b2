"""Runs on a cluster: a worker is looked at before it gets any, and has one at a time."""

import logging
import time
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from pathlib import Path
from typing import Protocol

from relmem_cli.errors import RelmemError, StoppedError
from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import LOOK_EVERY_SECONDS, is_running
from relmem_cli.runs.needs import Needs
from relmem_cli.runs.record import RunRecord
from relmem_cli.runs.schedule import DEATHS
from relmem_cli.sealing import named

_LOG = logging.getLogger("relmem.cluster")

_UnderWay = dict[Future[RunRecord], tuple[str, Job]]


class Cluster(Protocol):
    """Workers by address, which come and go."""

    @property
    def place(self) -> str:
        """Where it is reached."""
        ...

    def workers(self) -> set[str]:
        """Those that are there now; raises StoppedError where the cluster itself has gone."""
        ...

    def look_at(self, worker: str, needs: Needs) -> Future[str]:
        """What a worker lacks, as the rest of a sentence; "" for nothing."""
        ...

    def submit(self, worker: str, job: Job) -> Future[RunRecord]:
        """Have this worker, and no other, do a job."""
        ...


class Crew:
    """The workers of a cluster, of which there may be none for `patience` seconds."""

    def __init__(self, cluster: Cluster, needs: Needs, patience: float) -> None:
        self.cluster = cluster
        self._needs = needs
        self._patience = patience
        self._answers: dict[str, Future[str]] = {}
        self._told: set[str] = set()
        self._fit: set[str] = set()
        self._seen = time.monotonic()
        self._look_at = 0.0
        self._waits = False

    def assemble(self) -> None:
        """Wait until there are workers and all of them were looked at.

        Raises RelmemError where there are none in time, or one lacks anything.
        """
        try:
            while not self._look() or self._asking:
                self._refuse()
                time.sleep(LOOK_EVERY_SECONDS / 10)
        except StoppedError as error:
            raise RelmemError(f"{error}.") from error
        self._refuse()

    def fit(self) -> set[str]:
        """Those that lack nothing, as of the last second; the others are named in the log, once.

        Raises StoppedError where there has been none for too long.
        """
        if time.monotonic() >= self._look_at:
            self._fit = self._look()
            self._look_at = time.monotonic() + LOOK_EVERY_SECONDS
            for worker, lack in self._lacking():
                if worker not in self._told:
                    self._told.add(worker)
                    _LOG.warning("worker %s gets no runs: it %s", worker, lack)
        return self._fit

    def _look(self) -> set[str]:
        """Those that are there and lack nothing; who is new is asked."""
        there = self.cluster.workers()
        for worker in there - self._answers.keys():
            self._answers[worker] = self.cluster.look_at(worker, self._needs)
        self._answers = {one: answer for one, answer in self._answers.items() if one in there}
        answers = self._answers.items()
        fit = {worker for worker, answer in answers if answer.done() and not answer.result()}
        self._wait_for(fit)
        return fit

    def _wait_for(self, fit: set[str]) -> None:
        if fit:
            self._seen, self._waits = time.monotonic(), False
        elif self._asking:
            return
        elif time.monotonic() > self._seen + self._patience:
            lacking = [f" that fits ({worker} {lack})" for worker, lack in self._lacking()]
            raise StoppedError(
                f"for {self._patience:g} seconds (--wait) the Dask cluster at "
                f"{self.cluster.place} had no worker{''.join(lacking[:1])}; start some with "
                "`dask worker`"
            )
        elif not self._waits:
            self._waits = True
            where, seconds = self.cluster.place, self._patience
            _LOG.info("waiting up to %g seconds for workers of the cluster at %s", seconds, where)

    def _refuse(self) -> None:
        lacking = self._lacking()
        if lacking:
            worker, lack = lacking[0]
            more = f", and {len(lacking) - 1} more lack something" if len(lacking) > 1 else ""
            raise RelmemError(f"worker {worker} {lack}{more}; mend that, or stop the worker.")

    @property
    def _asking(self) -> bool:
        return not all(answer.done() for answer in self._answers.values())

    def _lacking(self) -> list[tuple[str, str]]:
        """Each worker that has said that it lacks something, and what."""
        done = {one: answer.result() for one, answer in self._answers.items() if answer.done()}
        return sorted((worker, lack) for worker, lack in done.items() if lack)


def run_on(crew: Crew, jobs: Sequence[Job], ticket: Path) -> Generator[RunRecord, None, None]:
    """Results as the jobs end; each job has one. Closing the iterator stops what is under way.

    `ticket` is that of all the jobs. A job whose worker is lost begins again where it was, on
    another one, until it has lost DEATHS workers.

    Raises StoppedError where no worker that lacks nothing is left for too long.
    """
    left = deque(jobs)
    under_way: _UnderWay = {}
    deaths: Counter[Path] = Counter()
    try:
        while left or under_way:
            yield from _ended(under_way, left)
            fit = crew.fit()
            yield from _lost(under_way, left, fit, deaths)
            busy = {worker for worker, _ in under_way.values()}
            for worker in sorted(fit - busy)[: len(left)]:
                job = left.popleft()
                under_way[crew.cluster.submit(worker, job)] = worker, job
            if under_way:
                wait(under_way, timeout=LOOK_EVERY_SECONDS, return_when=FIRST_COMPLETED)
            elif left:
                time.sleep(LOOK_EVERY_SECONDS)
    except BaseException:  # Ctrl-C, SIGTERM, nobody wants more, or nobody works
        ticket.unlink(missing_ok=True)
        raise
    finally:
        for future in under_way:
            future.cancel()


def _ended(under_way: _UnderWay, left: deque[Job]) -> Iterator[RunRecord]:
    """Take away what has ended; what was cancelled is left to be done."""
    for future in [one for one in under_way if one.done()]:
        _, job = under_way.pop(future)
        try:
            yield future.result()
        except CancelledError:
            left.appendleft(job)
        except Exception as error:
            yield RunRecord.failed(job, named(error))


def _lost(
    under_way: _UnderWay, left: deque[Job], fit: set[str], deaths: Counter[Path]
) -> Iterator[RunRecord]:
    """Take away what has no worker any more; it is left to be done, unless that kills workers."""
    for future in [one for one, (worker, _) in under_way.items() if worker not in fit]:
        _, job = under_way.pop(future)
        future.cancel()
        deaths[job.folder] += is_running(job)
        if deaths[job.folder] < DEATHS:
            left.appendleft(job)
        else:
            yield RunRecord.failed(
                job,
                f"the cluster lost the worker that ran it {DEATHS} times: "
                "they were killed, or the memory was not enough.",
            )
