from dataclasses import replace
from functools import partial

import pytest
import torch

from relmem_cli.training.optimizers import optimizer
from relmem_cli.training.settings import Settings

USUAL = Settings(variant="entnet", task="1", learning_rate=0.1)
TORCHS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.Adam,
    "sgd": torch.optim.SGD,
    "adagrad": partial(torch.optim.Adagrad, initial_accumulator_value=0.1),
    "adamax": torch.optim.Adamax,
}


def gradients(count: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(7, generator=generator, dtype=torch.float64) for _ in range(count)]


@pytest.mark.parametrize("name", TORCHS)
def test_steps_are_those_of_torch_whatever_the_rate(name: str) -> None:
    own = torch.linspace(-1, 1, 7, dtype=torch.float64)
    other = torch.nn.Parameter(own.clone())
    mine = optimizer(replace(USUAL, optimizer=name), own)
    right = TORCHS[name]([other], lr=0.1)
    for step, gradient in enumerate(gradients(20)):
        mine.rate.fill_(0.1 / (step + 1))
        right.param_groups[0]["lr"] = 0.1 / (step + 1)
        mine.step(gradient)
        other.grad = gradient
        right.step()
    torch.testing.assert_close(own, other.detach(), rtol=1e-12, atol=1e-12)


def test_sgd_has_momentum() -> None:
    own = torch.ones(7, dtype=torch.float64)
    other = torch.nn.Parameter(own.clone())
    mine = optimizer(replace(USUAL, optimizer="sgd", momentum=0.9), own)
    right = torch.optim.SGD([other], lr=0.1, momentum=0.9)
    for gradient in gradients(5):
        mine.step(gradient)
        other.grad = gradient
        right.step()
    torch.testing.assert_close(own, other.detach(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", TORCHS)
def test_weights_decay_apart_from_the_gradient(name: str) -> None:
    own = torch.ones(7, dtype=torch.float64)
    optimizer(replace(USUAL, optimizer=name, weight_decay=0.5), own).step(torch.zeros_like(own))
    torch.testing.assert_close(own, torch.full_like(own, 1 - 0.1 * 0.5))


@pytest.mark.parametrize("name", TORCHS)
def test_it_goes_on_from_what_was_kept(name: str) -> None:
    settings = replace(USUAL, optimizer=name, momentum=0.5)
    whole, halves = torch.ones(7, dtype=torch.float64), torch.ones(7, dtype=torch.float64)
    mine, first, second = (optimizer(settings, vector) for vector in (whole, halves, halves))
    for gradient in gradients(6):
        mine.step(gradient)
    for gradient in gradients(6)[:3]:
        first.step(gradient)
    second.load(first.tensors())
    for gradient in gradients(6)[3:]:
        second.step(gradient)
    assert torch.equal(whole, halves)
