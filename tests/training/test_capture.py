from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.training.capture import CapturedStep, Run, padded, rounded
from tests.variants.cases import NAMES, build, mixed_batch, story_batch

CPU = torch.device("cpu")


class Rerun:
    """In place of CUDA: what is recorded is run again, on the tensors it was recorded with."""

    def __init__(self, failing: bool = False) -> None:
        self.failing, self.did = failing, []

    def rehearse(self, run: Run) -> Tensor:
        self.did.append("rehearse")
        return run()

    def record(self, run: Run) -> Run:
        self.did.append("record")
        if self.failing:
            raise RuntimeError("operation not permitted when stream is capturing")
        return run


def training_step(model: StoryModel[Any]) -> Callable[[StoryBatch], Tensor]:
    def step(batch: StoryBatch) -> Tensor:
        model.zero_grad()
        loss = cross_entropy(model(batch), batch.answers)
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.sub_(0.1 * parameter.grad)
        return loss

    return step


def batches() -> list[StoryBatch]:
    """Of two shapes once they are padded: 6 and 2 sentences."""
    asked = [(1, 5), (0, 0), (0, 2)]
    return [
        story_batch([2, 5, 1], asked),
        story_batch([1, 2], [(0, 1)]),
        story_batch([3, 6, 1], [*asked[:2], (2, 1)]),
        story_batch([5, 5, 2], asked),
        story_batch([2, 1], [(1, 1)]),
    ]


def parameters(model: StoryModel[Any]) -> Tensor:
    return torch.cat([value.detach().flatten() for value in model.parameters()])


@pytest.mark.parametrize("kernels", ["auto", "reference"])
@pytest.mark.parametrize("name", NAMES)
def test_what_a_batch_is_padded_with_changes_neither_loss_nor_gradients(
    name: str, kernels: str
) -> None:
    model = build(name, slots=3)
    model.kernels = kernels
    found = []
    for batch in (mixed_batch(), padded(mixed_batch())):
        model.zero_grad()
        loss = cross_entropy(model(batch), batch.answers)
        loss.backward()
        found.append([loss.detach(), *(value.grad.clone() for value in model.parameters())])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_batches_are_padded_to_few_shapes() -> None:
    batch = padded(story_batch([9, 3, 4, 0, 5], [(0, 9)] * 33))
    assert batch.sentences.shape[:2] == (6, 12)
    assert all(len(getattr(batch, name)) == 48 for name in ("questions", "story", "answers"))
    sizes = {rounded(count) for count in range(1, 1025)}
    assert len(sizes) == 20
    assert all(count <= rounded(count) < 1.5 * count for count in range(1, 1025))


def test_the_second_batch_of_a_shape_is_recorded_and_later_ones_replayed() -> None:
    recorder = Rerun()
    step = CapturedStep(training_step(build("entnet", slots=3)), CPU, recorder)
    for batch in batches():
        step(batch)
    assert recorder.did == ["rehearse", "rehearse", "record", "record"]


@pytest.mark.parametrize("failing", [False, True])
def test_recorded_steps_give_the_losses_and_parameters_of_plain_ones(failing: bool) -> None:
    plain, model = build("relation-slot", slots=3), build("relation-slot", slots=3)
    expected = training_step(plain)
    step = CapturedStep(training_step(model), CPU, Rerun(failing))
    for batch in batches() * 2:
        torch.testing.assert_close(step(batch), expected(batch).detach())
    torch.testing.assert_close(parameters(model), parameters(plain))


def test_a_batch_is_left_as_it_was_and_its_loss_is_kept() -> None:
    step = CapturedStep(training_step(build("entnet", slots=3)), CPU, Rerun())
    given = batches() * 2
    losses = [step(batch) for batch in given]
    values = [loss.item() for loss in losses]
    assert len(set(values)) == len(values)
    for batch, fresh in zip(given, batches() * 2, strict=True):
        assert all(
            torch.equal(getattr(batch, f.name), getattr(fresh, f.name)) for f in fields(batch)
        )


def test_a_recording_that_fails_is_told_once_and_not_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    recorder = Rerun(failing=True)
    step = CapturedStep(training_step(build("entnet", slots=3)), CPU, recorder)
    for batch in batches() * 2:
        step(batch)
    assert recorder.did.count("record") == 1
    assert [record.name for record in caplog.records] == ["relmem"]
    assert "operation not permitted" in caplog.text
