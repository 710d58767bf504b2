"""The baselines compute a bag or a GRU of one side of the data, and nothing of the other."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from relmem_cli.contract import Variant
from relmem_field.plugin import QUESTION_ONLY, STORY_ONLY
from tests.field.equations import (
    Array,
    Ids,
    array,
    assert_gradients,
    assert_same,
    built,
    each_question,
    mixed_batch,
)

DIM = 4
BOTH = pytest.mark.parametrize("variant", [QUESTION_ONLY, STORY_ONLY], ids=lambda v: str(v.name))
ENCODERS = pytest.mark.parametrize("encoder", ["gru", "bag"])


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def last_state(gru: Any, vectors: list[Array]) -> Array:
    """The last h of a GRU (Cho et al. 2014), whose gates torch keeps in the order r, z, n."""
    w, u, b_w, b_u = (array(each) for each in gru.parameters())
    h = np.zeros(DIM)
    for x in vectors:
        (x_r, x_z, x_n), (h_r, h_z, h_n) = np.split(w @ x + b_w, 3), np.split(u @ h + b_u, 3)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        h = (1 - z) * np.tanh(x_n + r * h_n) + z * h
    return h


def sentence(table: Array, words: Ids) -> Array:
    """In position encoding (arXiv 1503.08895, section 4.1)."""
    total, k = np.zeros(DIM), np.arange(1, DIM + 1) / DIM
    for j, word in enumerate(words, 1):
        place = j / len(words)
        total += ((1 - place) - k * (1 - 2 * place)) * table[word]
    return total


def answer(model: Any, sentences: list[Ids], question: Ids, *, story: bool) -> Array:
    table = array(model.words.weight)
    vectors = [table[word] for word in question]
    if story:
        vectors = [sentence(table, one) for one in sentences[-model.window :]]
    gru = model.sequence.gru
    h = sum(vectors, np.zeros(DIM)) if gru is None else last_state(gru, vectors)
    return array(model.out.weight) @ h + array(model.out.bias)


@BOTH
@ENCODERS
def test_answers_are_those_of_the_equations(variant: Variant, encoder: str) -> None:
    model, batch = built(variant, dim=DIM, encoder=encoder, memories=3), mixed_batch()
    story = variant is STORY_ONLY
    assert_same(model(batch), [answer(model, *one, story=story) for one in each_question(batch)])


@BOTH
@ENCODERS
def test_gradients_are_those_of_finite_differences(variant: Variant, encoder: str) -> None:
    assert_gradients(built(variant, dim=DIM, encoder=encoder), mixed_batch())


@ENCODERS
def test_neither_sees_the_other_side(encoder: str) -> None:
    batch = mixed_batch()
    others = replace(batch, sentences=batch.sentences.flip(0))
    asked = replace(batch, questions=batch.questions.flip(0))
    question, story = (built(v, encoder=encoder) for v in (QUESTION_ONLY, STORY_ONLY))
    assert torch.equal(question(batch), question(others))
    assert not torch.allclose(question(batch), question(asked))
    assert torch.equal(story(batch), story(asked))
    assert not torch.allclose(story(batch), story(others))
