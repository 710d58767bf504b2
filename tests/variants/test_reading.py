"""Reading a batch of stories equals reading each alone, sentence by sentence."""

from typing import Any

import pytest
import torch
from torch.nn.functional import cross_entropy

from relmem_cli.contract.model import select
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from tests.variants.cases import (
    CASES,
    NAMES,
    SIZES,
    build,
    label,
    mixed_batch,
    one_by_one,
    story_batch,
    words,
)


@pytest.mark.parametrize(("name", "options"), CASES, ids=label)
def test_forward_equals_one_sentence_at_a_time(name: str, options: dict[str, Any]) -> None:
    model = build(name, **options)
    batch = mixed_batch()
    torch.testing.assert_close(model(batch), one_by_one(model, batch), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_states_of_a_batch_are_those_of_read(name: str) -> None:
    model = build(name, slots=3)
    batch = mixed_batch()
    state = model.begin(len(batch.sentences))
    told = [None, *batch.sentences.unbind(dim=1)]
    for sentences, fast in zip(told, model.states(batch), strict=True):
        if sentences is not None:
            state = model.read(state, sentences)
        for tensor, expected in zip(fast, state, strict=True):
            torch.testing.assert_close(tensor, expected[: len(tensor)], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_states_drop_only_stories_that_have_nothing_left(name: str) -> None:
    model = build(name, slots=3)
    asked = story_batch([3, 1, 2, 0], [(0, 3), (1, 1), (2, 2), (3, 0)])
    assert [len(state[0]) for state in model.states(asked)] == [4, 3, 3, 1]
    unasked = story_batch([1, 3, 2, 1], [(0, 1)])
    assert [len(state[0]) for state in model.states(unasked)] == [4, 4, 3, 2]


@pytest.mark.parametrize("name", NAMES)
def test_order_of_questions_is_the_order_of_logits(name: str) -> None:
    model = build(name, slots=3)
    batch = mixed_batch()
    order = torch.tensor([5, 0, 8, 3, 1, 7, 2, 6, 4])
    shuffled = StoryBatch(
        sentences=batch.sentences,
        questions=batch.questions[order],
        story=batch.story[order],
        position=batch.position[order],
        answers=batch.answers[order],
    )
    torch.testing.assert_close(model(shuffled), model(batch)[order], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_words_after_a_question_do_not_change_its_answer(name: str) -> None:
    model = build(name, slots=3)
    batch = mixed_batch()
    before = model(batch)
    batch.sentences[2, 2:] = words(4, SIZES.sentence_length, seed=9)
    earlier = (batch.story != 2) | (batch.position <= 2)
    after = model(batch)
    torch.testing.assert_close(after[earlier], before[earlier], rtol=1e-10, atol=1e-10)
    assert not torch.isclose(after[~earlier], before[~earlier]).all(dim=1).any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("lengths", [[], [0], [3, 1]], ids=str)
def test_no_questions_give_no_logits(name: str, lengths: list[int]) -> None:
    model = build(name, slots=3)
    assert model(story_batch(lengths, [])).shape == (0, SIZES.vocabulary)


@pytest.mark.parametrize("name", NAMES)
def test_stories_without_sentences_can_be_asked_about(name: str) -> None:
    model = build(name, slots=3)
    batch = story_batch([0, 0], [(1, 0), (0, 0), (1, 0)])
    torch.testing.assert_close(model(batch), model.answer(model.begin(3), batch.questions))


@pytest.mark.parametrize("name", NAMES)
def test_reading_leaves_the_earlier_state_as_it_was(name: str) -> None:
    model = build(name, slots=3)
    first = model.read(model.begin(2), words(2, SIZES.sentence_length))
    kept = [tensor.clone() for tensor in first]
    model.read(first, words(2, SIZES.sentence_length, seed=3))
    model.answer(first, words(2, SIZES.question_length))
    model.explain(select(first, slice(1)), words(1, SIZES.question_length))
    for tensor, before in zip(first, kept, strict=True):
        assert torch.equal(tensor, before)


@pytest.mark.parametrize("name", NAMES)
def test_longest_stories_stay_finite_forwards_and_backwards(name: str) -> None:
    sizes = Sizes(vocabulary=36, sentence_length=8, question_length=5)
    model = build(name, sizes=sizes, dim=24, slots=20).float()
    batch = story_batch([130, 100], [(0, 130), (1, 100), (0, 65)], sizes=sizes)
    logits = model(batch)
    cross_entropy(logits, batch.answers).backward()
    assert logits.isfinite().all()
    for parameter_name, parameter in model.named_parameters():
        assert parameter.grad is not None, parameter_name
        assert parameter.grad.isfinite().all(), parameter_name
