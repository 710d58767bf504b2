"""`learn` adds the gradients that autograd takes from the equations, without autograd."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from relmem_cli.contract import Kernels
from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_cli.training.flat import FlatParameters
from relmem_variants.entnet import EntNet
from relmem_variants.fast.cpu import slot_function
from tests.variants.cases import CASES, NAMES, SIZES, build, label, mixed_batch, story_batch

BY_HAND = [name for name in NAMES if name not in ("all-relations", "relation-transformer")]
"""The variants whose every step is written by hand."""


def answered(batch: StoryBatch) -> StoryBatch:
    """The batch with other answers, the second of them one that no loss counts."""
    answers = torch.arange(len(batch.answers)) % SIZES.vocabulary
    answers[1:2] = IGNORED
    return replace(batch, answers=answers)


def by_autograd(model: StoryModel[Any], batch: StoryBatch) -> tuple[Tensor, list[Tensor]]:
    """The loss and its gradients on the reference path."""
    kernels, model.kernels = model.kernels, Kernels.reference
    loss = cross_entropy(model(batch), batch.answers, ignore_index=IGNORED)
    found = torch.autograd.grad(loss, list(model.parameters()))
    model.kernels = kernels
    return loss.detach(), list(found)


def assert_close(found: Tensor, right: Tensor, within: float = 1e-10) -> None:
    distance = float((found.double() - right.double()).norm())
    assert distance <= within * max(float(right.norm()), 1e-30)


@pytest.mark.parametrize(("name", "options"), CASES, ids=label)
def test_it_is_the_loss_and_the_gradients_of_the_reference_path(
    name: str, options: dict[str, Any]
) -> None:
    model, batch = build(name, **options), answered(mixed_batch())
    loss, gradients = by_autograd(model, batch)
    assert_close(model.learn(batch), loss)
    for parameter, right in zip(model.parameters(), gradients, strict=True):
        assert parameter.grad is not None
        assert_close(parameter.grad, right)


@pytest.mark.parametrize("name", BY_HAND)
def test_autograd_has_no_part_in_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(name, slots=3)
    monkeypatch.setattr(Tensor, "backward", None)
    monkeypatch.setattr(torch.autograd, "grad", None)
    loss = model.learn(mixed_batch())
    assert not loss.requires_grad


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_added_to_those_that_are_there(name: str) -> None:
    model, batch = build(name, slots=3), answered(mixed_batch())
    _, gradients = by_autograd(model, batch)
    vector = FlatParameters(model)
    vector.gradient.fill_(0.5)
    learner = model.learner()
    learner(batch)
    learner(batch)
    for parameter, right in zip(model.parameters(), gradients, strict=True):
        assert parameter.grad is not None
        assert_close(parameter.grad, 2 * right + 0.5)


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize(
    ("lengths", "asked"),
    [
        ([1], [(0, 1), (0, 0)]),
        ([0, 3], [(0, 0), (1, 3), (1, 3), (1, 2)]),
        ([61, 1, 0, 17], [(0, 61), (0, 5), (1, 1), (3, 9), (2, 0)]),
    ],
    ids=["1 sentence", "empty and short", "61 sentences"],
)
@pytest.mark.parametrize(("slots", "dim"), [(2, 7), (13, 33), (20, 100)])
def test_in_float32_it_is_within_1e_5_of_the_equations_in_float64(
    name: str, lengths: list[int], asked: list[tuple[int, int]], slots: int, dim: int
) -> None:
    model, batch = build(name, slots=slots, dim=dim), answered(story_batch(lengths, asked))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(dim**-0.5)
    model = model.float()
    loss = model.learn(batch)
    right, gradients = by_autograd(model.double(), batch)
    assert_close(loss, right, 1e-5)
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        assert parameter.grad is not None
        assert_close(parameter.grad, gradient, 1e-5)


@pytest.mark.parametrize("name", BY_HAND)
def test_frozen_and_transposed_parameters_change_no_other_gradient(name: str) -> None:
    model, batch = build(name, slots=3), answered(mixed_batch())
    names = [key for key, _ in model.named_parameters()]
    expected = dict(zip(names, by_autograd(model, batch)[1], strict=True))
    frozen = {"memory.U", "encoder.words", "readout.H", "keys"}
    for key, parameter in model.named_parameters():
        parameter.requires_grad_(key not in frozen)
        if parameter.dim() == 2:
            parameter.data = parameter.data.T.contiguous().T
    model.learn(batch)
    for key, parameter in model.named_parameters():
        assert (parameter.grad is None) == (key in frozen)
        if parameter.grad is not None:
            assert_close(parameter.grad, expected[key])


@pytest.mark.parametrize("name", BY_HAND)
def test_a_batch_whose_answers_do_not_count_has_gradients_of_zero(name: str) -> None:
    model, batch = build(name, slots=3), mixed_batch()
    for each in (story_batch([], []), replace(batch, answers=batch.answers * 0 + IGNORED)):
        assert model.learn(each).isnan()
        assert not any(p.grad is not None and p.grad.any() for p in model.parameters())


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("together", [1, 6, 14])
def test_a_part_of_the_stories_at_a_time_gives_the_same(
    name: str, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot_function, "SENTENCES_TOGETHER", together)
    model = build(name, slots=3)
    asked = [(0, 2), (0, 7), (1, 1), (3, 0), (3, 4), (4, 7), (4, 7)]
    for batch in (answered(story_batch([7, 2, 0, 4, 7, 3], asked)), answered(mixed_batch())):
        loss, gradients = by_autograd(model, batch)
        model.zero_grad()
        assert_close(model.learn(batch), loss)
        for parameter, right in zip(model.parameters(), gradients, strict=True):
            assert parameter.grad is not None
            assert_close(parameter.grad, right)


@pytest.mark.parametrize("story", [-1, 3])
def test_a_question_about_no_story_is_an_error(story: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot_function, "SENTENCES_TOGETHER", 1)
    model, batch = build("entnet", slots=3), story_batch([3, 1, 2], [(0, 1), (1, 1), (2, 1)])
    batch.story[0 if story < 0 else 2] = story
    with pytest.raises(IndexError):
        model.learn(batch)


@pytest.mark.parametrize("answer", [SIZES.vocabulary, -1])
def test_an_answer_outside_the_vocabulary_is_an_error(answer: int) -> None:
    model, batch = build("entnet", slots=3), mixed_batch()
    batch.answers[0] = answer
    with pytest.raises(IndexError):
        model.learn(batch)


def test_a_variant_with_a_forward_of_its_own_learns_by_it() -> None:
    class Doubled(EntNet):
        def forward(self, batch: StoryBatch) -> Tensor:
            return 2 * super().forward(batch)

    plain, batch = build("entnet", slots=3), mixed_batch()
    plain.__class__ = Doubled
    assert_close(plain.learn(batch), cross_entropy(plain(batch), batch.answers).detach())


def test_a_loss_beyond_the_smallest_probability_is_finite() -> None:
    model, batch = build("entnet", slots=3).float(), mixed_batch()
    with torch.no_grad():
        model.get_parameter("readout.R").mul_(1e4)
    loss, _ = by_autograd(model, batch)
    assert loss > 200
    assert_close(model.learn(batch), loss, 1e-5)
