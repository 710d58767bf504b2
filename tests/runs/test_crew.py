"""A crew of workers that come, go, die and lack things on cue."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from pathlib import Path

import pytest

from relmem_cli.errors import RelmemError, StoppedError
from relmem_cli.runs import crew as crews
from relmem_cli.runs.crew import Crew, run_on
from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import sole_writer
from relmem_cli.runs.needs import Needs
from relmem_cli.runs.record import RunRecord
from relmem_cli.runs.schedule import DEATHS

NEEDS = Needs(relmem="1", plugins=[], files={}, ticket="")
PATIENCE = 0.1


class Town:
    """A cluster; `day` is called with each job that begins, its worker and what it will come to."""

    place = "town:1"

    def __init__(self, *workers: str, lacks: dict[str, str] | None = None) -> None:
        self.there = set(workers)
        self.lacks = lacks or {}
        self.asked: Counter[str] = Counter()
        self.did: list[tuple[str, str]] = []
        self.futures: list[Future[RunRecord]] = []
        self.day: Callable[[str, Job, Future[RunRecord]], None] = finish

    def workers(self) -> set[str]:
        return set(self.there)

    def look_at(self, worker: str, needs: Needs) -> Future[str]:
        assert needs is NEEDS
        self.asked[worker] += 1
        return answered(self.lacks.get(worker, ""))

    def submit(self, worker: str, job: Job) -> Future[RunRecord]:
        assert self.asked[worker]
        self.did.append((worker, job.settings.task))
        self.futures.append(Future())
        self.day(worker, job, self.futures[-1])
        return self.futures[-1]


def answered(text: str) -> Future[str]:
    future: Future[str] = Future()
    future.set_result(text)
    return future


def finish(worker: str, job: Job, future: Future[RunRecord]) -> None:
    future.set_result(replace(RunRecord.failed(job, ""), failure=None))


def begin(job: Job) -> None:
    """Leave the mark that a process leaves which dies in the job."""
    with sole_writer(job, lambda: False):
        mark = (job.folder / ".running").read_text()
    (job.folder / ".running").write_text(mark)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "LOOK_EVERY_SECONDS", 0.01)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    caplog.set_level("INFO", logger="relmem")
    return lambda: [record.getMessage() for record in caplog.records]


def ends(town: Town, jobs: list[Job], ticket: Path) -> dict[str, str | None]:
    """How each task's job ended; every job ends once."""
    results = list(run_on(Crew(town, NEEDS, PATIENCE), jobs, ticket))
    assert sorted(result.folder for result in results) == sorted(job.folder for job in jobs)
    return {str(result.task): result.failure for result in results}


def test_every_job_ends_once(make_job, ticket) -> None:
    jobs = [make_job(task=str(task)) for task in range(1, 7)]
    town = Town("ann", "bob")
    assert ends(town, jobs, ticket) == dict.fromkeys("123456")
    assert {worker for worker, _ in town.did} == {"ann", "bob"}
    assert town.asked == {"ann": 1, "bob": 1}


def test_a_worker_has_one_job_at_a_time(make_job, ticket) -> None:
    town = Town("ann", "bob")
    waiting: list[Callable[[], None]] = []

    def later(worker: str, job: Job, future: Future[RunRecord]) -> None:
        assert sum(not each.done() for each in town.futures) <= len(town.there)
        waiting.append(lambda: finish(worker, job, future))
        if len(waiting) == 2:
            waiting.pop(0)()

    town.day = later
    results = run_on(Crew(town, NEEDS, PATIENCE), [make_job(task=t) for t in "1234"], ticket)
    for _ in range(3):
        next(results)
    waiting.pop()()
    assert [result.failure for result in results] == [None]


def test_a_worker_that_joins_later_is_asked_and_works(make_job, ticket) -> None:
    town = Town("ann")

    def join(worker: str, job: Job, future: Future[RunRecord]) -> None:
        if worker == "bob":
            finish(worker, job, future)
            finish("ann", anns[0][0], anns[0][1])
        else:
            anns.append((job, future))
            town.there.add("bob")

    anns: list[tuple[Job, Future[RunRecord]]] = []
    town.day = join
    assert ends(town, [make_job(task="1"), make_job(task="2")], ticket) == {"1": None, "2": None}
    assert town.asked["bob"] == 1


