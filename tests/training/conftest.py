"""A small EntNet and the settings to train it on the tiny world."""

from pathlib import Path

import pytest

from relmem_cli.contract import Variant
from relmem_cli.runs.experiment import Experiment
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
def experiment(entnet, source, settings, tmp_path: Path):
    def build(name: str = "run", **more: object) -> Experiment:
        values = {"variant": entnet, "settings": settings, "folder": tmp_path / name} | more
        return Experiment(source=source, **values)

    return build
