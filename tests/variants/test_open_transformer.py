"""open-transformer: its fast path computes what its equations say, however long the story."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from relmem_cli.contract import Kernels
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import SAID_ID, Sizes, Vocabulary
from relmem_cli.testing import check_variant
from relmem_variants.open_transformer import OpenTransformer
from relmem_variants.plugin import OPEN_TRANSFORMER
from relmem_variants.retrieval import Retrieval
from tests.variants.open_transformer_reference import OpenTransformer as Reference

SIZES = Sizes(vocabulary=9, sentence_length=6, question_length=5, extra=30, words="open")


def build(number: torch.dtype = torch.float64, **options: Any) -> OpenTransformer:
    """A model, not in training, all of whose parameters are random."""
    settings = {"dim": 48, "heads": 3, "steps": 2, "context": 8, **options}
    model = OPEN_TRANSFORMER.build(SIZES, settings).to(number).eval()
    assert isinstance(model, OpenTransformer)
    generator = torch.Generator().manual_seed(5)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3, generator=generator)
    model.counts[:3] = 0
    return model


def batch_of(*counts: int, seed: int = 0, most: int = SIZES.ids) -> StoryBatch:
    """Stories with so many sentences of random words, two questions each."""
    draw = np.random.default_rng(seed)
    sentences = np.zeros((len(counts), max(counts), SIZES.sentence_length), np.int64)
    for row, count in enumerate(counts):
        for told in range(count):
            words = draw.integers(2, SIZES.sentence_length + 1)
            sentences[row, told, :words] = draw.integers(1, most, words)
    story = np.repeat(np.arange(len(counts)), 2)
    position = np.array([[max(count // 2, 1), count] for count in counts]).reshape(-1)
    questions = np.zeros((len(story), SIZES.question_length), np.int64)
    questions[:, :3] = draw.integers(1, most, (len(story), 3))
    answers = [sentences[s, p - 1, 0] for s, p in zip(story, position, strict=True)]
    return StoryBatch(
        sentences=torch.from_numpy(sentences),
        questions=torch.from_numpy(questions),
        story=torch.from_numpy(story),
        position=torch.from_numpy(position),
        answers=torch.tensor(answers),
    )


def one_by_one(model: OpenTransformer, batch: StoryBatch) -> Iterator[Tensor]:
    for row, (story, position) in enumerate(
        zip(batch.story.tolist(), batch.position.tolist(), strict=True)
    ):
        state = model.begin(1)
        for sentence in batch.sentences[story, :position]:
            state = model.read(state, sentence[None])
        yield model.answer(state, batch.questions[row : row + 1])[0]


def test_it_conforms_to_the_contract() -> None:
    check_variant(OPEN_TRANSFORMER)


def test_it_computes_what_the_docstrings_say() -> None:
    model, batch = build(rank=2, features=5), batch_of(5, 1, 7)
    model.kernels = Kernels.reference
    weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
    counts = [bool(count) for count in model.counts[: SIZES.vocabulary]]
    reference = Reference(weights, heads=3, steps=2, rank=2, closed=SIZES.vocabulary, counts=counts)
    logits = model(batch).detach().numpy()
    for row, (story, position) in enumerate(
        zip(batch.story.tolist(), batch.position.tolist(), strict=True)
    ):
        told = [
            [word for word in sentence if word]
            for sentence in batch.sentences[story, :position].tolist()
        ]
        asked = [word for word in batch.questions[row].tolist() if word]
        expected = reference.answer([sentence for sentence in told if sentence], asked)
        # what is told after a question may be answered too: it is of the same story
        same = (logits[row] > -1e8) & (expected > -1e8)
        assert same.sum() >= SIZES.vocabulary
        assert np.allclose(logits[row][same], expected[same], rtol=1e-9, atol=1e-9)
        assert set(np.flatnonzero(expected > -1e8)) <= set(np.flatnonzero(logits[row] > -1e8))


@pytest.mark.parametrize("number", [torch.float64, torch.float32])
def test_the_fast_path_computes_the_equations(number: torch.dtype) -> None:
    model, batch = build(number), batch_of(5, 1, 9)
    near = {"rtol": 1e-9, "atol": 1e-9} if number is torch.float64 else {"rtol": 1e-3, "atol": 1e-3}
    found: dict[Kernels, Tensor] = {}
    gradients: dict[Kernels, list[Tensor]] = {}
    for kernels in (Kernels.reference, Kernels.auto):
        model.kernels = kernels
        model.zero_grad()
        found[kernels] = model(batch)
        loss = model.loss(batch)
        assert isinstance(loss, Tensor)
        loss.backward()  # type: ignore[no-untyped-call]
        gradients[kernels] = [
            torch.zeros_like(each) if each.grad is None else each.grad.clone()
            for each in model.parameters()
        ]
    torch.testing.assert_close(found[Kernels.auto], found[Kernels.reference], **near)
    for fast, slow in zip(*gradients.values(), strict=True):
        torch.testing.assert_close(fast, slow, **near)


def test_dropout_is_drawn_in_training_alone() -> None:
    model, batch = build(dropout=0.5), batch_of(4)
    assert torch.equal(model(batch), model(batch))
    model.train()
    assert not torch.equal(model(batch), model(batch))


def test_only_words_of_the_story_and_the_vocabulary_are_answered() -> None:
    model, batch = build(), batch_of(3)
    told = set(batch.sentences[0].flatten().tolist())
    logits = model(batch)[1].detach()
    for word in range(SIZES.vocabulary, SIZES.ids):
        assert (float(logits[word]) > -1e8) == (word in told)


def test_an_answer_among_candidates_that_was_not_read_is_left_out_of_the_loss() -> None:
    batch = batch_of(4, 4)
    answers = batch.answers.clone()
    answers[0] = SIZES.ids - 1  # a name that stands nowhere
    among = torch.stack([answers, batch.sentences[batch.story, 0, 1]], dim=1)
    model = build()
    unread = model.loss(replace(batch, answers=answers, candidates=among))
    left = replace(batch, answers=answers.index_fill(0, torch.tensor([0]), -1), candidates=among)
    assert isinstance(unread, Tensor)
    assert unread.isfinite()
    assert unread == model.loss(left)


def test_a_batch_whose_answers_were_all_not_read_has_no_loss() -> None:
    batch = batch_of(3)
    assert build().loss(replace(batch, answers=torch.full_like(batch.answers, -1))) == 0


def test_which_open_word_it_is_does_not_matter_beside_its_vector() -> None:
    model, batch = build(), batch_of(6)
    with torch.no_grad():
        model.context.words[SIZES.vocabulary :] = model.context.words[SIZES.vocabulary]
    other = torch.arange(SIZES.ids)
    other[SIZES.vocabulary :] = SIZES.vocabulary + torch.randperm(SIZES.extra)
    renamed = replace(batch, sentences=other[batch.sentences], questions=other[batch.questions])
    torch.testing.assert_close(model(renamed)[:, other], model(batch))


def test_a_long_story_is_read_by_what_the_question_leads_to() -> None:
    model = build(capacity=8)
    batch = batch_of(40, most=SIZES.vocabulary + 4)
    torch.testing.assert_close(model(batch), torch.stack(list(one_by_one(model, batch))))
    counts = model.counts[: SIZES.vocabulary].numpy()
    rows = Retrieval(8).rows(batch.sentences, 0, 40, batch.questions[1].numpy(), counts)
    story = StoryBatch(
        sentences=batch.sentences[:, rows],
        questions=batch.questions[1:],
        story=batch.story[1:],
        position=torch.tensor([len(rows)]),
        answers=batch.answers[1:],
    )
    with torch.no_grad():
        model.context.words[SIZES.vocabulary :] = model.context.words[SIZES.vocabulary]
    known = slice(SIZES.vocabulary)
    torch.testing.assert_close(model(batch)[1, known], model(story)[0, known])


def test_a_story_may_have_more_names_than_the_bank() -> None:
    model = build()
    batch = batch_of(20, most=SIZES.vocabulary + 4 * SIZES.extra)
    logits = model(batch)
    assert logits.shape[1] > SIZES.ids
    told = set(batch.sentences[0].flatten().tolist()) - {0}
    answerable = {word for word in range(logits.shape[1]) if float(logits[1, word].detach()) > -1e8}
    assert answerable <= told | set(range(SIZES.vocabulary))
    assert len(answerable - set(range(SIZES.vocabulary))) == SIZES.extra


def test_keeping_a_story_costs_no_copy_a_sentence_and_undo_stays_right() -> None:
    model = build()
    state, states = model.begin(1), []
    sentences = batch_of(100).sentences[0]
    for sentence in sentences:
        state = model.read(state, sentence[None])
        states.append(state.sentences)
    assert len({each.data_ptr() for each in states}) < 10
    back = states[49]
    other = model.read(type(state)(back), sentences[:1]).sentences
    assert other[0, 50].tolist() == sentences[0].tolist()
    assert states[50][0].tolist() == sentences[:51].tolist()  # what was undone is as it was


def test_a_story_may_have_more_names_than_small_numbers_can_say() -> None:
    model = build()
    state = model.begin(1)
    for word in (20, 21, 40_000, 22):
        state = model.read(state, torch.tensor([[4, word]]))
    assert state.sentences[0, :, 1].tolist() == [20, 21, 40_000, 22]
    assert model.answer(state, torch.tensor([[4, 40_000]])).shape == (1, 40_001)


def test_words_that_say_nothing_of_a_subject_do_not_count() -> None:
    vocabulary = Vocabulary(("<pad>", "<end>", "<said>", "<verb>", ",", "go~", "kitchen", "the"))
    model = OPEN_TRANSFORMER.build(replace(SIZES, vocabulary=len(vocabulary)), {})
    model.prepare(vocabulary, [])
    counted = [vocabulary.items[i] for i in range(len(vocabulary)) if model.counts[i]]
    assert counted == ["kitchen"]


COUNTS = np.array([0, 0, 0, 1, 2, 2], np.int8)


def story_of(*texts: list[int]) -> np.ndarray[Any, Any]:
    told = np.zeros((len(texts), 4), np.int64)
    for row, text in enumerate(texts):
        told[row, : len(text)] = text
    return told


def recall(told: np.ndarray[Any, Any], asked: list[int], most: int) -> list[int]:
    story = torch.from_numpy(told)[None]
    return Retrieval(most).rows(story, 0, len(told), np.array(asked), COUNTS).tolist()


def test_a_short_story_is_recalled_whole() -> None:
    told = story_of([1, 10], [1, 11], [2])
    assert recall(told, [10], 3) == [0, 1, 2]


def test_sentences_are_recalled_by_the_questions_words_and_theirs() -> None:
    noise = [[1, 50 + i, 90 + i] for i in range(60)]
    told = story_of([1, 10, 11], *noise[:30], [1, 12, 10], *noise[30:])
    assert recall(told, [1, 12], 8) == [0, 31]


def test_a_sentence_without_a_name_comes_with_the_one_before() -> None:
    noise = [[1, 50 + i, 90 + i] for i in range(60)]
    told = story_of([1, 10, 11], [2, 12], *noise)
    assert recall(told, [10], 8) == [0, 1]


def test_no_more_are_recalled_than_asked_for() -> None:
    told = story_of(*([1, 10, 20 + i % 7] for i in range(500)))
    assert len(recall(told, [10, 21], 12)) <= 12


def test_what_an_answer_has_said_leads_nowhere() -> None:
    noise = [[1, 50 + i, 90 + i] for i in range(60)]
    told = story_of([1, 10, 11], *noise)
    assert recall(told, [10, SAID_ID, 50], 8) == recall(told, [10], 8) == [0]


def test_what_is_remembered_of_a_story_holds_for_that_story_alone() -> None:
    one, other = (
        torch.from_numpy(story_of(*([1, 10 + i % 7, 20 + i % step] for i in range(90))))[None]
        for step in (5, 11)
    )
    asked = np.array([10, 21])
    recalls = Retrieval(12)
    for story, end in ((one, 90), (one, 50), (other, 90), (one, 90)):
        found = recalls.rows(story, 0, end, asked, COUNTS)
        assert found.tolist() == Retrieval(12).rows(story, 0, end, asked, COUNTS).tolist()
        assert found.max() < end
