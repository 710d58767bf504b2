"""The relation network is that of its paper, pair by pair."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from relmem_cli.contract.model import StoryModel
from relmem_field.plugin import RN
from tests.field.layers import Array, one_hot, perceptron, relu, weights_of
from tests.field.recurrent import layers, made, pair_layer, read
from tests.variants.cases import mixed_batch, story_batch, words
from tests.variants.test_gradients import TINY

SMALL: dict[str, Any] = {"dim": 4, "width": 6, "sentences": 4}


def g_of_each_pair(
    model: StoryModel[Any], story: list[list[int]], question: list[int]
) -> list[list[Array]]:
    weights, most = weights_of(model), SMALL["sentences"]
    facts = [sentence for sentence in story if any(sentence)][-most:]
    q = read(question, weights, "question")
    o = [
        np.concatenate([read(fact, weights, "sentence"), one_hot(len(facts) - 1 - place, most)])
        for place, fact in enumerate(facts)
    ]
    g = [pair_layer(weights, "pair"), *layers(weights, "g")]
    return [[relu(perceptron(np.concatenate([o_i, o_j, q]), g)) for o_j in o] for o_i in o]


def test_logits_are_f_of_the_sum_of_g_over_all_pairs() -> None:
    model, batch = made(RN, SMALL), mixed_batch()
    logits = model(batch).detach().numpy()
    weights = weights_of(model)
    f = [*layers(weights, "f"), *layers(weights, "out")]
    for row, (story, position) in enumerate(
        zip(batch.story.tolist(), batch.position.tolist(), strict=True)
    ):
        told = batch.sentences[story, :position].tolist()
        pairs = g_of_each_pair(model, told, batch.questions[row].tolist())
        total = sum((g for those in pairs for g in those), np.zeros(SMALL["width"]))
        np.testing.assert_allclose(logits[row], perceptron(total, f), rtol=1e-9, atol=1e-9)


def test_explained_relations_are_the_lengths_of_g() -> None:
    model, story = made(RN, SMALL), words(1, 6, 5)
    state = model.begin(1)
    for sentence in story.unbind(dim=1):
        state = model.read(state, sentence)
    question = words(1, 4, seed=3)
    shown = model.explain(state, question)["relations"].values.detach().numpy()
    pairs = g_of_each_pair(model, story[0].tolist(), question[0].tolist())
    assert shown.shape == (4, 4)  # the latest ones
    np.testing.assert_allclose(shown, np.linalg.norm(np.array(pairs), axis=2), rtol=1e-9)


def test_a_sentence_counts_by_how_long_ago_it_was_said() -> None:
    model: Any = made(RN, SMALL)
    batch = story_batch([3], [(0, 3)])
    sentences = batch.sentences.clone()
    sentences[0] = batch.sentences[0, [1, 0, 2]]
    other = model.look(sentences, batch.questions)
    assert not torch.allclose(model(batch), other)


def test_dropout_is_only_in_training() -> None:
    model, batch = made(RN, SMALL | {"dropout": 0.5}), mixed_batch()
    assert torch.equal(model(batch), model(batch))
    model.train()
    assert not torch.equal(model(batch), model(batch))


def test_gradients_are_those_of_finite_differences() -> None:
    model = made(RN, {"dim": 2, "width": 3, "sentences": 2}, TINY)
    batch = story_batch([3, 1], [(0, 3), (1, 0), (0, 2)], gaps=[(0, 1)], sizes=TINY)
    names = [name for name, _ in model.named_parameters()]

    def loss(*values: Tensor) -> Tensor:
        logits: Tensor = functional_call(model, dict(zip(names, values, strict=True)), (batch,))
        return logits.logsumexp(dim=1).sum()

    assert torch.autograd.gradcheck(loss, tuple(model.parameters()), fast_mode=True)


@pytest.mark.parametrize("option", ["dim", "width", "sentences"])
def test_sizes_below_one_are_refused(option: str) -> None:
    with pytest.raises(ValueError, match=f"{option} is 0"):
        RN.options(**{option: 0})
