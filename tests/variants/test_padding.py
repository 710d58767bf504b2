"""Pads change nothing: words of pads, sentences of pads, stories of pads."""

from typing import Any

import pytest
import torch
from torch import Tensor

from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import StoryBatch
from tests.variants.cases import CASES, NAMES, SIZES, build, label, mixed_batch, words


def with_sentences(batch: StoryBatch, sentences: Tensor, **changed: Tensor) -> StoryBatch:
    fields = {"story": batch.story, "position": batch.position, **changed}
    return StoryBatch(
        sentences=sentences, questions=batch.questions, answers=batch.answers, **fields
    )


def assert_same_logits(model: StoryModel[Any], one: StoryBatch, other: StoryBatch) -> None:
    torch.testing.assert_close(model(one), model(other), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("name", "options"), CASES, ids=label)
def test_reading_pads_returns_the_same_state(name: str, options: dict[str, Any]) -> None:
    model = build(name, **options)
    state = model.read(model.begin(3), words(3, SIZES.sentence_length))
    sentences = words(3, SIZES.sentence_length, seed=4)
    sentences[1] = 0
    after = model.read(state, sentences)
    for before, now in zip(state, after, strict=True):
        assert torch.equal(before[1], now[1])
        assert not torch.equal(before[0], now[0])


@pytest.mark.parametrize("name", NAMES)
def test_sentences_of_pads_before_inside_and_after_a_story_change_nothing(name: str) -> None:
    model = build(name, slots=3)
    batch = mixed_batch()
    places = torch.tensor([1, 2, 4, 5, 7, 8])
    wide = torch.zeros(len(batch.sentences), 11, SIZES.sentence_length, dtype=torch.int64)
    wide[:, places] = batch.sentences
    moved = torch.tensor([0, 2, 3, 5, 6, 8, 9])[batch.position]
    assert_same_logits(model, with_sentences(batch, wide, position=moved), batch)


@pytest.mark.parametrize("name", NAMES)
def test_stories_of_pads_change_nothing(name: str) -> None:
    model = build(name, slots=3)
    batch = mixed_batch()
    empty = torch.zeros_like(batch.sentences[:2])
    more = torch.cat([empty, batch.sentences, empty])
    assert_same_logits(model, with_sentences(batch, more, story=batch.story + 2), batch)


@pytest.mark.parametrize("name", NAMES)
def test_pads_after_the_words_change_nothing_whatever_their_vector(name: str) -> None:
    model = build(name, slots=3)
    batch = mixed_batch()
    before = model(batch)
    with torch.no_grad():
        model.get_parameter("encoder.words")[0] = 100.0
    assert torch.equal(model(batch), before)


@pytest.mark.parametrize("name", NAMES)
def test_words_cut_after_the_last_one_give_the_same_state(name: str) -> None:
    model = build(name, slots=3)
    sentences = words(2, 3)
    padded = torch.nn.functional.pad(sentences, (0, SIZES.sentence_length - 3))
    short = model.read(model.begin(2), sentences)
    for one, other in zip(short, model.read(model.begin(2), padded), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)
