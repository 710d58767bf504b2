"""A folder of runs that somebody else made, and that is gone on with."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from relmem_cli.errors import UsageError
from relmem_cli.runs.locks import issue_ticket
from tests.conftest import Relmem
from tests.hostile_folders.conftest import Place, Refused, sparse
from tests.reproducing import row, write

Make = Callable[[Path], object]
SETTINGS = ("--epochs", "1", "--set", "dim=4")


@pytest.fixture
def command(tiny_world: Path) -> tuple[str, ...]:
    """Goes on with the run in `run`."""
    return ("train", "-v", "gru", "--data", str(tiny_world), *SETTINGS, "--out", "run", "--resume")


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def terabytes(path: Path) -> None:
    sparse(path)


@pytest.mark.parametrize("make", [pipe, device, terabytes])
@pytest.mark.parametrize("name", ["settings.toml", "best.safetensors"])
def test_what_is_no_file_of_a_run_is_one_sentence(
    refused: Refused, place: Place, command: tuple[str, ...], name: str, make: Make
) -> None:
    (place.here / "run").mkdir()
    make(place.here / "run" / name)
    refused(*command, said=name)


@pytest.mark.parametrize("target", ["thesis.txt", "empty", "new"])
@pytest.mark.parametrize("name", [".running", "metrics.jsonl"])
def test_a_link_in_a_run_is_not_written_through(
    relmem: Relmem, place: Place, command: tuple[str, ...], name: str, target: str
) -> None:
    (place.here / "run").mkdir()
    (place.here / "run" / name).symlink_to(place.thesis.with_name(target))
    ran = relmem(*command)
    assert ran.code == 0, ran.err
    assert not (place.here / "run" / name).is_symlink()


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("settings.toml", "thesis.txt"),
        ("best.safetensors", "thesis.txt"),
        ("last.safetensors", "thesis.txt"),
        (".lock", "thesis.txt"),
        (".lock", "empty"),
    ],
)
def test_a_link_that_leads_to_another_file_ends_it_before_training(
    relmem: Relmem, place: Place, command: tuple[str, ...], name: str, target: str
) -> None:
    (place.here / "run").mkdir()
    (place.here / "run" / name).symlink_to(place.thesis.with_name(target))
    ran = relmem(*command)
    assert (ran.code in (1, 2), ran.out) == (True, "")
    (line,) = ran.err.splitlines()
    assert name in line
    assert "hunter2" not in line


def test_runs_are_not_written_where_a_link_among_them_leads(
    refused: Refused, place: Place, command: tuple[str, ...]
) -> None:
    (place.here / "run").mkdir()
    for seed in (0, 1):
        (place.here / "run" / f"seed-{seed}").symlink_to(place.thesis.parent)
    refused(*command, "--restarts", "2", said="seed-0 is a link, and relmem writes to none")


def test_a_grids_run_is_not_written_where_a_link_leads(
    refused: Refused, place: Place, command: tuple[str, ...]
) -> None:
    from relmem_cli.runs.job import Job
    from relmem_cli.runs.run import Run
    from relmem_cli.stories.sources import BabiFolder
    from relmem_cli.training.settings import Settings

    (place.here / "gru-1").symlink_to(place.thesis.parent)
    data = Path(command[4])
    job = Job(
        settings=Settings(variant="gru", task="1", options={"dim": 4}),
        source=BabiFolder(name="tiny", path=data),
        folder=place.here / "gru-1",
        restarts=2,
    )
    with pytest.raises(UsageError, match="gru-1 is a link, and relmem writes to none"):
        Run(job).prepare()


@pytest.mark.parametrize("make", [pipe, device, terabytes])
@pytest.mark.parametrize("name", [".grid-0", ".grid-0.lock"])
def test_what_passes_for_another_grids_ticket_is_not_waited_for(
    place: Place, name: str, make: Make
) -> None:
    make(place.here / name)
    with issue_ticket(place.here) as ticket:
        assert ticket.exists()
    assert [path.name for path in place.here.iterdir()] == [name]


@pytest.mark.parametrize("make", [pipe, device, terabytes])
def test_what_passes_for_results_is_one_sentence(
    refused: Refused, place: Place, make: Make
) -> None:
    make(place.here / "r.jsonl")
    refused("reproduce", "table6", "--from", "r.jsonl", said="r.jsonl cannot be read as a results")


def test_results_name_no_files(refused: Refused, place: Place) -> None:
    header = {"what": "header", "format": "relmem-results-1", "recipe": "../x", "settings": {}}
    row = {"variant": "../../outside/RAN", "task": 1, "fold": 0, "seed": 0, "settings": {}}
    done = {"test_errors": 1, "test_n": 9, "model": "../outside/thesis.txt", "curve": 3}
    lines = [json.dumps(header), json.dumps(row | done), ""]
    (place.here / "r.jsonl").write_text("\n".join(lines))
    refused("reproduce", "table6", "--from", "r.jsonl", "--plots", "p", said="line 2 of r.jsonl")


def test_figures_are_not_written_where_links_among_them_lead(relmem: Relmem, place: Place) -> None:
    results = write(place.here / "r.jsonl", [row()])
    (place.here / "figures").mkdir()
    links = [
        place.here / "figures" / f"{name}-as-published.{kind}"
        for name in ("error-by-task", "learning-curves", "parameters-and-error")
        for kind in ("png", "svg")
    ]
    for link in links:
        link.symlink_to(place.thesis)
    ran = relmem("reproduce", "table6", "--from", str(results), "--plots", "figures")
    assert ran.code == 0, ran.err
    assert not any(link.is_symlink() for link in links)
