"""A real Dask scheduler and worker processes on loopback."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from relmem_cli.runs.cluster import on_cluster
from relmem_cli.runs.crew import Crew, run_on
from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import hold_beside
from relmem_cli.runs.needs import Needs
from relmem_cli.runs.record import RunRecord
from tests.runs.dask_processes import scheduler, worker
from tests.runs.watching import epochs, kill_halfway, until

pytest.importorskip("distributed")

RELMEM = str(Path(sys.executable).with_name("relmem"))

Train = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, one of which a test may kill."""
    folder = tmp_path_factory.mktemp("cluster")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as environment:
        environment.setenv("RELMEM_HOME", str(folder / "home"))
        environment.setenv("PYTHONPATH", str(Path(__file__).parents[1] / "probe"), prepend=":")
        address = scheduler(stack, folder)
        for _ in range(2):
            worker(stack, folder)
        until(lambda: workers(address) == 2)
        yield address


@pytest.fixture
def train(tiny_tasks: Path, tmp_path: Path) -> Train:
    """`relmem train` on a cluster, in a process of its own, into out/."""

    def start(address: str, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [
                *(RELMEM, "train", "-v", "gru", "--data", str(tiny_tasks), "--set", "dim=8"),
                *("--on", address, "--out", str(tmp_path / "out"), *arguments),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def workers(address: str) -> int:
    """How many the scheduler has."""
    with on_cluster(address) as reached:
        return len(reached.workers())


def run_jobs(address: str, jobs: Sequence[Job], needs: Needs) -> list[RunRecord]:
    ticket = jobs[0].ticket
    assert ticket is not None
    with on_cluster(address) as reached, hold_beside(ticket):
        crew = Crew(reached, needs, 60)
        crew.assemble()
        return list(run_on(crew, jobs, ticket))


def test_a_clusters_workers_flush_subnormals(cluster: str, make_job, ticket) -> None:
    """Where they did not, the variant "probe" would fail."""
    needs = Needs.of([make_job()], ticket)
    jobs = [make_job(task=task, variant="probe", options={}, epochs=1) for task in ("1", "2")]
    results = run_jobs(cluster, jobs, needs)
    assert [result.failure for result in results] == [None, None]


def test_when_a_worker_of_a_cluster_is_killed_every_run_ends_once(
    cluster: str, make_job, ticket
) -> None:
    assert workers(cluster) == 2
    jobs = [replace(make_job(task=task, epochs=80), shared=True) for task in ("1", "2", "3")]
    jobs.append(replace(make_job(task="7"), shared=True))
    killer = kill_halfway(jobs[0])
    results = run_jobs(cluster, jobs, Needs.of(jobs, ticket))
    killer.join()
    assert workers(cluster) == 1  # it was no process of this machine's own pool
    assert sorted(result.folder for result in results) == sorted(job.folder for job in jobs)
    assert [str(result.task) for result in results if result.failure] == ["7"]
    assert {epochs(job.folder) for job in jobs[:-1]} == {80}


def test_a_grid_on_a_cluster_is_one_command(cluster: str, train: Train, tmp_path) -> None:
    running = train(cluster, "-t", "1", "--epochs", "2")
    _, said = running.communicate()
    assert running.returncode == 0, said
    assert "(1 of 1)" in said
    assert (tmp_path / "out" / "best.safetensors").exists()
    assert not list((tmp_path / "out").glob(".grid-*"))


def test_a_grid_whose_last_worker_is_lost_stops_and_resume_goes_on_with_another(
    train: Train, tmp_path
) -> None:
    out = tmp_path / "out"
    many = ("-t", "1-2", "--epochs", "150", "--set", "patience=9999", "--wait", "2")
    with ExitStack() as stack:
        address = scheduler(stack, tmp_path)
        lost = worker(stack, tmp_path)
        running = train(address, *many)
        until(lambda: epochs(out / "gru-2-tiny") > 5)
        lost.kill()
        _, said = running.communicate()
        assert running.returncode == 1
        *_, last = said.splitlines()
        assert last.startswith("relmem: for 2 seconds (--wait) the Dask cluster at 127.0.0.1:")
        assert "had no worker; " in last
        assert last.endswith("the same command with --resume goes on after the last epoch.")
        assert rows_of(out) == ["gru-1-tiny"]

        worker(stack, tmp_path)  # while the command waits for it
        again = train(address, *many[:-1], "60", "--resume")
        _, said = again.communicate()
        assert again.returncode == 0, said
        assert rows_of(out) == ["gru-1-tiny", "gru-2-tiny"]


def rows_of(out: Path) -> list[str]:
    """The runs of the results file."""
    lines = map(json.loads, (out / "results.jsonl").read_text().splitlines())
    return sorted(line["run"] for line in lines if line.get("what") != "header")


def test_before_anything_begins_workers_are_waited_for_and_must_have_relmem(
    train: Train, tmp_path
) -> None:
    without = tmp_path / "without" / "sitecustomize.py"
    without.parent.mkdir()
    without.write_text(WITHOUT_RELMEM)
    with ExitStack() as stack:
        address = scheduler(stack, tmp_path)
        nobody = train(address, "-t", "1-2", "--wait", "1")
        _, said = nobody.communicate()
        waited, ended = said.splitlines()
        assert nobody.returncode == 1
        assert waited.startswith("relmem: waiting up to 1 seconds for workers of the cluster at ")
        assert "had no worker; start some" in ended

        worker(stack, tmp_path, PYTHONPATH=str(without.parent))
        refused = train(address, "-t", "1-2")
        _, said = refused.communicate()
        assert refused.returncode == 1
        *_, ended = said.splitlines()
        assert ended.startswith("relmem: worker tcp://127.0.0.1:")
        assert ended.endswith(" has no relmem; mend that, or stop the worker.")
    assert list((tmp_path / "out").iterdir()) == []


WITHOUT_RELMEM = """
import sys

class Without:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "relmem_cli":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Without())
"""