def test_a_worker_that_joins_later_and_lacks_something_gets_no_runs_and_is_named_once(
    make_job, ticket, said
) -> None:
    town = Town("ann", lacks={"bob": "has no relmem"})

    def slowly(worker: str, job: Job, future: Future[RunRecord]) -> None:
        town.there.add("bob")
        time.sleep(0.02)  # several looks
        finish(worker, job, future)

    town.day = slowly
    assert ends(town, [make_job(task=t) for t in "12345"], ticket) == dict.fromkeys("12345")
    assert {worker for worker, _ in town.did} == {"ann"}
    assert said() == ["worker bob gets no runs: it has no relmem"]


def test_the_job_of_a_lost_worker_is_done_by_another(make_job, ticket) -> None:
    town = Town("ann", "bob")

    def lose(worker: str, job: Job, future: Future[RunRecord]) -> None:
        if worker == "ann":
            begin(job)
            town.there.discard("ann")
        else:
            finish(worker, job, future)

    town.day = lose
    assert ends(town, [make_job(task="1"), make_job(task="2")], ticket) == {"1": None, "2": None}
    assert sorted(town.did) == [("ann", "1"), ("bob", "1"), ("bob", "2")]
    assert town.futures[0].cancelled()  # else it would be done twice where the worker comes back


def test_what_a_worker_ended_before_it_was_lost_counts(make_job, ticket) -> None:
    town = Town("ann", "bob")

    def leave(worker: str, job: Job, future: Future[RunRecord]) -> None:
        finish(worker, job, future)
        town.there.discard("ann")

    town.day = leave
    assert ends(town, [make_job(task=t) for t in "123"], ticket) == dict.fromkeys("123")
    assert len(town.did) == 3


def test_a_job_that_keeps_killing_its_worker_fails_alone(make_job, ticket) -> None:
    town = Town("w1", "w2")

    def kill(worker: str, job: Job, future: Future[RunRecord]) -> None:
        if job.settings.task == "2":
            begin(job)
            town.there.discard(worker)
            town.there.add(f"{worker}+")
        else:
            finish(worker, job, future)

    town.day = kill
    ended = ends(town, [make_job(task=t) for t in "1234"], ticket)
    assert {task for task, failure in ended.items() if failure} == {"2"}
    assert f"lost the worker that ran it {DEATHS} times" in ended["2"]
    assert [task for _, task in town.did].count("2") == DEATHS


def test_a_worker_lost_before_its_job_began_is_nothing_against_the_job(make_job, ticket) -> None:
    town = Town("w")

    def vanish(worker: str, job: Job, future: Future[RunRecord]) -> None:
        if len(town.did) > DEATHS:
            finish(worker, job, future)
        else:
            town.there = {f"{worker}+"}

    town.day = vanish
    assert ends(town, [make_job()], ticket) == {"1": None}


def test_an_exception_is_its_jobs_failure_and_what_was_cancelled_begins_again(
    make_job, ticket
) -> None:
    town = Town("ann")

    def fail(worker: str, job: Job, future: Future[RunRecord]) -> None:
        if job.settings.task == "1":
            future.set_exception(ValueError("cannot\nbe sent"))
        elif len(town.did) == 2:
            future.set_exception(CancelledError())
        else:
            finish(worker, job, future)

    town.day = fail
    ended = ends(town, [make_job(task="1"), make_job(task="2")], ticket)
    assert ended == {"1": "ValueError: cannot be sent", "2": None}


def test_where_nobody_is_left_the_grid_stops_with_all_that_has_ended(
    make_job, ticket, said
) -> None:
    town = Town("ann")

    def last(worker: str, job: Job, future: Future[RunRecord]) -> None:
        if job.settings.task == "2":
            town.there.clear()
        else:
            finish(worker, job, future)

    town.day = last
    began = time.monotonic()  # before a worker was seen last, from when on it waits
    results = run_on(Crew(town, NEEDS, PATIENCE), [make_job(task=t) for t in "123"], ticket)
    assert str(next(results).task) == "1"
    with pytest.raises(StoppedError, match="for 0.1 seconds .*cluster at town:1 had no worker;"):
        next(results)
    assert time.monotonic() - began >= PATIENCE
    assert town.futures[-1].cancelled()
    assert not ticket.exists()
    assert said() == ["waiting up to 0.1 seconds for workers of the cluster at town:1"]


