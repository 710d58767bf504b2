"""A small EntNet and the settings to train it on the tiny world."""

from pathlib import Path

import pytest

from relmem_cli.contract import Variant
from relmem_cli.runs.job import Job
from relmem_cli.runs.run import Run
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.training.settings import Settings
from relmem_variants.plugin import VARIANTS


@pytest.fixture
def entnet() -> Variant:
    return next(variant for variant in VARIANTS if variant.name == "entnet")


@pytest.fixture
def source(tiny_world: Path) -> BabiFolder:
    return BabiFolder(name="tiny", path=tiny_world)


@pytest.fixture
def settings(source: BabiFolder) -> Settings:
    return Settings(
        variant="entnet",
        task="1",
        data=str(source.path),
        epochs=6,
        batch=8,
        learning_rate=0.02,
        options={"slots": 3, "dim": 8},
    )


@pytest.fixture
def make_run(source, settings, tmp_path: Path):
    """make_run("other", restarts=2) is such a run, in the folder other/."""

    def make(name: str = "run", **more: object) -> Run:
        values = {"settings": settings, "source": source, "device": "cpu", **more}
        return Run(Job(folder=tmp_path / name, **values))

    return make
