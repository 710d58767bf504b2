"""The schedule with executors whose workers die on cue."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from relmem_cli.errors import RelmemError
from relmem_cli.runs import schedule
from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import sole_writer
from relmem_cli.runs.record import RunRecord
from relmem_cli.runs.schedule import DEATHS, run_grid


def ended(job: Job) -> RunRecord:
    """A run that came to its end."""
    return replace(RunRecord.failed(job, ""), failure=None)


class Cluster:
    """Executors of `width` workers each; a job in `deadly` kills its worker and so the executor."""

    def __init__(self, width: int = 2, deadly: tuple[str, ...] = (), still_born: int = 0) -> None:
        self.width = width
        self.deadly = deadly
        self.still_born = still_born
        self.begun: Counter[str] = Counter()
        self.alone: Counter[str] = Counter()

    def new(self) -> Executor:
        return _Scripted(self)


class _Scripted(Executor):
    """Begins the first `width` jobs at once when it is waited for, and then the others."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._futures: list[tuple[Future[Any], Job]] = []

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._futures.append((future, arguments[0]))
        return future

    def go(self) -> None:
        cluster = self._cluster
        if cluster.still_born > 0:
            cluster.still_born -= 1
            return self._break()
        while self._futures:
            batch = self._futures[: cluster.width]
            for _, job in batch:
                cluster.begun[job.settings.task] += 1
                cluster.alone[job.settings.task] += len(self._futures) == 1
            if any(job.settings.task in cluster.deadly for _, job in batch):
                for _, job in batch:
                    if job.settings.task in cluster.deadly:
                        leave_a_mark(job)
                return self._break()
            for future, job in batch:
                future.set_result(ended(job))
            del self._futures[: cluster.width]
        return None

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        pass

    def _break(self) -> None:
        for future, _ in self._futures:
            future.set_exception(BrokenExecutor("a worker died"))


def leave_a_mark(job: Job) -> None:
    """As a process does that dies in a job."""
    with sole_writer(job, lambda: False):
        mark = (job.folder / ".running").read_text()
    (job.folder / ".running").write_text(mark)


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let scripted executors begin when they are waited for."""
    wait = schedule.wait
    executors: list[_Scripted] = []
    submit = _Scripted.submit

    def remember(self: _Scripted, *arguments: Any) -> Future[Any]:
        executors.append(self)
        return submit(self, *arguments)

    def go_and_wait(*arguments: Any, **more: Any) -> Any:
        if executors:
            executors[-1].go()
            executors.clear()
        return wait(*arguments, **more)

    monkeypatch.setattr(_Scripted, "submit", remember)
    monkeypatch.setattr(schedule, "wait", go_and_wait)


def ends(cluster: Cluster, jobs: list[Job], ticket: Path) -> dict[str, str | None]:
    """How each task's job ended; every job ends once."""
    results = list(run_grid(cluster.new, jobs, ticket))
    assert sorted(result.folder for result in results) == sorted(job.folder for job in jobs)
    return {str(result.task): result.failure for result in results}


def test_every_job_ends_once(make_job, ticket) -> None:
    jobs = [make_job(task=str(task)) for task in range(1, 6)]
    cluster = Cluster()
    assert ends(cluster, jobs, ticket) == dict.fromkeys("12345")
    assert set(cluster.begun.values()) == {1}


def test_a_job_that_keeps_killing_its_worker_fails_alone(make_job, ticket) -> None:
    jobs = [make_job(task=str(task)) for task in range(1, 6)]
    cluster = Cluster(width=3, deadly=("2",))
    ended = ends(cluster, jobs, ticket)
    assert {task for task, failure in ended.items() if failure} == {"2"}
    assert f"died {DEATHS} times" in ended["2"]
    assert cluster.begun["2"] == DEATHS


def test_the_last_chance_of_a_job_is_when_nothing_else_runs(make_job, ticket) -> None:
    jobs = [make_job(task=str(task)) for task in range(1, 6)]
    cluster = Cluster(width=5, deadly=("2", "4"))
    ended = ends(cluster, jobs, ticket)
    assert {task for task, failure in ended.items() if failure} == {"2", "4"}
    assert cluster.alone["2"] == cluster.alone["4"] == 1


def test_executors_that_break_before_any_job_begins_are_not_tried_for_ever(
    make_job, ticket
) -> None:
    with pytest.raises(RelmemError, match="before any run began"):
        list(run_grid(Cluster(still_born=99).new, [make_job()], ticket))
    assert ends(Cluster(still_born=2), [make_job()], ticket) == {"1": None}


def test_an_exception_of_the_executor_is_that_jobs_failure(make_job, ticket) -> None:
    class Refusing(Executor):
        def submit(self, work: Any, /, job: Job) -> Future[Any]:
            future: Future[Any] = Future()
            if job.settings.task == "2":
                future.set_exception(ValueError("cannot\nbe sent"))
            else:
                future.set_result(ended(job))
            return future

    jobs = [make_job(task="1"), make_job(task="2")]
    failures = {str(r.task): r.failure for r in run_grid(Refusing, jobs, ticket)}
    assert failures == {"1": None, "2": "ValueError: cannot be sent"}


def test_cancelled_jobs_go_to_the_next_executor(make_job, ticket) -> None:
    class Gone(Executor):
        def submit(self, work: Any, /, job: Job) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(CancelledError())
            return future

    cluster = Cluster()
    executors = iter([Gone(), cluster.new()])
    (result,) = run_grid(lambda: next(executors), [make_job()], ticket)
    assert result.failure is None
    assert cluster.begun["1"] == 1


def test_closing_the_results_takes_the_ticket_back_and_cancels_what_waits(make_job, ticket) -> None:
    futures: list[Future[Any]] = []

    class Slow(Executor):
        def submit(self, work: Any, /, job: Job) -> Future[Any]:
            futures.append(Future())
            if len(futures) == 1:
                futures[0].set_result(ended(job))
            return futures[-1]

    results = run_grid(Slow, [make_job(task="1"), make_job(task="2")], ticket)
    next(results)
    assert ticket.exists()
    results.close()
    assert not ticket.exists()
    assert futures[1].cancelled()
