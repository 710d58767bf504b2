"""What the contract lets a model say of its training, as training takes it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from relmem_cli.runs.experiment import Experiment
from relmem_cli.training.checkpoints import read_tensors
from relmem_cli.training.loop import Epoch
from tests.training.toy import Adding, InParts, InPhases, Measuring, Prepared, toy


@pytest.fixture
def toy_experiment(experiment, settings):
    def build(model: type[Any], name: str = "run", **more: object) -> Experiment:
        mine = replace(settings, **{"variant": "toy", "options": {"dim": 4}, **more})
        return experiment(name, variant=toy(model), settings=mine)

    return build


def train(trained: Experiment) -> list[Epoch]:
    return [event for _, event in trained.events() if isinstance(event, Epoch)]


def metrics(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_the_parts_of_a_loss_are_logged_and_add_up(toy_experiment, tmp_path) -> None:
    epochs = train(toy_experiment(InParts))
    for epoch in epochs:
        assert epoch.parts.keys() == {"answers", "size"}
        assert epoch.loss == pytest.approx(sum(epoch.parts.values()))
    assert [line["parts"] for line in metrics(tmp_path / "run")] == [e.parts for e in epochs]


def test_a_part_of_the_loss_is_learned_from(toy_experiment) -> None:
    """The weights that it makes small are smaller than without."""
    sizes = []
    for model in (InParts, Adding):
        trained = toy_experiment(model, model.__name__, epochs=30)
        train(trained)
        _, tensors = read_tensors(trained.folder / "last.safetensors")
        sizes.append(float(tensors["model.out.weight"].square().sum()))
    assert sizes[0] < sizes[1]


def test_a_loss_without_parts_has_none(toy_experiment, tmp_path) -> None:
    assert all(not epoch.parts for epoch in train(toy_experiment(Adding)))
    assert all("parts" not in line for line in metrics(tmp_path / "run"))


def test_a_phase_that_begins_is_a_new_search_for_the_best_epoch(
    toy_experiment, monkeypatch
) -> None:
    """What was better before it does not count, and patience waits anew."""
    train(toy_experiment(Adding, "same", epochs=9, patience=2))
    errors = iter([1, 2, 3, 5, 4, 4, 4, 4, 4])
    from relmem_cli.training.evaluation import Score

    monkeypatch.setattr(
        "relmem_cli.training.loop.score", lambda *_: Score(errors=next(errors), n=9, loss=1.0)
    )
    epochs = train(toy_experiment(InPhases, epochs=9, patience=3))
    assert [epoch.best_epoch for epoch in epochs] == [1, 1, 1, 4, 5, 5, 5, 5]


def test_a_model_is_told_every_epoch_and_the_last_one(toy_experiment, monkeypatch) -> None:
    told = []
    monkeypatch.setattr(InPhases, "epoch", lambda _, *numbers: told.append(numbers))
    train(toy_experiment(InPhases, epochs=3))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_a_stopped_run_goes_on_in_its_phase_to_the_same_bits(toy_experiment) -> None:
    train(toy_experiment(InPhases, "whole"))
    running = toy_experiment(InPhases, "stopped").events()
    for _, event in running:
        if isinstance(event, Epoch) and event.epoch == 5:
            break
    running.close()
    train(replace(toy_experiment(InPhases, "stopped"), resume=True))
    folders = [toy_experiment(InPhases, name).folder for name in ("whole", "stopped")]
    (_, one), (_, other) = (read_tensors(folder / "best.safetensors") for folder in folders)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_models_own_measures_are_means_over_the_questions(toy_experiment, tmp_path) -> None:
    trained = toy_experiment(Measuring)
    *_, last = train(trained)
    held = [q for story in trained.data.validation for q in story.questions]
    facts = sum(len(question.supports) for question in held) / len(held)
    odd = sum(trained.data.vocabulary.ids[q.answer] % 2 for q in held) / len(held)
    assert last.validation.measures == pytest.approx({"facts": facts, "odd": odd})
    assert metrics(tmp_path / "run")[-1]["measures"] == last.validation.measures
    outcome = trained.finish()
    assert outcome.tests[1].measures.keys() == {"facts", "odd"}
    assert outcome.card.record["test"]["1"]["measures"] == outcome.tests[1].measures


def test_a_new_model_is_told_the_training_stories_once(toy_experiment, monkeypatch) -> None:
    trained = toy_experiment(Prepared)
    train(trained)
    kept = trained.finish()
    told = sum(len(sentence) for story in trained.data.train for sentence in story.sentences)
    _, tensors = read_tensors(kept.model)
    assert float(tensors["counts"].sum()) == told
    monkeypatch.setattr(Prepared, "prepare", lambda *_: pytest.fail("told again"))
    train(replace(trained, resume=True))


@pytest.mark.parametrize("name", ["sgd", "adagrad", "adamax"])
def test_every_optimizer_learns_and_resumes_to_the_same_bits(toy_experiment, name: str) -> None:
    more = {"optimizer": name, "learning_rate": 0.05, "l2": 0.001}
    epochs = train(toy_experiment(Adding, "whole", **more))
    assert epochs[-1].loss < epochs[0].loss
    running = toy_experiment(Adding, "stopped", **more).events()
    next(event for _, event in running if isinstance(event, Epoch) and event.epoch == 3)
    running.close()
    train(replace(toy_experiment(Adding, "stopped", **more), resume=True))
    folders = [toy_experiment(Adding, each, **more).folder for each in ("whole", "stopped")]
    (_, one), (_, other) = (read_tensors(folder / "last.safetensors") for folder in folders)
    assert one.keys() == other.keys()
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_l2_makes_weights_smaller(toy_experiment) -> None:
    sizes = []
    for l2 in (0.0, 0.1):
        trained = toy_experiment(Adding, f"l2-{l2}", l2=l2)
        train(trained)
        _, tensors = read_tensors(trained.folder / "last.safetensors")
        sizes.append(float(tensors["model.out.weight"].square().sum()))
    assert sizes[1] < sizes[0] / 2
