"""A model's fault is RelmemError wherever the library calls it, told as the command line does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import relmem_cli
from relmem_cli import Model, RelmemError, Story
from tests.faults.conftest import TOLD, Fault, Install


@pytest.fixture
def train(install: Install, tiny_world: Path) -> Callable[..., relmem_cli.TrainedRun]:
    install()
    return lambda **more: relmem_cli.train("faulty", data=tiny_world, epochs=1, **more)


@pytest.fixture
def model(train: Callable[..., relmem_cli.TrainedRun], tmp_path: Path) -> Model:
    return train(out=tmp_path / "run").model


def told(what: str) -> str:
    return (
        rf"^variant faulty of plugin dist-faulty raised {TOLD[what]}.* \(__init__.py, line \d+\);"
    )


@pytest.mark.parametrize("what", ["exception", "exit"])
@pytest.mark.parametrize(
    ("place", "call"),
    [
        ("read", lambda model, story: story.tell("Bob went to the barn.")),
        ("read", lambda model, story: model.story("Bob went to the barn.")),
        ("read", lambda model, story: story.ask("where is Ann?").evidence),
        ("answer", lambda model, story: story.ask("where is Ann?")),
        ("explain", lambda model, story: story.arrays()),
        ("explain", lambda model, story: story.ask("where is Ann?").arrays),
        ("answer", lambda model, story: model.evaluate()),
        ("constructor", lambda model, story: relmem_cli.load(model.path)),
    ],
)
def test_a_fault_is_told_in_one_sentence(
    model: Model, fault: Fault, place: str, call: Callable[[Model, Story], Any], what: str
) -> None:
    story = model.story("Ann went to the shed.")
    fault(place, what)
    with pytest.raises(RelmemError) as raised:
        call(model, story)
    if place == "constructor" and what == "exception":  # as sizes that do not fit do
        raised.match("does not fit variant 'faulty': broken")
    else:
        raised.match(told(what))
        assert type(raised.value.__cause__).__name__ == TOLD[what].partition(":")[0]
    assert story.sentences == ("Ann went to the shed.",)


def test_samples_of_a_model_with_a_fault_are_told_too(model: Model, fault: Fault) -> None:
    tested = model.evaluate()
    fault("answer", "exception")
    with pytest.raises(RelmemError, match=told("exception")):
        tested.samples()


def test_a_training_with_a_fault_is_told(
    train: Callable[..., relmem_cli.TrainedRun], fault: Fault
) -> None:
    fault("loss", "exception")
    with pytest.raises(RelmemError, match=told("exception")):
        train()


def test_what_the_callers_own_function_raises_is_itself(
    train: Callable[..., relmem_cli.TrainedRun],
) -> None:
    def stop(_: object) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        train(on_epoch=stop)