def test_where_only_workers_that_lack_something_are_left_one_is_named(make_job, ticket) -> None:
    town = Town("ann", lacks={"bob": "has no relmem"})

    def swap(worker: str, job: Job, future: Future[RunRecord]) -> None:
        town.there = {"bob"}

    town.day = swap
    with pytest.raises(StoppedError, match=r"no worker that fits \(bob has no relmem\)"):
        list(run_on(Crew(town, NEEDS, PATIENCE), [make_job()], ticket))


def test_a_worker_that_comes_in_time_goes_on(make_job, ticket, monkeypatch) -> None:
    town = Town("ann")

    def pause(worker: str, job: Job, future: Future[RunRecord]) -> None:
        if worker == "ann":
            town.there.clear()
        else:
            finish(worker, job, future)

    def come(seconds: float) -> None:
        town.there.add("bob")

    town.day = pause
    monkeypatch.setattr(crews.time, "sleep", come)
    assert ends(town, [make_job()], ticket) == {"1": None}


def test_the_time_without_workers_begins_when_the_last_one_goes(
    make_job, ticket, monkeypatch
) -> None:
    town = Town("ann")

    def work_long(worker: str, job: Job, future: Future[RunRecord]) -> None:
        if worker == "bob":
            finish(worker, job, future)
        elif job.settings.task == "2":
            town.there.clear()
            monkeypatch.setattr(crews.time, "sleep", lambda _: town.there.add("bob"))
        else:
            time.sleep(2 * PATIENCE)
            finish(worker, job, future)

    town.day = work_long
    jobs = [make_job(task=task) for task in "123"]
    assert ends(town, jobs, ticket) == dict.fromkeys("123")


def test_closing_the_results_takes_the_ticket_back_and_cancels_what_runs(make_job, ticket) -> None:
    town = Town("ann", "bob")
    town.day = lambda worker, job, future: worker == "ann" and finish(worker, job, future)
    results = run_on(Crew(town, NEEDS, PATIENCE), [make_job(task=t) for t in "123"], ticket)
    next(results)
    assert ticket.exists()
    results.close()
    assert not ticket.exists()
    assert all(future.done() for future in town.futures)


def test_a_crew_that_lacks_nothing_is_ready_without_a_word(said) -> None:
    town = Town("ann", "bob")
    Crew(town, NEEDS, PATIENCE).assemble()
    assert town.asked == {"ann": 1, "bob": 1}
    assert said() == []


def test_nothing_begins_where_a_worker_lacks_something(said) -> None:
    town = Town("ann", "bob", "cy", lacks={"bob": "has no relmem", "cy": "has no relmem"})
    with pytest.raises(RelmemError, match=r"worker bob has no relmem, and 1 more lack") as refused:
        Crew(town, NEEDS, 3600).assemble()
    assert not isinstance(refused.value, StoppedError)
    with pytest.raises(RelmemError, match=r"worker cy has no relmem; mend that"):
        Crew(Town("cy", lacks=town.lacks), NEEDS, 3600).assemble()


def test_nothing_begins_before_every_worker_has_answered() -> None:
    class Slow(Town):
        def look_at(self, worker: str, needs: Needs) -> Future[str]:
            return super().look_at(worker, needs) if worker == "ann" else asked

        def workers(self) -> set[str]:
            looks.append(time.monotonic())
            if len(looks) == 4:
                asked.set_result("does not see /data")
            return super().workers()

    asked: Future[str] = Future()
    looks: list[float] = []
    with pytest.raises(RelmemError, match="bob does not see /data"):
        Crew(Slow("ann", "bob"), NEEDS, PATIENCE).assemble()


def test_who_starts_workers_late_is_told_that_they_are_waited_for(said) -> None:
    class Late(Town):
        def workers(self) -> set[str]:
            if said():
                self.there.add("ann")
            return super().workers()

    Crew(Late(), NEEDS, 3600).assemble()
    assert said() == ["waiting up to 3600 seconds for workers of the cluster at town:1"]


def test_a_cluster_without_workers_is_given_up_in_one_sentence() -> None:
    with pytest.raises(RelmemError, match="had no worker; start some") as refused:
        Crew(Town(), NEEDS, PATIENCE).assemble()
    assert not isinstance(refused.value, StoppedError)
    assert str(refused.value).endswith(".")
