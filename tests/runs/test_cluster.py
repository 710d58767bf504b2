"""A real Dask scheduler and two worker processes on loopback."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.runs.pool import on_cluster
from relmem_cli.runs.schedule import run_grid
from tests.runs.watching import epochs, kill_halfway, until

RELMEM = str(Path(sys.executable).with_name("relmem"))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, one of which a test may kill."""
    pytest.importorskip("distributed")
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    ours = ["--scheduler-file", str(file), "--no-dashboard"]
    local = ["--host", "127.0.0.1", *ours]
    alone = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder), *local]
    with ExitStack() as stack, pytest.MonkeyPatch.context() as environment:
        environment.setenv("RELMEM_HOME", str(folder / "home"))
        environment.setenv("PYTHONPATH", str(Path(__file__).parents[1] / "probe"))
        start(stack, "scheduler", "--port", "0", *local)
        until(file.exists)
        for _ in range(2):
            start(stack, "worker", *alone)
        import distributed

        with distributed.Client(scheduler_file=str(file)) as client:
            client.wait_for_workers(2, timeout=120)
            address = client.scheduler.address
        yield f"dask://{address.removeprefix('tcp://')}"


def start(stack: ExitStack, what: str, *arguments: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    stack.callback(process.wait)
    stack.callback(process.kill)


def workers(cluster: str) -> int:
    """How many the scheduler has."""
    import distributed

    with distributed.Client(cluster.removeprefix("dask://")) as client:
        return len(client.scheduler_info()["workers"])


def test_a_clusters_workers_flush_subnormals(cluster: str, make_job, ticket) -> None:
    """Where they did not, the variant "probe" would fail."""
    jobs = [make_job(task=task, variant="probe", options={}, epochs=1) for task in ("1", "2")]
    with on_cluster(cluster) as new_executor:
        results = list(run_grid(new_executor, jobs, ticket))
    assert [result.failure for result in results] == [None, None]


def test_when_a_worker_of_a_cluster_is_killed_every_run_ends_once(
    cluster, make_job, ticket
) -> None:
    assert workers(cluster) == 2
    jobs = [replace(make_job(task=task, epochs=80), shared=True) for task in ("1", "2", "3")]
    jobs.append(replace(make_job(task="7"), shared=True))
    killer = kill_halfway(jobs[0])
    with on_cluster(cluster) as new_executor:
        results = list(run_grid(new_executor, jobs, ticket))
    killer.join()
    assert workers(cluster) == 1  # it was no process of this machine's own pool
    assert sorted(result.folder for result in results) == sorted(job.folder for job in jobs)
    assert [str(result.task) for result in results if result.failure] == ["7"]
    assert {epochs(job.folder) for job in jobs[:-1]} == {80}


def test_a_grid_on_a_cluster_is_one_command(cluster, tiny_tasks, tmp_path) -> None:
    done = subprocess.run(
        [
            *(RELMEM, "train", "-v", "gru", "--data", str(tiny_tasks), "--set", "dim=8"),
            *("-t", "1", "--epochs", "2", "--out", str(tmp_path / "out"), "--on", cluster),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "(1 of 1)" in done.stderr
    assert (tmp_path / "out" / "best.safetensors").exists()


@pytest.mark.parametrize("address", ["there:8786", "dask://there", "ray://there:1"])
def test_a_cluster_is_named_by_its_address(address: str) -> None:
    with pytest.raises(UsageError, match="dask://HOST:PORT"), on_cluster(address):
        pass


def test_without_the_package_distributed_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RelmemError, match="extra `cluster`"), on_cluster("dask://127.0.0.1:1"):
        pass


def test_a_scheduler_that_does_not_answer_is_said(monkeypatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("relmem_cli.runs.pool._ANSWERS_WITHIN_SECONDS", 0.5)
    with (
        pytest.raises(RelmemError, match="no Dask scheduler answers"),
        on_cluster("dask://127.0.0.1:9"),
    ):
        pass
