import os
import signal

import pytest

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.plugins import Plugin, registry
from relmem_cli.runs import worker as working
from relmem_cli.runs.record import RunRecord, finished
from relmem_cli.runs.run import Run
from relmem_cli.runs.worker import work


def test_a_job_ends_with_its_models_figures(make_job) -> None:
    job = make_job()
    result = work(job)
    assert result.failure is None
    assert (result.task, result.test_n) == (1, 72)
    assert result == finished(job)


def test_every_epoch_is_told_to_plugins(make_job, monkeypatch) -> None:
    told = []
    monkeypatch.setattr(type(registry()), "training_event", lambda _, event: told.append(event))
    job = make_job()
    Run(job).train()
    assert [event.epoch for event in told] == [1, 2, 3, 4]
    assert {event.run for event in told} == {str(job.folder)}


def test_a_persons_mistake_is_one_sentence(make_job) -> None:
    job = make_job(task="7")
    result = work(job)
    assert "is missing" in result.failure
    assert not job.folder.exists()
    with pytest.raises(RelmemError, match="is missing"):
        Run(job).train()


def test_where_a_worker_lacks_the_variant_its_plugins_fault_is_told(make_job, monkeypatch) -> None:
    lost = Plugin(name="kv", distribution="kvdecay", version="0", location="kv.plugin")
    lost.faults.append("loading: ImportError: no kv")
    monkeypatch.setattr(registry(), "plugins", [*registry().plugins, lost])
    failure = work(make_job(variant="kv-decay")).failure
    assert failure.startswith("there is no variant 'kv-decay'; ")
    assert failure.endswith(" In this worker, plugin kvdecay: loading: ImportError: no kv.")
    assert "kvdecay" not in (work(make_job(task="7")).failure)


def test_any_other_exception_is_its_type_and_text(make_job, monkeypatch) -> None:
    def broken(self: object) -> None:
        raise ZeroDivisionError("oh\nno")

    monkeypatch.setattr(Run, "finish", broken)
    assert work(make_job()).failure == "ZeroDivisionError: oh no"


def test_a_job_that_nobody_wants_does_not_begin(make_job, ticket) -> None:
    ticket.unlink()
    job = make_job()
    assert "--resume" in work(job).failure
    assert not job.folder.exists()


def test_a_job_ends_early_when_its_ticket_is_taken_back(make_job, ticket, monkeypatch) -> None:
    monkeypatch.setattr(working, "LOOK_EVERY_SECONDS", 0.0)
    monkeypatch.setattr(type(registry()), "training_event", lambda *_: ticket.unlink())
    job = make_job()
    assert "stopped" in work(job).failure
    assert (job.folder / "metrics.jsonl").read_text().count("\n") == 1
    assert (job.folder / "last.safetensors").exists()


def test_a_process_that_is_terminated_saves_its_last_epoch_first(make_job, monkeypatch) -> None:
    ended = []
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(
        type(registry()), "training_event", lambda *_: os.kill(os.getpid(), signal.SIGTERM)
    )
    before = signal.getsignal(signal.SIGTERM)
    job = make_job()
    work(job)
    assert ended == [143]
    assert (job.folder / "last.safetensors").exists()
    assert not (job.folder / ".running").exists()
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_job_that_another_worker_finished_is_not_trained_again(make_job, monkeypatch) -> None:
    job = make_job()
    first = work(job)
    monkeypatch.setattr(Run, "events", None)
    assert work(job) == first


def test_a_run_that_is_not_to_be_resumed_is_not_overwritten(make_job) -> None:
    Run(make_job(ticket=None, resume=False)).train()
    with pytest.raises(UsageError, match="--resume"):
        Run(make_job(ticket=None, resume=False)).train()


def test_a_failure_is_a_row_without_figures(make_job) -> None:
    job = make_job(task="3", seed=2)
    (row,) = RunRecord.failed(job, "It broke.").to_rows()
    assert (row["task"], row["seed"], row["failure"]) == (3, 2, "It broke.")
    assert row["test_error"] is row["model"] is row["fold"] is None
