"""What tests of equations share: models in float64, stories as lists of ids, finite differences."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from relmem_cli.contract import Variant
from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.testing.case import SIZES, VOCABULARY, stories, stories_in_words
from tests.field.layers import Array

Ids = list[int]


def built(variant: Variant, **options: Any) -> StoryModel[Any]:
    """The variant's model in float64, in evaluation mode; always the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = variant.build(SIZES, options).double().eval()
        model.prepare(VOCABULARY, stories_in_words())
    return model


def large(model: StoryModel[Any]) -> StoryModel[Any]:
    """The model with weights N(0, 1), so that no part of an answer is too small to be seen."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(5)
        for parameter in model.parameters():
            parameter.normal_()
        for part in filter(_has_pad, model.modules()):
            next(part.parameters())[0] = 0
    return model


def mixed_batch() -> StoryBatch:
    """Five stories, one of them empty, with nine questions in no order; always the same ones."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        return stories()


def each_question(batch: StoryBatch) -> Iterator[tuple[list[Ids], Ids]]:
    """The sentences before each question and the question, without pads."""
    pairs = zip(batch.story.tolist(), batch.position.tolist(), batch.questions, strict=True)
    for story, position, question in pairs:
        sentences = [without_pads(one) for one in batch.sentences[story, :position]]
        yield [one for one in sentences if one], without_pads(question)


def without_pads(tokens: Tensor) -> Ids:
    return [token for token in tokens.tolist() if token]


def array(tensor: Tensor) -> Array:
    return tensor.detach().numpy()


def assert_same(actual: Tensor, expected: Any) -> None:
    np.testing.assert_allclose(array(actual), expected, rtol=1e-9, atol=1e-10)


def assert_gradients(model: StoryModel[Any], batch: StoryBatch) -> None:
    """Autograd's derivatives of the logits are those of finite differences, pads' vectors apart."""
    names = [name for name, _ in model.named_parameters()]
    padded = {f"{name}.weight" for name, part in model.named_modules() if _has_pad(part)}
    rows = (torch.arange(SIZES.vocabulary) > 0)[:, None]

    def logits(*weights: Tensor) -> Tensor:
        named = zip(names, weights, strict=True)
        kept = {name: weight * rows if name in padded else weight for name, weight in named}
        result: Tensor = functional_call(model, kept, (batch,))
        return result

    assert torch.autograd.gradcheck(logits, tuple(model.parameters()), fast_mode=True)


def _has_pad(part: nn.Module) -> bool:
    return isinstance(part, nn.Embedding) and part.padding_idx == 0
