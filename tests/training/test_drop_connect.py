"""DropConnect: the gradients of a model some of whose weights are zero, and nothing left behind."""

import pytest
import torch
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from relmem_cli.errors import UsageError
from relmem_cli.training.drop_connect import DropConnect, named_parameters
from relmem_cli.training.flat import FlatParameters
from relmem_variants.plugin import RELATION_TRANSFORMER
from tests.variants.cases import NAMES, SIZES, build, story_batch

SHARE = 0.4


def model_of(name: str) -> torch.nn.Module:
    if name == "relation-transformer":
        return RELATION_TRANSFORMER.build(SIZES, {"dropout": 0.0}).double()
    return build(name)


@pytest.mark.parametrize("name", [*NAMES, "relation-transformer"])
def test_gradients_are_those_of_the_masked_weights_by_the_reference_path(name: str) -> None:
    model, batch = model_of(name), story_batch([3, 2], [(0, 2), (1, 1), (0, 3)])
    FlatParameters(model)
    words = model.encoder.words
    torch.manual_seed(3)
    mask = torch.empty_like(words).bernoulli_(1 - SHARE) / (1 - SHARE)
    masked = {**dict(model.named_parameters()), "encoder.words": words.detach() * mask}
    model.kernels = "reference"
    loss = cross_entropy(functional_call(model, masked, (batch,)), batch.answers)
    others = [each for each in model.parameters() if each is not words]
    expected = torch.autograd.grad(loss, others, allow_unused=True)
    leaf = masked["encoder.words"].requires_grad_()
    again = cross_entropy(functional_call(model, masked, (batch,)), batch.answers)
    (by_masked,) = torch.autograd.grad(again, leaf)

    model.kernels = "auto"
    torch.manual_seed(3)
    with DropConnect([words], SHARE).batch():
        found = model.learner()(batch)
    torch.testing.assert_close(found, loss.detach())
    torch.testing.assert_close(words.grad, by_masked * mask)
    for parameter, gradient in zip(others, expected, strict=True):
        if gradient is not None:
            torch.testing.assert_close(parameter.grad, gradient)


def test_a_part_is_zero_and_the_others_make_up_for_it_until_the_batch_is_over() -> None:
    weights = torch.nn.Parameter(torch.randn(200, 100))
    before = weights.detach().clone()
    with DropConnect([weights], 0.25).batch():
        kept = weights != 0
        torch.testing.assert_close(weights[kept], before[kept] / 0.75)
        first = kept.clone()
    assert (~first).float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert torch.equal(weights, before)
    with DropConnect([weights], 0.25).batch():
        assert not torch.equal(weights != 0, first)


def test_the_weights_come_back_when_a_batch_fails() -> None:
    weights = torch.nn.Parameter(torch.ones(10, 10))
    drop = DropConnect([weights], 0.5)
    with pytest.raises(IndexError), drop.batch():
        raise IndexError
    assert torch.equal(weights, torch.ones(10, 10))


def test_weights_are_named_and_a_wrong_name_says_which_there_are() -> None:
    model = build("entnet")
    words, keys = named_parameters(model, "encoder.words, keys")
    assert words is model.encoder.words
    assert keys is model.keys
    with pytest.raises(UsageError, match=r"no weights 'word'; it has .*encoder\.words"):
        named_parameters(model, "word")
