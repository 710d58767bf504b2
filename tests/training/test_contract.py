"""What the contract lets a model say of its training, as training takes it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from relmem_cli.errors import RelmemError
from relmem_cli.runs.run import Run
from relmem_cli.training.cards import read_card
from relmem_cli.training.checkpoints import read_tensors
from relmem_cli.training.loop import Epoch
from tests.runs.running import same_bits, train
from tests.training.toy import Adding, InParts, InPhases, Measuring, Prepared, toy


@pytest.fixture
def toy_run(make_run, settings):
    """toy_run(Adding, "other", epochs=3) trains that model, which no plugin offers."""

    def make(model: type[Any], name: str = "run", *, resume: bool = False, **more: object) -> Run:
        mine = replace(settings, **{"variant": "toy", "options": {"dim": 4}, **more})
        run = make_run(name, settings=mine, resume=resume)
        run.variant = toy(model)
        return run

    return make


def metrics(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_the_parts_of_a_loss_are_logged_and_add_up(toy_run, tmp_path) -> None:
    epochs = train(toy_run(InParts))
    for epoch in epochs:
        assert epoch.parts.keys() == {"answers", "size"}
        assert epoch.loss == pytest.approx(sum(epoch.parts.values()))
    assert [line["parts"] for line in metrics(tmp_path / "run")] == [e.parts for e in epochs]


def test_a_part_of_the_loss_is_learned_from(toy_run) -> None:
    """The weights that it makes small are smaller than without."""
    sizes = []
    for model in (InParts, Adding):
        trained = toy_run(model, model.__name__, epochs=30)
        train(trained)
        _, tensors = read_tensors(trained.job.folder / "last.safetensors")
        sizes.append(float(tensors["model.out.weight"].square().sum()))
    assert sizes[0] < sizes[1]


class ReadsAWeight(Adding):
    def __init__(self, **built: Any) -> None:
        super().__init__(**built)
        self.spread = self.out.weight.std().item()


class AddsLater(Adding):
    def prepare(self, vocabulary: Any, stories: Any) -> None:
        self.more = nn.Parameter(torch.ones(3))


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (
            ReadsAWeight,
            r"^variant toy cannot be built without memory: RuntimeError: Tensor.item\(\) .*"
            r" \(test_contract.py, line \d+\): __init__ may not read tensors' values",
        ),
        (AddsLater, "^variant toy is built otherwise without memory: it has 'more' besides"),
    ],
)
def test_what_could_not_be_loaded_is_not_trained(
    toy_run, tmp_path: Path, model: type[Any], why: str
) -> None:
    with pytest.raises(RelmemError, match=why):
        train(toy_run(model))
    assert not (tmp_path / "run" / "metrics.jsonl").exists()


def test_a_loss_without_parts_has_none(toy_run, tmp_path) -> None:
    assert all(not epoch.parts for epoch in train(toy_run(Adding)))
    assert all("parts" not in line for line in metrics(tmp_path / "run"))


def test_a_phase_that_begins_is_a_new_search_for_the_best_epoch(toy_run, monkeypatch) -> None:
    """What was better before it does not count, and patience waits anew."""
    train(toy_run(Adding, "same", epochs=9, patience=2))
    errors = iter([1, 2, 3, 5, 4, 4, 4, 4, 4])
    from relmem_cli.training.evaluation import Score

    monkeypatch.setattr(
        "relmem_cli.training.loop.score", lambda *_: Score(errors=next(errors), n=9, loss=1.0)
    )
    epochs = train(toy_run(InPhases, epochs=9, patience=3))
    assert [epoch.best_epoch for epoch in epochs] == [1, 1, 1, 4, 5, 5, 5, 5]


def test_a_model_is_told_every_epoch_and_the_last_one(toy_run, monkeypatch) -> None:
    told = []
    monkeypatch.setattr(InPhases, "epoch", lambda _, *numbers: told.append(numbers))
    train(toy_run(InPhases, epochs=3))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_stopped_run_goes_on_in_its_phase_to_the_same_bits(toy_run, tmp_path) -> None:
    train(toy_run(InPhases, "whole"))
    running = toy_run(InPhases, "stopped").events()
    for _, event in running:
        if isinstance(event, Epoch) and event.epoch == 5:
            break
    running.close()
    train(toy_run(InPhases, "stopped", resume=True))
    assert same_bits(tmp_path / "whole/best.safetensors", tmp_path / "stopped/best.safetensors")


def test_a_models_own_measures_are_means_over_the_questions(toy_run, tmp_path) -> None:
    trained = toy_run(Measuring)
    *_, last = train(trained)
    held = [q for story in trained.data.validation for q in story.questions]
    facts = sum(len(question.supports) for question in held) / len(held)
    odd = sum(trained.data.vocabulary.ids[q.answer] % 2 for q in held) / len(held)
    assert last.validation.measures == pytest.approx({"facts": facts, "odd": odd})
    assert metrics(tmp_path / "run")[-1]["measures"] == last.validation.measures
    trained.finish()
    tested = read_card(trained.job.model).record["test"]["1"]
    assert tested["measures"].keys() == {"facts", "odd"}


def test_a_new_model_is_told_the_training_stories_once(toy_run, monkeypatch) -> None:
    trained = toy_run(Prepared)
    train(trained)
    trained.finish()
    told = sum(len(sentence) for story in trained.data.train for sentence in story.sentences)
    _, tensors = read_tensors(trained.job.model)
    assert float(tensors["counts"].sum()) == told
    monkeypatch.setattr(Prepared, "prepare", lambda *_: pytest.fail("told again"))
    train(toy_run(Prepared, resume=True))


@pytest.mark.parametrize("name", ["sgd", "adagrad", "adamax"])
def test_every_optimizer_learns_and_resumes_to_the_same_bits(toy_run, tmp_path, name: str) -> None:
    more = {"optimizer": name, "learning_rate": 0.05, "l2": 0.001}
    epochs = train(toy_run(Adding, "whole", **more))
    assert epochs[-1].loss < epochs[0].loss
    running = toy_run(Adding, "stopped", **more).events()
    next(event for _, event in running if isinstance(event, Epoch) and event.epoch == 3)
    running.close()
    train(toy_run(Adding, "stopped", resume=True, **more))
    assert same_bits(tmp_path / "whole/last.safetensors", tmp_path / "stopped/last.safetensors")


def test_l2_makes_weights_smaller(toy_run) -> None:
    sizes = []
    for l2 in (0.0, 0.1):
        trained = toy_run(Adding, f"l2-{l2}", l2=l2)
        train(trained)
        _, tensors = read_tensors(trained.job.folder / "last.safetensors")
        sizes.append(float(tensors["model.out.weight"].square().sum()))
    assert sizes[1] < sizes[0] / 2
