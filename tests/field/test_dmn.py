"""DMN's and DMN+'s logits, gates and loss are those of their papers' equations."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_field.plugin import DMN
from tests.field import by_hand
from tests.field.layers import Array, gru, of, position_encoded, sigmoid, softmax, weights_of

Weights = dict[str, Array]


@dataclass
class Read:
    """What comes of one question: logits [vocabulary], gates [passes, facts]."""

    logits: Array
    gates: Array


def last_state(w: Weights, name: str, ids: list[int]) -> Array:
    h = np.zeros(w[f"{name}.weight_hh_l0"].shape[1])
    for word in ids:
        h = gru(of(w, name), w["words.weight"][word], h, "_l0")
    return h


def dmn(w: Weights, story: list[list[int]], question: list[int], *, soft: bool) -> Read:
    """Sections 2.1 to 2.4 of arXiv 1506.07285 with three passes."""
    h, c = np.zeros(w["end"].shape), []
    for sentence in story:  # one GRU over all words of the story
        for word in sentence:
            h = gru(of(w, "reader"), w["words.weight"][word], h, "_l0")
        c.append(h)
    c.append(w["end"])
    q = m = last_state(w, "reader", question)
    gates = []
    for _ in range(3):
        scores = np.array([similarity(w, c_t, m, q) for c_t in c])
        g = softmax(scores) if soft else sigmoid(scores)
        gates.append(g)
        e = np.zeros_like(q)
        for g_t, c_t in zip(g, c, strict=True):
            e = e + g_t * c_t if soft else g_t * gru(of(w, "episode"), c_t, e) + (1 - g_t) * e
        m = (1 - g[-1]) * gru(of(w, "memory"), e, m) + g[-1] * m
    a = gru(of(w, "answerer"), q, m)
    return Read(w["out.weight"] @ a + w["out.bias"], np.array(gates))


def similarity(w: Weights, c: Array, m: Array, q: Array) -> Array:
    cw = w["similar.weight"] @ c
    z = np.concatenate([c, m, q, c * q, c * m, abs(c - q), abs(c - m), [cw @ q, cw @ m]])
    hidden = np.tanh(w["gate.0.weight"] @ z + w["gate.0.bias"])
    return (w["gate.2.weight"] @ hidden + w.get("gate.2.bias", np.zeros(1)))[0]


def dmn_plus(w: Weights, story: list[list[int]], question: list[int], *, soft: bool) -> Read:
    """Sections 2 and 3 of arXiv 1603.01417 with three passes."""
    q = m = last_state(w, "question", question)
    zero = np.zeros_like(q)
    f = [position_encoded(w["words.weight"], sentence) for sentence in story]
    ahead, back = [zero], [zero]
    for f_t in f:
        ahead.append(gru(of(w, "fusion"), f_t, ahead[-1], "_l0"))
    for f_t in reversed(f):
        back.append(gru(of(w, "fusion"), f_t, back[-1], "_l0_reverse"))
    f = [one + other for one, other in zip(ahead[1:], reversed(back[1:]), strict=True)]
    gates, d = [], len(q)
    for t in range(3):
        z = [np.concatenate([x * q, x * m, abs(x - q), abs(x - m)]) for x in f]
        hidden = [np.tanh(w["gate.0.weight"] @ each + w["gate.0.bias"]) for each in z]
        g = softmax(np.array([(w["gate.2.weight"] @ each)[0] for each in hidden])) if f else []
        gates.append(g)
        c = zero
        for g_t, x in zip(g, f, strict=True):
            if soft:
                c = c + g_t * x
                continue
            given, kept = w["w.weight"] @ x + w["w.bias"], w["u.weight"] @ c
            r = sigmoid(given[:d] + kept[:d])
            c = g_t * np.tanh(given[d:] + r * kept[d:]) + (1 - g_t) * c
        m = w[f"update.{t}.weight"] @ np.concatenate([m, c, q]) + w[f"update.{t}.bias"]
        m = np.maximum(m, 0)
    return Read(w["out.weight"] @ np.concatenate([q, m]) + w["out.bias"], np.array(gates))


@pytest.mark.parametrize("episode", ["gru", "soft"])
@pytest.mark.parametrize("plus", [False, True])
def test_logits_and_gates_are_those_of_the_equations(plus: bool, episode: str) -> None:
    model = by_hand.built(DMN, dim=6, passes=3, plus=plus, episode=episode)
    with torch.no_grad():
        logits, gates = model.passes(*by_hand.tokens())
    w, each = weights_of(model), dmn_plus if plus else dmn
    for row, (story, question) in enumerate(zip(by_hand.STORIES, by_hand.QUESTIONS, strict=True)):
        right = each(w, story, question, soft=episode == "soft")
        np.testing.assert_allclose(logits[row].numpy(), right.logits, atol=1e-9)
        found = torch.stack(gates)[:, row].numpy()
        count = right.gates.shape[1]
        np.testing.assert_allclose(found[:, :count], right.gates, atol=1e-9)
        assert not found[:, count:].any()


def batch(supports: list[list[int]]) -> StoryBatch:
    """The stories with one question each, at their end; `supports` counts from 0."""
    sentences, questions = by_hand.tokens()
    lengths = [len(story) for story in by_hand.STORIES]
    sentences = torch.stack([s.roll(n, 0) for s, n in zip(sentences, lengths, strict=True)])
    most = max(map(len, supports))
    return StoryBatch(
        sentences=sentences,
        questions=questions,
        story=torch.arange(4),
        position=torch.tensor(lengths),
        answers=torch.tensor([1, 2, 3, 4]),
        spelled=torch.tensor([[1], [2], [3], [4]]),
        supports=torch.tensor([row + [-1] * (most - len(row)) for row in supports]),
    )


@pytest.mark.parametrize(("plus", "episode"), [(False, "gru"), (False, "soft"), (True, "gru")])
def test_gates_are_taught_one_fact_a_pass_and_then_the_end(plus: bool, episode: str) -> None:
    model = by_hand.built(DMN, dim=6, passes=3, plus=plus, episode=episode, gate_loss=0.5)
    facts = [[2, 0], [0], [], [0, 1, 2, 3]]  # of the last only three passes know
    with torch.no_grad():
        parts = model.loss(batch(facts))
    w, total, each = weights_of(model), 0.0, dmn_plus if plus else dmn
    for row in (0, 1, 3):  # no reason is named for the question without a story
        story = by_hand.STORIES[row]
        gates = each(w, story, by_hand.QUESTIONS[row], soft=episode == "soft").gates
        places = (facts[row] if plus else [*facts[row], len(story)])[:3]  # DMN+ knows no end
        for place, g in zip(places, gates, strict=False):
            total -= np.log(g[place]) / len(places)
            if episode == "gru" and not plus:  # a sigmoid each: the others are to be closed
                total -= np.log(1 - np.delete(g, place)).sum() / len(places)
    assert parts["gates"].item() == pytest.approx(0.5 * total / 4, abs=1e-7)


def test_without_a_weight_of_the_gates_the_answers_alone_teach() -> None:
    model = by_hand.built(DMN, dim=6, gate_loss=0.0)
    one, other = (model.loss(batch(facts)) for facts in ([[2, 0], [0], [], [1]], [[], [], [], [3]]))
    assert one.item() == other.item()


def test_questions_that_only_fill_a_batch_teach_nothing() -> None:
    model = by_hand.built(DMN, dim=6)
    full = batch([[2], [0], [], [1]])
    full.answers[:] = torch.tensor([IGNORED, 2, IGNORED, IGNORED])
    one = model.loss(full)
    full.supports[0] = 1
    assert torch.equal(model.loss(full)["gates"], one["gates"])


@pytest.mark.parametrize("episode", ["gru", "soft"])
@pytest.mark.parametrize("plus", [False, True])
def test_gradients_are_right(plus: bool, episode: str) -> None:
    options: dict[str, Any] = {"dim": 2, "plus": plus, "episode": episode, "passes": 2}
    assert by_hand.gradients_agree(by_hand.built(DMN, **options))


def test_words_are_left_out_in_training_alone() -> None:
    model = by_hand.built(DMN, dim=6, dropout=0.5)
    look = [model.look(*by_hand.tokens()) for _ in range(2)]
    assert torch.equal(*look)
    model.train()
    assert not torch.equal(*(model.look(*by_hand.tokens()) for _ in range(2)))


def test_gates_are_learned_before_answers() -> None:
    model = by_hand.built(DMN, dim=6, first=0.5)
    asked = batch([[2], [0], [], [1]])
    begins, answers = [], []
    for number in range(1, 5):
        begins.append(model.epoch(number, 4))
        answers.append(model.loss(asked)["answers"].item() > 0)
    assert answers == [False, False, True, True]
    assert begins == [False, False, True, False]
