"""Every system of the field conforms, trains, resumes, chats and says why."""

import importlib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import parse_line
from relmem_cli.chat.story.session import Session
from relmem_cli.contract import Variant
from relmem_cli.runs.job import Job
from relmem_cli.runs.run import Run
from relmem_cli.stories.sources import BabiFolder, Source
from relmem_cli.testing import check_source, check_variant
from relmem_cli.training.checkpoints import load_model
from relmem_cli.training.device import pick_device
from relmem_cli.training.loop import Epoch
from relmem_cli.training.settings import Settings
from relmem_field import plugin
from tests.field.cloze import Cloze
from tests.field.vectors import VECTORS

SMALL: dict[str, dict[str, Any]] = {
    "memn2n": {"dim": 6, "tying": "layerwise", "encoding": "bag", "memories": 8},
    "qrn": {"dim": 6, "layers": 3, "gates": "vector"},
    "memnn": {"dim": 6, "hops": 3, "supervision": "weak"},
    "kv-memnn": {"dim": 6, "level": "sentence", "frequent": 1000, "memories": 8},
    "question-only": {"dim": 6, "encoder": "bag"},
    "story-only": {"dim": 6, "encoder": "bag", "memories": 8},
    "dmn": {"dim": 6, "passes": 1, "plus": True, "episode": "gru", "gate_loss": 0.0},
    "nse": {"dim": 5, "steps": 4, "adaptive": False},
    "aoa-reader": {"dim": 4, "hidden": 5, "dropout": 0.0},
    "rn": {"dim": 5, "width": 8, "sentences": 4, "dropout": 0.0},
    "rrn": {"dim": 5, "width": 8, "sentences": 4, "dropout": 0.0, "steps": 2},
    "relnet": {"slots": 3, "dim": 5},
    "group-relations": {"slots": 4, "dim": 5, "group": 4, "least": 2},
    "epireader": {"dim": 4, "hidden": 5, "proposals": 3, "filters": 6, "width": 5, "dropout": 0.0},
    "lstm": {"dim": 5, "hidden": 6, "language": 0.5, "dropout": 0.0},
    "kneser-ney": {"order": 3, "room": 5000, "cache": 0.5},
    "pretrained": {"dim": 5, "slots": 3, "memory": "all-relations"},
    "vector-entnet": {"dim": 5, "slots": 3, "vectors": "hash"},
}
VARIANTS = {variant.name: variant for variant in (*plugin.relmem_variants(), VECTORS)}


@pytest.mark.parametrize("name", VARIANTS)
def test_each_conforms(name: str) -> None:
    check_variant(VARIANTS[name])
    check_variant(VARIANTS[name], SMALL[name])


def test_the_cloze_source_conforms() -> None:
    check_source(Cloze())
    check_source(Cloze().open("3"))


@pytest.mark.parametrize("name", VARIANTS)
def test_each_fits_into_ninety_lines(name: str) -> None:
    module = importlib.import_module(VARIANTS[name].model.partition(":")[0])
    assert len(Path(str(module.__file__)).read_text().splitlines()) <= 90


def trained(variant: Variant, source: Source, folder: Path, **more: Any) -> Run:
    settings = Settings(
        variant=variant.name,
        options={**variant.defaults(), **SMALL[variant.name]},
        **{**variant.training, "task": "1", "epochs": 6, "data": "tiny", **more},
    )
    run = Run(Job(settings=settings, source=None, folder=folder, device="cpu"))
    run.variant, run.source = variant, source
    epochs = [event for _, event in run.events() if isinstance(event, Epoch)]
    assert epochs[-1].loss < epochs[0].loss
    return run


@pytest.mark.parametrize("name", VARIANTS)
def test_each_trains_chats_undoes_and_says_why(name: str, tiny_world: Path, tmp_path: Path) -> None:
    variant = VARIANTS[name]
    source = BabiFolder(name="tiny", path=tiny_world)
    run = trained(variant, source, tmp_path)
    run.finish()
    loaded = load_model(run.job.model, VARIANTS, pick_device("cpu"))
    session = Session(Reader(loaded, name=name))
    story = source.stories(1, "test")[0]
    asked = story.questions[-1]
    told = [" ".join(sentence) for sentence in story.sentences[: asked.position]]
    for line in (*told, " ".join(asked.text)):
        (said,) = parse_line(line)
        session.say(said)
    before = session.turns[-1].answer
    assert before is not None
    read = 0 if name == "question-only" else 1
    assert sum(reason.share for reason in session.why().reasons) == pytest.approx(read)
    session.undo()
    session.redo()
    (said,) = parse_line(" ".join(asked.text))
    session.say(said)
    again = session.turns[-1].answer
    assert again is not None
    assert (again.answer, again.probability) == (before.answer, pytest.approx(before.probability))


def test_the_reader_points_to_names_that_it_was_never_told_of(tmp_path: Path) -> None:
    """Its cloze passages have new names in each; without ids for them it can answer nothing."""
    aoa = replace(VARIANTS["aoa-reader"], training={"learning_rate": 0.02, "batch": 32})
    more: dict[str, Any] = {"task": "NE", "data": "cloze", "extra": 12, "rare": 5, "epochs": 4}
    names = trained(aoa, Cloze(), tmp_path, **more).finish()
    assert (names.task, names.test_n) == ("NE", 200)
    assert names.test_error < 0.95  # with six candidates each, chance is 83%


NUMBERS = [
    (variant.name, option.name)
    for variant in plugin.VARIANTS
    for option in fields(variant.options)
    if type(option.default) is int
]


@pytest.mark.parametrize(("name", "option"), NUMBERS)
def test_a_number_that_would_fill_the_memory_is_refused_before_a_model_is_built(
    name: str, option: str
) -> None:
    (variant,) = [one for one in plugin.VARIANTS if one.name == name]
    with pytest.raises(ValueError, match=f"{option} is {10**9}"):
        variant.options(**{option: 10**9})
