"""Real processes of this machine: the same bits, failures alone, deaths, Ctrl-C, a lost parent."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from relmem_cli.runs import schedule
from relmem_cli.runs.pool import at_home
from relmem_cli.runs.schedule import run_grid
from relmem_cli.runs.worker import work
from relmem_cli.training.checkpoints import read_tensors
from tests.runs import loud
from tests.runs.watching import PATIENCE_SECONDS, epochs, kill_halfway, until

FORK = multiprocessing.get_context("fork") if hasattr(os, "fork") else None
RELMEM = str(Path(sys.executable).with_name("relmem"))


def same_bits(one: Path, other: Path) -> bool:
    (_, left), (_, right) = read_tensors(one), read_tensors(other)
    return left.keys() == right.keys() and all(left[key].equal(right[key]) for key in left)


def test_side_by_side_gives_the_same_bits_as_one_by_one(make_job, ticket) -> None:
    jobs = [make_job(task=task, seed=seed) for task in ("1", "2") for seed in (0, 1)]
    jobs.append(make_job(task="7"))
    results = {result.folder: result for result in run_grid(at_home(2), jobs, ticket)}
    assert len(results) == len(jobs)
    assert "is missing" in results[jobs[-1].folder].failure
    for job in jobs[:-1]:
        alone = replace(job, folder=job.folder.with_name(f"alone-{job.folder.name}"))
        assert work(alone).tests == results[job.folder].tests
        assert same_bits(alone.model, job.model)


def test_a_job_that_was_started_twice_at_once_is_trained_once(make_job) -> None:
    job = make_job(shared=True, epochs=60)
    with at_home(2)() as executor:
        first, second = (executor.submit(work, job) for _ in range(2))
        assert first.result() == second.result()
    assert first.result().failure is None
    lines = (job.folder / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == list(range(1, 61))


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_when_a_worker_is_killed_every_run_still_ends_once(make_job, ticket) -> None:
    jobs = [make_job(task=task, epochs=80) for task in ("1", "2", "3")]
    killer = kill_halfway(jobs[0])
    results = list(run_grid(at_home(2), jobs, ticket))
    killer.join()
    assert sorted(result.folder for result in results) == sorted(job.folder for job in jobs)
    assert not any(result.failure for result in results)
    assert {epochs(job.folder) for job in jobs} == {80}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_ctrl_c_waits_for_no_worker_that_has_begun_no_job(make_job, ticket, tmp_path) -> None:
    began = tmp_path / "began"
    slow = loud.Slow(path=began, seconds=4 * PATIENCE_SECONDS)
    jobs = [replace(make_job(seed=seed), source=slow) for seed in (0, 1)]
    heard: list[str] = []
    stopper = threading.Thread(target=lambda: (until(began.exists), _interrupt()))
    results = run_grid(at_home(2), jobs, ticket, stopping=lambda: heard.append("stopping"))
    stopper.start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        next(results)
    stopper.join()
    assert time.monotonic() < started + 2 * PATIENCE_SECONDS
    assert heard == ["stopping"]
    assert not multiprocessing.active_children()
    assert not ticket.exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_worker_that_waits_for_a_dead_one_is_not_waited_for(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(schedule, "IDLE_SECONDS", 0.1)
    one, other = tmp_path / "one", tmp_path / "other"
    executor = at_home(2)()
    lost = executor.submit(loud.lose_signals, one, other)
    dead = executor.submit(loud.die_with_the_queue, other, one)
    with pytest.raises(BrokenExecutor):
        dead.result()
    lost.exception()
    workers = multiprocessing.active_children()
    closing = threading.Thread(target=schedule._close, args=(executor, {}, []), daemon=True)
    closing.start()
    closing.join(PATIENCE_SECONDS)
    ended = not closing.is_alive()
    for worker in workers:
        worker.kill()
    assert ended


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals there are others")
def test_a_worker_has_no_handler_of_its_parent(monkeypatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_context", lambda _: FORK)
    before = signal.signal(signal.SIGTERM, _raise)
    try:
        with at_home(1)() as executor:
            assert executor.submit(loud.heard, signal.SIGTERM).result() == (signal.SIG_DFL, False)
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise(*_: object) -> None:
    raise SystemExit


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@pytest.fixture
def grid(tiny_tasks: Path, tmp_path: Path):
    """A grid of four long runs in a process (group) of its own."""

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                *(RELMEM, "train", "-v", "gru", "--data", str(tiny_tasks), "--set", "dim=8"),
                *("--set", "patience=9999", "-t", "1-2", "--seed", "0-1", "--workers", "2"),
                *("--out", str(tmp_path / "out"), "--format", "json", *arguments),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start


@pytest.fixture
def on_terminal() -> Iterator[Callable[[Callable[[], None]], str]]:
    """on_terminal(function) is what a terminal gets from a worker that calls it."""
    master, slave = os.openpty()
    before = [os.dup(descriptor) for descriptor in (1, 2)]

    def run(function: Callable[[], None]) -> str:
        for descriptor in (1, 2):
            os.dup2(slave, descriptor)
        try:
            with at_home(1)() as executor:
                executor.submit(function).result()
            os.write(slave, b"END")
        finally:
            for descriptor, kept in zip((1, 2), before, strict=True):
                os.dup2(kept, descriptor)
        got = b""
        while not got.endswith(b"END"):
            got += os.read(master, 1000)
        return got.decode().removesuffix("END")

    yield run
    for descriptor in (master, slave, *before):
        os.close(descriptor)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_worker_writes_nothing_to_the_terminal(on_terminal, monkeypatch) -> None:
    monkeypatch.delenv("RELMEM_DEBUG", raising=False)
    assert on_terminal(loud.shout) == on_terminal(loud.write) == ""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_what_a_worker_prints_for_debugging_steers_no_terminal(on_terminal, monkeypatch) -> None:
    monkeypatch.setenv("RELMEM_DEBUG", "1")
    told = on_terminal(loud.shout)
    assert told.split() == [r"OUT\x1b]0;title\x07", r"ERR\x1b]0;title\x07"]


def rows_of(out: Path) -> list[dict[str, Any]]:
    path = out / "results.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines]
    return [row for row in rows if row.get("what") != "header"]


def group(process: subprocess.Popen[str]) -> list[str]:
    """The processes that are left of its group."""
    listed = subprocess.run(
        ["ps", "-eo", "pid,pgid,stat,args"], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 3) for line in listed.stdout.splitlines()[1:]]
    return [row[3] for row in rows if row[1] == str(process.pid) and row[2][0] != "Z"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")
def test_a_grid_that_ctrl_c_stopped_goes_on_where_it_was(grid, tmp_path) -> None:
    out = tmp_path / "out"
    running = grid("--epochs", "60")
    until(lambda: bool(rows_of(out)))
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 130
    assert "--resume" in said
    assert "Traceback" not in said
    until(lambda: not group(running))
    assert not list(out.glob(".grid-*"))
    models = {path: path.stat().st_mtime_ns for path in out.glob("*/best.safetensors")}
    over = [out / row["run"] / "best.safetensors" for row in rows_of(out)]

    again = grid("--epochs", "60", "--resume")
    printed, said = again.communicate(timeout=PATIENCE_SECONDS)
    assert again.returncode == 0, said
    rows = json.loads(printed)
    assert [(row["task"], row["seed"]) for row in rows] == [(1, 0), (1, 1), (2, 0), (2, 1)]
    assert all(models[model] == model.stat().st_mtime_ns for model in over)
    assert {epochs(path.parent) for path in out.glob("*/best.safetensors")} == {60}
    kept = [row["run"] for row in rows_of(out)]
    assert sorted(kept) == sorted(path.parent.name for path in out.glob("*/best.safetensors"))
    assert len(kept) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_to_all_of_a_grids_processes_saves_and_says_one_line(
    grid, tmp_path, number, code
) -> None:
    running = grid("--epochs", "9999")
    first = tmp_path / "out" / "gru-1-tiny"
    until(lambda: epochs(first) > 5)
    os.killpg(running.pid, number)
    _, said = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == code
    assert said.splitlines()[-1].startswith("relmem: stopped; ")
    assert "Traceback" not in said
    until(lambda: not group(running))
    assert (first / "last.safetensors").exists()
    assert not list((tmp_path / "out").glob(".grid-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_no_worker_outlives_a_grid_that_was_ended(grid, tmp_path, number, code) -> None:
    running = grid("--epochs", "9999")
    first = tmp_path / "out" / "gru-1-tiny"
    until(lambda: epochs(first) > 5)
    os.kill(running.pid, number)
    running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == code
    until(lambda: not group(running))
    assert (first / "last.safetensors").exists()
