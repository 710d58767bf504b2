"""Jobs on a tiny world of six tasks; the example plugin's variant needs no kernel compiled."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from relmem_cli.runs.job import Job
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.training.settings import Settings
from tests.training.conftest import entnet, make_run, settings, source

__all__ = ["entnet", "make_run", "settings", "source"]

MakeJob = Callable[..., Job]


@pytest.fixture
def tiny_tasks(tiny_world: Path) -> Path:
    """The tiny world's task 1 as tasks 1 to 6."""
    for split in ("train", "test"):
        text = (tiny_world / f"qa1_tiny_{split}.txt").read_text()
        for task in range(2, 7):
            (tiny_world / f"qa{task}_tiny_{split}.txt").write_text(text)
    return tiny_world


@pytest.fixture
def ticket(tmp_path: Path) -> Path:
    path = tmp_path / ".grid-test"
    path.write_text("a test\n")
    return path


@pytest.fixture
def make_job(tiny_tasks: Path, tmp_path: Path, ticket: Path) -> MakeJob:
    """make_job(task="2", seed=1) is that job, in a folder below grid/."""
    usual = Settings(
        variant="gru",
        task="1",
        data=str(tiny_tasks),
        epochs=4,
        batch=8,
        patience=1000,
        options={"dim": 8},
    )
    source = BabiFolder(name="tiny", path=tiny_tasks)

    def make(
        *,
        ticket: Path | None = ticket,
        resume: bool = True,
        shared: bool = False,
        **changes: object,
    ) -> Job:
        settings = replace(usual, **changes)
        folder = tmp_path / "grid" / settings.name
        return Job(
            settings=settings,
            source=source,
            folder=folder,
            device="cpu",
            ticket=ticket,
            resume=resume,
            shared=shared,
        )

    return make
