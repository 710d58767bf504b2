"""Gradients are the derivatives of what the variants compute."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from relmem_cli.stories.vocabulary import Sizes
from tests.variants.cases import build, label, story_batch

TINY = Sizes(vocabulary=4, sentence_length=3, question_length=2)

TINY_CASES: list[tuple[str, dict[str, Any]]] = [
    ("entnet", {"slots": 2}),
    ("multi-hop", {"slots": 2, "hops": 3}),
    ("relation-slot", {"slots": 3, "hops": 2}),
    ("relation-slot", {"slots": 2, "relation_limit": 0.5}),
    ("self-memory", {"slots": 2}),
    ("all-relations", {"slots": 3, "hops": 2}),
    ("all-relations", {"slots": 2, "relation_limit": 0.5}),
]


@pytest.mark.parametrize(("name", "options"), TINY_CASES, ids=label)
def test_gradients_are_those_of_finite_differences(name: str, options: dict[str, Any]) -> None:
    model = build(name, sizes=TINY, dim=2, **options)
    batch = story_batch([3, 1], [(0, 3), (1, 0), (0, 2)], gaps=[(0, 1)], sizes=TINY)
    names = [name for name, _ in model.named_parameters()]

    def logits(*weights: Tensor) -> Tensor:
        result: Tensor = functional_call(model, dict(zip(names, weights, strict=True)), (batch,))
        return result

    assert torch.autograd.gradcheck(logits, tuple(model.parameters()))
