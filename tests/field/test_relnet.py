"""RelNet is that of its paper, one relation after another."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from relmem_field.plugin import RELNET
from tests.field.layers import weights_of
from tests.field.recurrent import made
from tests.variants.cases import SIZES, mixed_batch, story_batch, words
from tests.variants.reference import EntNet, Vector, phi, sigma, unit
from tests.variants.test_gradients import TINY

SMALL: dict[str, Any] = {"slots": 4, "dim": 5}


class RelNet(EntNet):
    """EntNet with a relation of every two slots, which alone are read."""

    def __init__(self, model: Any) -> None:
        super().__init__(weights_of(model), vocabulary=SIZES.vocabulary)
        self.pairs = [(i, j) for i in range(self.m) for j in range(i + 1, self.m)]
        self.r = {(i, j): (self.w[i] + self.w[j]) / 2 for i, j in self.pairs}

    def write_relations(self, s: Vector) -> None:
        A, B, slope = (self.weights[name] for name in ("A", "B", "slope"))  # noqa: N806
        for i, j in self.pairs:
            r = self.r[i, j]
            gate = self.g_pair(i, j) * sigma(s @ r)
            self.r[i, j] = unit(r + gate * phi(A @ r + B @ s, slope))

    def rows(self) -> list[Vector]:
        C = self.weights["C"]  # noqa: N806
        return [C @ np.concatenate([self.h[i], self.h[j], self.r[i, j]]) for i, j in self.pairs]


def test_answers_are_those_of_the_equations() -> None:
    model, batch = made(RELNET, SMALL), mixed_batch()
    logits = model(batch).detach().numpy()
    for row, (story, position) in enumerate(
        zip(batch.story.tolist(), batch.position.tolist(), strict=True)
    ):
        expected = RelNet(model)
        for tokens in batch.sentences[story, :position].tolist():
            expected.read(tokens)
        answer = expected.answer(batch.questions[row].tolist())
        np.testing.assert_allclose(logits[row], answer, rtol=1e-9, atol=1e-9)


def test_explained_relations_are_the_attention_to_each_pair() -> None:
    model, sentence, question = made(RELNET, SMALL), words(1, 5), words(1, 4, seed=3)
    charts = model.explain(model.read(model.begin(1), sentence), question)
    expected = RelNet(model)
    expected.read(sentence[0].tolist())
    expected.answer(question[0].tolist())
    shown = charts["relations"].values.detach().numpy()
    pairs = [shown[pair] for pair in expected.pairs]
    np.testing.assert_allclose(pairs, expected.p[0], rtol=1e-9)
    np.testing.assert_array_equal(shown, shown.T)
    assert not shown.diagonal().any()
    np.testing.assert_allclose(charts["gates"].values[0].detach(), expected.g, rtol=1e-9)


def test_gradients_are_those_of_finite_differences() -> None:
    model = made(RELNET, {"slots": 3, "dim": 2}, TINY)
    batch = story_batch([3, 1], [(0, 3), (1, 0), (0, 2)], gaps=[(0, 1)], sizes=TINY)
    names = [name for name, _ in model.named_parameters()]

    def loss(*values: Tensor) -> Tensor:
        logits: Tensor = functional_call(model, dict(zip(names, values, strict=True)), (batch,))
        return logits.logsumexp(dim=1).sum()

    assert torch.autograd.gradcheck(loss, tuple(model.parameters()))


def test_one_slot_has_no_relation() -> None:
    with pytest.raises(ValueError, match="slots is 1; it must be at least 2"):
        RELNET.options(slots=1)
