"""`relmem calibrate` sets a model's temperature by stories that it has not seen."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from relmem_cli.library import find_model
from relmem_cli.training.cards import read_card
from tests.conftest import Relmem

DATA = "world:mixture,words=everyday,style=held-out,questions=120"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return Path(shutil.copy(find_model("open-transformer-joint"), tmp_path / "mine.safetensors"))


def calibrated(relmem: Relmem, model: Path, *more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        relmem("calibrate", str(model), "--format", "json", *more).out
    )
    return found


def test_answers_are_less_certain_on_what_a_model_reads_worse(relmem: Relmem, model: Path) -> None:
    easy = "world:mixture,words=everyday,style=babi,questions=120"
    sure, _ = calibrated(relmem, model, "--data", easy)[::-1]
    before, now = calibrated(relmem, model, "--data", DATA)
    assert before["temperature"] == sure["temperature"] < now["temperature"]
    assert now["cross_entropy"] < before["cross_entropy"]
    assert now["over_90"] < before["over_90"]
    card = read_card(model)
    assert card.record["temperature"] == now["temperature"]
    assert card.record["calibrated_on"] == DATA


def test_what_cannot_be_is_refused_and_the_model_left_as_it_was(
    relmem: Relmem, model: Path
) -> None:
    before = model.read_bytes()
    wrong = relmem("calibrate", str(model), "--data", "nowhere")
    assert wrong.code in (1, 2)
    assert "nowhere" in wrong.err
    assert relmem("calibrate", "no-such-model").code in (1, 2)
    assert model.read_bytes() == before


def test_a_model_that_ships_stays_as_it_is(relmem: Relmem) -> None:
    path = find_model("open-transformer-joint")
    before = path.read_bytes()
    done = relmem("calibrate", "open-transformer-joint", "--data", DATA)
    assert done.code == 0
    assert "of those wrong" in done.out
    assert "calibrate a copy" in done.err
    assert path.read_bytes() == before
