"""A tiny world: people who go to places, and a small EntNet that can learn it."""

import itertools
from pathlib import Path

import pytest
import torch

from relmem_cli.contract import Variant
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.training.experiment import Experiment
from relmem_cli.training.settings import Settings
from relmem_variants.plugin import VARIANTS

PEOPLE = ("Ann", "Bob", "Cy")
PLACES = ("shed", "yard", "barn", "attic")


def tiny_world() -> str:
    """36 stories with 2 questions each, in bAbI's format."""
    lines = []
    for (first, second), here, there in itertools.product(
        itertools.permutations(PEOPLE, 2), PLACES[:3], PLACES[1:3]
    ):
        lines += [
            f"1 {first} went to the {here}.",
            f"2 {second} went to the {there}.",
            f"3 Where is {first}?\t{here}\t1",
            f"4 Where is {second}?\t{there}\t2",
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def entnet() -> Variant:
    return next(variant for variant in VARIANTS if variant.name == "entnet")


@pytest.fixture
def source(tmp_path: Path) -> BabiFolder:
    folder = tmp_path / "tiny"
    folder.mkdir()
    for split in ("train", "test"):
        (folder / f"qa1_tiny_{split}.txt").write_text(tiny_world())
    return BabiFolder(name="tiny", path=folder)


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
        values = {"settings": settings, "folder": tmp_path / name} | more
        return Experiment(variant=entnet, source=source, device=torch.device("cpu"), **values)

    return build
