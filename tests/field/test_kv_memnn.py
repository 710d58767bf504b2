"""KV-MemNN computes the equations of Miller et al. 2016, as plain NumPy does in float64."""

from typing import Any

import numpy as np
import pytest

from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.testing.case import SIZES
from relmem_field.kv_memnn import KeyValueMemNN
from relmem_field.plugin import KV_MEMNN
from tests.field.equations import (
    Ids,
    array,
    assert_gradients,
    assert_same,
    built,
    each_question,
    large,
    mixed_batch,
)
from tests.field.layers import Array, softmax

DIM = 4
CASES: list[dict[str, Any]] = [
    {"level": "sentence"},
    {"level": "sentence", "hops": 1, "memories": 2},
    {"level": "sentence", "frequent": 2},
    {"level": "window", "width": 3},
    {"level": "window", "width": 5, "hops": 3, "memories": 3},
    {"level": "window", "width": 3, "frequent": 2},
]


def memories(model: Any, sentence: Ids) -> list[tuple[Ids, Array, Array]]:
    """The words, key and value of each memory of a sentence (section 3.2)."""
    a = array(model.a.weight)
    if model.options.level == "sentence":
        bag = np.sum([a[word] for word in sentence], axis=0)
        return [(sentence, bag, bag)]
    centre, half = array(model.centre.weight), model.options.width // 2
    found = []
    for j, middle in enumerate(sentence):
        near = [(i, word) for i, word in enumerate(sentence) if abs(i - j) <= half]
        key = centre[middle] + sum((a[word] for i, word in near if i != j), np.zeros(DIM))
        found.append(([word for _, word in near], key, a[middle]))
    return found


def answer(model: Any, sentences: list[Ids], question: Ids) -> Array:
    """B q_(H+1), the logits: q_(j+1) = R_j (q_j + o), o = sum_i p_i v_i, p = softmax(q_j k)."""
    counts, frequent = array(model.counts), model.options.frequent
    t_key, t_value = np.split(array(model.times.weight), 2, axis=1)
    keys, values = [], []
    for age, sentence in enumerate(reversed(sentences[-model.options.memories :])):
        for words, key, value in memories(model, sentence):
            if frequent and not any(w in question and counts[w] < frequent for w in words):
                continue
            keys.append(key + t_key[age])
            values.append(value + t_value[age])
    q = np.sum([array(model.a.weight)[word] for word in question], axis=0)
    for r in model.r:
        p = softmax(np.array([q @ key for key in keys])) if keys else []
        o = sum((p_i * value for p_i, value in zip(p, values, strict=True)), np.zeros(DIM))
        q = array(r) @ (q + o)
    return array(model.b.weight) @ q


def model_of(**options: Any) -> Any:
    return large(built(KV_MEMNN, dim=DIM, **options))


@pytest.mark.parametrize("options", CASES, ids=str)
def test_answers_are_those_of_the_equations(options: dict[str, Any]) -> None:
    model, batch = model_of(**options), mixed_batch()
    expected = [answer(model, *asked) for asked in each_question(batch)]
    assert_same(model(batch), expected)
    states, order = model.when_asked(batch)
    assert_same(model.answer(states, batch.questions[order])[order.argsort()], expected)


@pytest.mark.parametrize("options", CASES, ids=str)
def test_gradients_are_those_of_finite_differences(options: dict[str, Any]) -> None:
    assert_gradients(model_of(**options), mixed_batch())


def test_words_are_counted_in_the_sentences_of_training() -> None:
    told = Story(
        sentences=(("a", "a", "b"), ("b", "a")),
        questions=(Question(text=("c",), answer="b", position=2),),
    )
    sizes = type(SIZES)(vocabulary=4, sentence_length=3, question_length=1, story_length=2)
    model = KV_MEMNN.build(sizes)
    assert isinstance(model, KeyValueMemNN)
    model.prepare(Vocabulary(("<pad>", "a", "b", "c")), [told, told])
    assert model.counts.tolist() == [0, 6, 4, 0]


def test_hashing_that_keeps_no_memory_leaves_the_question_alone() -> None:
    model, batch = model_of(level="sentence", frequent=1), mixed_batch()
    model.counts.fill_(1)
    assert_same(model(batch), [answer(model, [], question) for _, question in each_question(batch)])


@pytest.mark.parametrize("level", ["sentence", "window"])
def test_attention_is_shown_for_each_hop_over_the_sentences(level: str) -> None:
    model, batch = model_of(level=level), mixed_batch()
    state = model.begin(1)
    for one in batch.sentences[2, :3]:
        state = model.read(state, one[None])
    chart = model.explain(state, batch.questions[:1])["attention"]
    assert chart.values.shape == (3, 3)
    assert_same(chart.values.sum(1), np.ones(3))
