import os
import platform
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from relmem_cli.errors import RelmemError
from relmem_cli.runs import locks
from relmem_cli.runs.locks import check_free, is_running, issue_ticket, sole_writer, writers


def never() -> bool:
    return False


def test_a_ticket_is_there_until_its_grid_ends(tmp_path) -> None:
    with issue_ticket(tmp_path / "new") as ticket:
        assert ticket.exists()
    assert not ticket.exists()


def test_a_folder_has_one_writer(make_job) -> None:
    job = make_job()
    with sole_writer(job, never) as mine:
        assert mine
        with (
            pytest.raises(RelmemError, match=r"process \d+ on .* is training in"),
            sole_writer(job, never),
        ):
            pass
    with sole_writer(job, never) as mine:
        assert mine


@pytest.mark.parametrize("text", ["", ".grid-te", ".grid-test\n"])
def test_a_process_that_has_not_said_who_it_is_holds_its_folder_all_the_same(
    make_job, text: str
) -> None:
    job = make_job()
    with sole_writer(job, never):
        (job.folder / ".running").write_text(text)
        assert not is_running(job)
        with pytest.raises(RelmemError, match="another process is training in"):
            check_free(job)


def test_a_job_that_was_started_twice_waits_for_the_first_to_end(make_job) -> None:
    job = make_job(shared=True)
    entered, leave, seen = threading.Event(), threading.Event(), []

    def first() -> None:
        with sole_writer(job, never):
            entered.set()
            leave.wait(timeout=30)
            seen.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    entered.wait(timeout=30)
    threading.Timer(0.2, leave.set).start()
    with sole_writer(job, never) as mine:
        seen.append("second")
    thread.join()
    assert mine
    assert seen == ["first", "second"]


def test_what_a_killed_writer_had_begun_to_write_is_deleted_by_the_next_one_alone(make_job) -> None:
    job = make_job()
    names = ("settings.toml", "metrics.jsonl", "best.safetensors", "last.safetensors")
    folders = (job.folder, job.folder / "seed-0", job.folder / "seed-1")
    half = [folder / f".{name}.{7:016x}" for folder in folders for name in names]
    kept = [job.folder / f".notes.{7:016x}", job.folder / "seed-1" / "best.safetensors"]
    for path in (*half, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    with sole_writer(job, never):
        assert not any(path.exists() for path in half)
        half[0].write_text("")
        with pytest.raises(RelmemError), sole_writer(job, never):
            pass
        assert half[0].exists()
    assert all(path.exists() for path in kept)


def test_a_held_folder_is_known_before_anything_begins(make_job) -> None:
    job = make_job()
    check_free(job)
    assert not job.folder.exists()
    with sole_writer(job, never):
        with pytest.raises(RelmemError, match="is training in"):
            check_free(job)
        check_free(make_job(shared=True))
    check_free(job)


def test_a_job_that_nobody_wants_does_not_wait(make_job, monkeypatch) -> None:
    monkeypatch.setattr(locks, "LOOK_EVERY_SECONDS", 0.01)
    job = make_job(shared=True)
    with sole_writer(job, never), sole_writer(job, lambda: True) as mine:
        assert not mine


def test_a_job_runs_from_its_begin_to_its_end_for_its_own_grid(make_job, tmp_path) -> None:
    job = make_job()
    assert not is_running(job)
    with sole_writer(job, never):
        assert is_running(job)
        assert not is_running(make_job(ticket=tmp_path / ".grid-another"))
    assert not is_running(job)


def test_a_job_may_end_while_it_is_asked_who_is_at_work(make_job, monkeypatch) -> None:
    job = make_job()
    with sole_writer(job, never):
        assert writers([job]) == {os.getpid()}
        reads = iter([(job.folder / ".running").read_text()])
        monkeypatch.setattr(locks, "_text", lambda _: next(reads, ""))
        assert writers([job]) == {os.getpid()}


@pytest.mark.skipif(os.name == "nt", reason="Windows tells no process from its number")
def test_the_ticket_of_a_grid_that_was_killed_is_taken_away_by_the_next(tmp_path: Path) -> None:
    here = platform.node()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / ".grid-dead").write_text(f"process {ended.pid} on {here}\n")
    (tmp_path / ".grid-alive").write_text(f"process {os.getpid()} on {here}\n")
    (tmp_path / ".grid-elsewhere").write_text(f"process {ended.pid} on another\n")
    (tmp_path / ".grid-odd").write_text("")
    with issue_ticket(tmp_path):
        left = {path.name for path in tmp_path.iterdir()}
    assert {".grid-alive", ".grid-elsewhere", ".grid-odd"} <= left
    assert ".grid-dead" not in left
