"""MemNN computes the equations of Weston et al. 2014, as plain NumPy does in float64."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from relmem_cli.contract.model import total
from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.testing.case import SIZES
from relmem_field.memnn import MemNN
from relmem_field.plugin import MEMNN
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
from tests.field.layers import Array

DIM, MARGIN = 3, 0.1


class Weights:
    """U_O and U_R by what they are of: the question, a fact in x, a fact in y, an answer."""

    def __init__(self, model: Any) -> None:
        self.x_o, self.x_r = np.split(array(model.question.weight), 2, axis=1)
        self.m_o, self.m_r, self.y_o = np.split(array(model.memory.weight), 3, axis=1)
        self.time, self.none = array(model.time.weight), array(model.none)
        self.word = array(model.word.weight)


class Found(NamedTuple):
    facts: list[int]
    missed: list[float]
    logits: Array


def preference(w: Weights, x: Array, time: int, y: Ids, other: Ids, i: int, j: int) -> float:
    """s_Ot(x, y, y') = phi_x(x)^T U^T U (phi_y(y) - phi_y(y') + phi_t(x, y, y')) (section 3.4)."""

    def phi(words: Ids) -> Array:
        return np.sum([w.y_o[word] for word in words], axis=0) if words else w.none

    older = [bool(y) and time < i, bool(other) and time < j, bool(y and other) and i < j]
    phi_t = sum((feature * row for feature, row in zip(older, w.time, strict=True)), np.zeros(DIM))
    return float(x @ (phi(y) - phi(other) + phi_t))


def search(
    model: Any, sentences: list[Ids], question: Ids, right: Any = None, hops: int = 2
) -> Found:
    """The facts, one after another; right(hop, facts) are those that it may find in training."""
    w, facts = Weights(model), [*sentences, []]  # the last one is "none"
    none = len(sentences)
    x = np.sum([w.x_o[word] for word in question], axis=0)
    r = np.sum([w.x_r[word] for word in question], axis=0)
    time, found, missed = none + 1, [], []
    for hop in range(hops):

        def s(i: int, j: int, x: Array = x, time: int = time) -> float:
            return preference(w, x, time, facts[i], facts[j], i, j)

        may = set(range(none + 1)) if right is None else right(hop, found)
        best = none
        for i in range(none - 1, -1, -1):
            if i in may and (best not in may or s(i, best) > 0):
                best = i
        loss = 0.0
        for i in may:
            for j in set(range(none + 1)) - may:
                loss += max(0.0, MARGIN - s(i, j)) + max(0.0, MARGIN + s(j, i))
        found.append(best)
        missed.append(loss / max(len(may), 1))
        for word in facts[best]:
            x, r = x + w.m_o[word], r + w.m_r[word]
        time = best
    return Found(found, missed, w.word @ r)


def model_of(**options: Any) -> Any:
    return large(built(MEMNN, dim=DIM, margin=MARGIN, **options))


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_answers_and_facts_are_those_of_the_equations(hops: int) -> None:
    model, batch = model_of(hops=hops), mixed_batch()
    found = [search(model, *asked, hops=hops) for asked in each_question(batch)]
    assert len({tuple(each.facts) for each in found}) > 2
    assert_same(model(batch), [each.logits for each in found])


def margin_loss(logits: Array, right: int) -> float:
    """The sum over the wrong words of max(0, margin - s_R(right) + s_R(wrong)) (eq. 8)."""
    hinges = np.maximum(0, MARGIN - logits[right] + logits)
    return float(hinges.sum() - hinges[right])


def parts(model: Any, batch: StoryBatch, right: Any, hops: int = 2) -> dict[str, float]:
    """The loss's parts by the equations; right(row, sentences, question) is for `search`."""
    rows = [
        search(model, *asked, right=right(row, *asked), hops=hops)
        for row, asked in enumerate(each_question(batch))
    ]
    answers = batch.answers.tolist()
    words = [margin_loss(row.logits, one) for row, one in zip(rows, answers, strict=True)]
    facts = {f"fact {k + 1}": np.mean([row.missed[k] for row in rows]) for k in range(hops)}
    return {name: float(part) for name, part in {**facts, "answers": np.mean(words)}.items()}


def assert_parts(model: Any, batch: StoryBatch, expected: dict[str, float]) -> None:
    assert {name: part.item() for name, part in model.loss(batch).items()} == pytest.approx(
        expected, rel=1e-9, abs=1e-10
    )


def without_gaps() -> StoryBatch:
    """The mixed batch without the sentence of pads within a story, so that places are counted."""
    batch = mixed_batch()
    sentences = batch.sentences.clone()
    sentences[2, 3] = sentences[2, 4]
    return replace(batch, sentences=sentences)


def test_strong_supervision_ranks_the_named_facts_above_all_others() -> None:
    model, batch = model_of(hops=2), without_gaps()

    def right(row: int, sentences: list[Ids], question: Ids) -> Any:
        named = [s for s in batch.supports[row].tolist() if s >= 0]
        return lambda hop, found: {[*named, len(sentences), len(sentences)][hop]}

    assert_parts(model, batch, parts(model, batch, right))


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_weak_supervision_ranks_facts_with_common_words_above_all_others(hops: int) -> None:
    model, batch = model_of(hops=hops, supervision="weak"), without_gaps()
    batch = replace(batch, spelled=batch.answers[:, None])
    common = 5  # a word that is in half of all sentences
    model.likely.telling.fill_(1)[common] = 0

    def right(row: int, sentences: list[Ids], question: Ids) -> Any:
        words = [set(sentence) - {common} for sentence in sentences]
        answer = int(batch.answers[row])

        def valid(hop: int, found: list[int]) -> set[int]:
            before = set([*words, ()][found[-1]]) if hop else set(question)
            last = hop == hops - 1
            return {
                i for i, one in enumerate(words) if one & before and (answer in one or not last)
            }

        return valid

    assert_parts(model, batch, parts(model, batch, right, hops=hops))


def test_questions_that_only_fill_a_batch_are_not_learned_from() -> None:
    for supervision in ("strong", "weak"):
        model, batch = model_of(supervision=supervision), mixed_batch()
        fewer = replace(
            batch,
            questions=batch.questions[:4],
            story=batch.story[:4],
            position=batch.position[:4],
            answers=batch.answers[:4],
            supports=batch.supports[:4],
            spelled=batch.spelled[:4],
        )
        answers = batch.answers.masked_fill(torch.arange(len(batch.answers)) >= 4, IGNORED)
        filled = replace(batch, answers=answers, spelled=answers[:, None])
        fewer = replace(fewer, spelled=fewer.answers[:, None])
        assert total(model.loss(filled)).item() == pytest.approx(total(model.loss(fewer)).item())


def test_gradients_are_those_of_finite_differences() -> None:
    assert_gradients(model_of(), mixed_batch())


def test_of_two_facts_of_the_same_words_the_newer_can_be_told_to_win() -> None:
    model = model_of(hops=1)
    with torch.no_grad():
        model.time.weight.zero_()
        model.time.weight[2] = -1  # against y that is older than y'
        model.question.weight[1:] = model.memory.weight[1:] = 1
        model.none.fill_(-9)
    state, fact = model.begin(1), torch.tensor([[1, 2, 0, 0, 0, 0]])
    for sentence in (fact, fact, fact.flip(1).roll(2, 1)):
        state = model.read(state, sentence)
    assert model.explain(state, torch.tensor([[1, 3]]))["attention"].values.tolist() == [[0, 0, 1]]


def test_an_answer_in_capitals_is_looked_for_as_a_word_and_frequent_words_are_not() -> None:
    vocabulary = Vocabulary(("<pad>", "Bill", "bill", "gave", "it", "left"))
    asked = Question(text=("gave",), answer="Bill", position=1)
    model = MEMNN.build(replace(SIZES, vocabulary=6))
    assert isinstance(model, MemNN)
    told = Story(sentences=(("bill", "gave", "it"), ("it", "left"), ("it",)), questions=(asked,))
    model.prepare(vocabulary, [told])
    assert model.likely.lower.tolist() == [0, 2, 2, 3, 4, 5]
    assert model.likely.telling.tolist() == [True, True, True, True, False, True]


def test_facts_that_are_found_in_order_are_measured() -> None:
    model, batch = model_of(), without_gaps()
    found = [search(model, *asked).facts for asked in each_question(batch)]
    lengths = [len(sentences) for sentences, _ in each_question(batch)]
    named = [
        ([s for s in row if s >= 0] + [length] * 2)[:2]
        for row, length in zip(batch.supports.tolist(), lengths, strict=True)
    ]
    expected = [one == other for one, other in zip(found, named, strict=True)]
    assert model.measure(batch)["facts"].tolist() == expected


@pytest.mark.parametrize(("supervision", "most"), [("strong", 3), ("weak", 2)])
def test_unless_told_it_looks_for_as_many_facts_as_its_supervision_can_teach(
    supervision: str, most: int
) -> None:
    model, batch = model_of(supervision=supervision), mixed_batch()
    assert len([name for name in model.loss(batch) if name.startswith("fact")]) == most
