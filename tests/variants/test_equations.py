"""The variants compute the paper's equations, as plain NumPy does in float64."""

from typing import Any

import numpy as np
import pytest
import torch

from relmem_cli.contract.model import StoryModel
from tests.variants.cases import CASES, SIZES, build, label, mixed_batch, reference, words
from tests.variants.reference import EntNet, RelationSlot


def assert_same(actual: torch.Tensor, expected: Any) -> None:
    np.testing.assert_allclose(actual.detach().numpy(), expected, rtol=1e-10, atol=1e-10)


def assert_same_state(state: Any, row: int, expected: EntNet) -> None:
    assert_same(state.memory[row], expected.h)
    assert_same(state.gates[row], expected.g)
    if isinstance(expected, RelationSlot):
        assert_same(state.relation[row], expected.r)


def assert_same_answer(model: StoryModel[Any], state: Any, row: int, expected: EntNet) -> None:
    question = words(1, SIZES.question_length, seed=row)
    one = type(state)._make(tensor[row : row + 1] for tensor in state)
    assert_same(model.answer(one, question)[0], expected.answer(question[0].tolist()))


@pytest.mark.parametrize(("name", "options"), CASES, ids=label)
def test_every_sentence_and_answer_is_that_of_the_equations(
    name: str, options: dict[str, Any]
) -> None:
    model = build(name, **options)
    batch = mixed_batch()
    references = [reference(name, model, options) for _ in batch.sentences]
    state = model.begin(len(batch.sentences))
    for sentences in [None, *batch.sentences.unbind(dim=1)]:
        if sentences is not None:
            state = model.read(state, sentences)
            for expected, tokens in zip(references, sentences.tolist(), strict=True):
                expected.read(tokens)
        for row, expected in enumerate(references):
            assert_same_state(state, row, expected)
            assert_same_answer(model, state, row, expected)


@pytest.mark.parametrize(("name", "options"), CASES, ids=label)
def test_forward_gives_the_answers_of_the_equations(name: str, options: dict[str, Any]) -> None:
    model = build(name, **options)
    batch = mixed_batch()
    logits = model(batch)
    for row, (story, position) in enumerate(
        zip(batch.story.tolist(), batch.position.tolist(), strict=True)
    ):
        expected = reference(name, model, options)
        for tokens in batch.sentences[story, :position].tolist():
            expected.read(tokens)
        assert_same(logits[row], expected.answer(batch.questions[row].tolist()))


def test_all_relations_keeps_the_number_of_pairs_of_eq_15() -> None:
    assert build("all-relations", slots=20).begin(1).relation.shape[1] == 190


@pytest.mark.parametrize("name", ["relation-slot", "all-relations"])
def test_explained_relations_are_the_gates_of_the_pairs(name: str) -> None:
    model = build(name, slots=3)
    expected = reference(name, model, {"slots": 3})
    sentence = words(1, SIZES.sentence_length)
    expected.read(sentence[0].tolist())
    state = model.read(model.begin(1), sentence)
    charts = model.explain(state, words(1, SIZES.question_length))
    pairs = [[expected.g_pair(i, j) if i != j else 0 for j in range(3)] for i in range(3)]
    assert_same(charts["relations"].values, pairs)
    assert_same(charts["gates"].values, [expected.g])


@pytest.mark.parametrize(("name", "options"), CASES, ids=label)
def test_explained_attention_has_a_row_for_every_hop_and_a_column_for_every_row_read(
    name: str, options: dict[str, Any]
) -> None:
    model = build(name, **options)
    expected = reference(name, model, options)
    sentence, question = words(1, SIZES.sentence_length), words(1, SIZES.question_length)
    expected.read(sentence[0].tolist())
    expected.answer(question[0].tolist())
    state = model.read(model.begin(1), sentence)
    assert_same(model.explain(state, question)["attention"].values, expected.p)
