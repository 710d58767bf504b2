"""The baselines compute a bag or a GRU of one side of the data, and nothing of the other."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from relmem_cli.contract import Variant
from relmem_field.plugin import QUESTION_ONLY, STORY_ONLY
from tests.field.equations import (
    Ids,
    array,
    assert_gradients,
    assert_same,
    built,
    each_question,
    mixed_batch,
)
from tests.field.layers import Array, gru_states, position_encoded, weights_of

DIM = 4
BOTH = pytest.mark.parametrize("variant", [QUESTION_ONLY, STORY_ONLY], ids=lambda v: str(v.name))
ENCODERS = pytest.mark.parametrize("encoder", ["gru", "bag"])


def answer(model: Any, sentences: list[Ids], question: Ids, *, story: bool) -> Array:
    table = array(model.words.weight)
    vectors = [table[word] for word in question]
    if story:
        vectors = [position_encoded(table, one) for one in sentences[-model.window :]]
    gru = model.sequence.gru
    states = [] if gru is None else gru_states(weights_of(gru), vectors)
    h = sum(vectors, np.zeros(DIM)) if gru is None else [np.zeros(DIM), *states][-1]
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
