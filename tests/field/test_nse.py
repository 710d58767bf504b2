"""NSE's logits are those of the equations, of sentences and of words."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from relmem_field.plugin import NSE
from tests.field import by_hand
from tests.field.layers import Array, lstm, of, position_encoded, sigmoid, softmax, weights_of

Weights = dict[str, Array]


def memory(w: Weights, name: str, vectors: Sequence[Array]) -> tuple[Array, Array]:
    """Both directions' states side by side [n, 2d], and the last of each [2d]; at least one."""
    zero = np.zeros(w[f"{name}.weight_hh_l0"].shape[1])
    vectors = vectors or [zero]
    ahead, back = [(zero, zero)], [(zero, zero)]
    for one in vectors:
        ahead.append(lstm(of(w, name), one, ahead[-1], "_l0"))
    for one in reversed(vectors):
        back.append(lstm(of(w, name), one, back[-1], "_l0_reverse"))
    rows = zip(ahead[1:], reversed(back[1:]), strict=True)
    states = np.array([np.concatenate([one[0], other[0]]) for one, other in rows])
    return states, np.concatenate([ahead[-1][0], back[-1][0]])


def steps(
    w: Weights, story: list[list[int]], question: list[int], *, words: bool, adaptive: bool
) -> tuple[Array, Array, Array]:
    """c [3, k], z^d [3, n] and how probable each step is the last [3]: three steps."""
    table, k = w["words.weight"], w["reader.weight_hh"].shape[1]
    if words:
        told = [table[word] for sentence in story for word in sentence]
    else:
        told = [position_encoded(table, sentence) for sentence in story]
    documents, _ = memory(w, "story", told)
    m, s = memory(w, "query", [table[word] for word in question])
    d, left = np.zeros(k), 1.0
    r = h = np.zeros(k), np.zeros(k)
    found: list[tuple[Array, Array, float]] = []
    for step in range(3):
        r = lstm(of(w, "reader"), np.concatenate([s, d]), r)
        z = softmax(m @ r[0])
        s = z @ m
        y = softmax(documents @ s) if told else np.zeros(1)
        d = y @ documents
        hidden = w["composer.0.weight"] @ np.concatenate([r[0], s, d]) + w["composer.0.bias"]
        c = np.maximum(hidden, 0)
        h = lstm(of(w, "writer"), c, h)
        new = m * (1 - z[:, None]) + np.outer(z, h[0])
        gate = sigmoid(w["gate.weight"] @ h[0] + w["gate.bias"])
        m = new if adaptive else gate * m + (1 - gate) * new
        stops = gate[0] * left if adaptive else 0.0
        stops = left if step == 2 else stops
        left -= stops
        found.append((c, y, stops))
    c, y, last = (np.array(each) for each in zip(*found, strict=True))
    return c, y, last


@pytest.mark.parametrize("adaptive", [False, True])
def test_answers_from_sentences_are_those_of_the_equations(adaptive: bool) -> None:
    model = by_hand.built(NSE, dim=4, adaptive=adaptive)
    with torch.no_grad():
        found = model.look(*by_hand.tokens()).softmax(dim=1).numpy()
    w = weights_of(model)
    for row, story, question in zip(found, by_hand.STORIES, by_hand.QUESTIONS, strict=True):
        c, _, last = steps(w, story, question, words=False, adaptive=adaptive)
        p = last @ softmax(c @ w["out.weight"].T + w["out.bias"])
        assert last.sum() == pytest.approx(1)
        np.testing.assert_allclose(row, p, atol=1e-9)


@pytest.mark.parametrize("adaptive", [False, True])
def test_words_of_the_story_are_as_probable_as_all_attention_to_them(adaptive: bool) -> None:
    model = by_hand.built(NSE, dim=4, adaptive=adaptive, memory="words")
    with torch.no_grad():
        found = model.look(*by_hand.tokens()).exp().numpy()
    w = weights_of(model)
    for row, story, question in zip(found, by_hand.STORIES, by_hand.QUESTIONS, strict=True):
        _, y, last = steps(w, story, question, words=True, adaptive=adaptive)
        p = np.zeros(by_hand.SIZES.vocabulary)
        for word, weight in zip((v for s in story for v in s), last @ y, strict=False):
            p[word] += weight
        np.testing.assert_allclose(row, np.maximum(p, 1e-9), atol=1e-9)


def test_one_step_leaves_the_query_as_it_was_written() -> None:
    """What is written is read by the next step, so a single one has the same answer either way."""
    one = by_hand.built(NSE, dim=4, steps=1, adaptive=True)
    other = by_hand.built(NSE, dim=4, steps=1, adaptive=False)
    other.load_state_dict(
        {**one.state_dict(), "gate.weight": other.gate.weight, "gate.bias": other.gate.bias}
    )
    assert torch.equal(one.look(*by_hand.tokens()), other.look(*by_hand.tokens()))


@pytest.mark.parametrize("memory", ["sentences", "words"])
def test_charts_say_what_each_step_read_and_which_is_probably_the_last(memory: str) -> None:
    model = by_hand.built(NSE, dim=4, memory=memory)
    sentences, questions = by_hand.tokens()
    state = model.begin(1)
    for sentence in sentences[3]:
        state = model.read(state, sentence[None])
    charts = model.explain(state, questions[3:])
    assert charts["attention"].values.shape == (3, 4)
    torch.testing.assert_close(charts["attention"].values.sum(dim=1), torch.ones(3).double())
    torch.testing.assert_close(charts["last"].values.sum(dim=1), torch.ones(1).double())


@pytest.mark.parametrize("memory", ["sentences", "words"])
@pytest.mark.parametrize("adaptive", [False, True])
def test_gradients_are_right(memory: str, adaptive: bool) -> None:
    assert by_hand.gradients_agree(
        by_hand.built(NSE, dim=2, steps=2, memory=memory, adaptive=adaptive)
    )
