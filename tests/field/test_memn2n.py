"""MemN2N computes the equations of Sukhbaatar et al. 2015, as plain NumPy does in float64."""

from typing import Any

import numpy as np
import pytest
import torch

from relmem_field.memn2n import MemN2N
from relmem_field.plugin import MEMN2N, relmem_recipes
from tests.field.equations import (
    Ids,
    array,
    assert_gradients,
    assert_same,
    built,
    each_question,
    mixed_batch,
)
from tests.field.layers import Array, softmax

DIM = 4
CASES: list[dict[str, Any]] = [
    {"hops": 3},
    {"hops": 1, "encoding": "bag"},
    {"hops": 2, "tying": "layerwise"},
    {"hops": 3, "tying": "layerwise", "encoding": "bag", "memories": 2},
]


def sentence(table: Array, words: Ids, longest: int, *, bag: bool) -> Array:
    """m = sum_j l_j * E x_j (section 4.1), word by word and component by component.

    J is the same for all sentences, the task's longest with a place for the time.
    """
    total = np.zeros(DIM)
    for j, word in enumerate(words, 1):
        for k in range(1, DIM + 1):
            l_kj = 1 + 4 * (j - (longest + 1) / 2) * (k - (DIM + 1) / 2) / (DIM * longest)
            total[k - 1] += (1 if bag else l_kj) * table[word, k - 1]
    return total


def answer(model: Any, sentences: list[Ids], question: Ids, *, linear: bool = False) -> Array:
    """W (u^K + o^K), the logits."""
    hops, bag = model.options.hops, model.options.encoding == "bag"
    words = np.split(array(model.words.weight), array(model.words.weight).shape[1] // DIM, axis=1)
    times = np.split(array(model.times.weight), len(words), axis=1)
    if model.options.tying == "adjacent":
        a, c = words[:-1], words[1:]
        t_a, t_c = times[:-1], times[1:]
        b, w, h = words[0], words[-1], np.eye(DIM)
    else:
        a, c, t_a, t_c = ([one] * hops for one in (*words, *times))
        b, w, h = (array(x.weight) for x in (model.b, model.w, model.h))
    kept = sentences[-model.options.memories :]
    longest = max(model.sizes.sentence_length, model.sizes.question_length) + 1
    u = sentence(b, question, longest, bag=bag)
    for k in range(hops):
        aged = list(zip(kept, reversed(range(len(kept))), strict=True))
        m = [sentence(a[k], s, longest, bag=bag) + t_a[k][age] for s, age in aged]
        n = [sentence(c[k], s, longest, bag=bag) + t_c[k][age] for s, age in aged]
        scores = np.array([u @ one for one in m])
        empty = max(0, min(model.options.memories, model.sizes.story_length) - len(kept))
        p = scores if linear else softmax(np.append(scores, np.zeros(empty)))[: len(kept)]
        u = h @ u + sum((p_i * c_i for p_i, c_i in zip(p, n, strict=True)), np.zeros(DIM))
    return w @ u


@pytest.mark.parametrize("linear", [False, True])
@pytest.mark.parametrize("options", CASES, ids=str)
def test_answers_are_those_of_the_equations(options: dict[str, Any], linear: bool) -> None:
    model, batch = built(MEMN2N, dim=DIM, **options), mixed_batch()
    if linear:
        model.epoch(1, 10)
    expected = [answer(model, *asked, linear=linear) for asked in each_question(batch)]
    assert_same(model(batch), expected)
    states, order = model.when_asked(batch)
    assert_same(model.answer(states, batch.questions[order])[order.argsort()], expected)


@pytest.mark.parametrize("options", CASES, ids=str)
def test_gradients_are_those_of_finite_differences(options: dict[str, Any]) -> None:
    assert_gradients(built(MEMN2N, dim=2, **options), mixed_batch())


def test_adjacent_tying_has_one_table_more_than_hops_and_layerwise_the_same_for_all() -> None:
    def parameters(**options: Any) -> int:
        return sum(p.numel() for p in built(MEMN2N, dim=1, **options).parameters())

    one = 13 + 50  # words and times
    assert [parameters(hops=k) for k in (1, 2, 3)] == [2 * one, 3 * one, 4 * one]
    layerwise = 2 * one + 2 * 13 + 1  # A, C; B, W; H
    assert [parameters(hops=k, tying="layerwise") for k in (1, 3)] == [layerwise, layerwise]


def test_noise_makes_sentences_seem_older_in_training_alone() -> None:
    batch, quiet = mixed_batch(), built(MEMN2N, dim=DIM, noise=0.0)
    noisy = built(MEMN2N, dim=DIM, noise=0.9)
    assert torch.equal(noisy(batch), quiet(batch))
    assert torch.equal(quiet.train()(batch), noisy(batch))
    assert not torch.allclose(noisy.train()(batch), quiet(batch))


def test_linear_start_ends_after_its_share_of_the_epochs_and_begins_the_search_anew() -> None:
    model = built(MEMN2N, dim=DIM, linear=0.2)
    assert isinstance(model, MemN2N)
    phases = [(model.epoch(number, 10), bool(model.linear)) for number in (1, 2, 3, 4)]
    assert phases == [(False, True), (False, True), (True, False), (False, False)]
    straight = built(MEMN2N, dim=DIM, linear=0.0)
    assert isinstance(straight, MemN2N)
    straight.epoch(1, 10)
    assert not straight.linear


def test_attention_is_shown_for_each_hop_over_the_sentences() -> None:
    model, batch = built(MEMN2N, dim=DIM), mixed_batch()
    state = model.begin(1)
    for one in batch.sentences[2, :3]:
        state = model.read(state, one[None])
    chart = model.explain(state, batch.questions[:1])["attention"]
    assert chart.values.shape == (3, 3)
    assert ((chart.values.sum(1) > 0) & (chart.values.sum(1) <= 1)).all()


def test_what_the_empty_slots_get_the_sentences_do_not() -> None:
    model, batch = built(MEMN2N, dim=DIM, memories=3), mixed_batch()
    told = [model.begin(1)]
    for one in batch.sentences[2, :3]:
        told.append(model.read(told[-1], one[None]))
    shares = [model.explain(s, batch.questions[:1])["attention"].values.sum(1) for s in told[1:]]
    assert (shares[0] < 1).all()
    assert (shares[1] < 1).all()
    assert_same(shares[2], np.ones(3))


def test_the_recipes_name_what_the_paper_published_of_all_tasks() -> None:
    means = {
        recipe.name: sum(recipe.published["memn2n"].values()) / 20
        for recipe in relmem_recipes()
        if "memn2n" in recipe.published
    }
    assert {name: round(mean, 1) for name, mean in means.items()} == {
        "sukhbaatar": 13.9,
        "sukhbaatar-ls": 16.3,
        "sukhbaatar-pe": 20.3,
        "sukhbaatar-bow": 25.1,
    }


def test_a_sentence_that_two_questions_share_is_encoded_once() -> None:
    model, batch = built(MEMN2N, dim=DIM), mixed_batch()
    seen: list[int] = []
    model.words.register_forward_hook(lambda _, given, __: seen.append(given[0].dim()))
    model(batch)
    assert seen == [2, 2]  # [sentences, words] and [questions, words]
