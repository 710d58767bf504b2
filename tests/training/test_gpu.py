from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import StoryBatch, encode_stories, group_stories
from relmem_cli.training.adam import Adam
from relmem_cli.training.capture import CapturedStep
from relmem_cli.training.flat import FlatParameters
from relmem_cli.training.loop import Epoch
from relmem_variants.plugin import RELATION_TRANSFORMER, VARIANTS

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


SMALL = [
    *((variant, {"slots": 3, "dim": 8}) for variant in VARIANTS),
    (RELATION_TRANSFORMER, {"dim": 12, "dropout": 0.0}),
]
every_variant = pytest.mark.parametrize(
    ("variant", "options"), SMALL, ids=[variant.name for variant, _ in SMALL]
)


@every_variant
def test_a_variant_answers_on_the_gpu_as_on_the_cpu(variant, options, make_run) -> None:
    data = make_run().data
    torch.manual_seed(0)
    model = variant.build(data.sizes, options)
    batch = encode_stories(data.train, data.vocabulary, data.sizes)
    expected = model(batch)
    found = model.to("cuda")(batch.to(torch.device("cuda")))
    assert torch.allclose(found.cpu(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_logits_and_gradients_on_the_gpu_are_those_of_the_equations_in_double_precision(
    variant, make_run
) -> None:
    pytest.importorskip("triton")
    from relmem_variants.fast import backend

    assert backend("auto", torch.empty(1, device="cuda")) is not None
    data = make_run().data
    torch.manual_seed(0)
    model = variant.build(data.sizes, {"slots": 20, "dim": 100}).double()
    batch = encode_stories(data.train, data.vocabulary, data.sizes)
    model.kernels = "reference"
    expected = gradients(model, batch)
    model.kernels = "auto"
    found = gradients(model.float().to("cuda"), batch.to(torch.device("cuda")))
    for one, other in zip(found, expected, strict=True):
        wrong = torch.linalg.vector_norm(one.cpu().double() - other)
        assert wrong <= 1e-5 * torch.linalg.vector_norm(other)


def gradients(model: StoryModel[Any], batch: StoryBatch) -> list[Tensor]:
    """The logits, then the gradient of the loss by every parameter."""
    model.zero_grad()
    logits = model(batch)
    cross_entropy(logits, batch.answers).backward()
    return [logits.detach(), *(value.grad.clone() for value in model.parameters())]


@every_variant
def test_recorded_steps_give_the_losses_and_parameters_of_plain_ones(
    variant, options, make_run, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("triton")
    device, data = torch.device("cuda"), make_run().data
    losses, vectors = [], []
    for recorded in (False, True):
        torch.manual_seed(0)
        model = variant.build(data.sizes, options).to(device)
        assert model.recordable
        step, vector, optimizer = training_step(model)
        step = CapturedStep(step, device) if recorded else step
        losses.append([])
        for epoch in range(4):
            optimizer.rate.fill_(0.01 / (1 + epoch))
            for stories in group_stories(data.train, 6, torch.Generator().manual_seed(epoch)):
                batch = encode_stories(stories, data.vocabulary, data.sizes).to(device)
                losses[-1].append(step(batch).detach())
        vectors.append(vector)
        assert not recorded or step._recorded
    assert not caplog.records
    torch.testing.assert_close(torch.stack(losses[1]), torch.stack(losses[0]), rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(vectors[1], vectors[0], rtol=1e-3, atol=1e-4)


def test_a_step_that_waits_for_the_gpu_is_taken_unrecorded(
    make_run, caplog: pytest.LogCaptureFixture
) -> None:
    device, data = torch.device("cuda"), make_run().data
    model = VARIANTS[0].build(data.sizes, {"slots": 3, "dim": 8}).to(device)
    plain, vector, _ = training_step(model)

    def waiting(batch: StoryBatch) -> Tensor:
        assert batch.story.sum().item() >= 0
        return plain(batch)

    step = CapturedStep(waiting, device)
    batch = encode_stories(data.train[:4], data.vocabulary, data.sizes).to(device)
    before = vector.clone()
    losses = [step(batch).item() for _ in range(6)]
    assert losses[-1] < losses[0]
    assert not torch.equal(vector, before)
    assert len(caplog.records) == 1


def training_step(
    model: StoryModel[Any],
) -> tuple[Callable[[StoryBatch], Tensor], Tensor, Adam]:
    """A step, the parameters it trains, and its optimizer."""
    parameters = FlatParameters(model)
    optimizer = Adam(parameters.vector, rate=0.01)

    def step(batch: StoryBatch) -> Tensor:
        parameters.zero_gradient()
        loss = cross_entropy(model(batch), batch.answers)
        loss.backward()
        parameters.clip_gradient(1.0)
        optimizer.step(parameters.gradient)
        return loss

    return step, parameters.vector, optimizer


def test_a_run_trains_stops_and_resumes_on_the_gpu(make_run) -> None:
    stopped = make_run(device="cuda").events()
    while not isinstance(next(stopped)[1], Epoch):
        pass
    stopped.close()
    resumed = make_run(device="cuda", resume=True)
    epochs = [event.epoch for _, event in resumed.events() if isinstance(event, Epoch)]
    assert epochs == [2, 3, 4, 5, 6]
    assert resumed.finish().test_n == 72
