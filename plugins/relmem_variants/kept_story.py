"""A story that is kept whole, and what of it each question reads."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from relmem_cli.stories.batch import StoryBatch
from relmem_variants.retrieval import Ids, Marks, Retrieval


class KeptStory(NamedTuple):
    """sentences [batch, n, words]: all of them, in order; int16, or int32 with many names."""

    sentences: Tensor


class Views(NamedTuple):
    """What is read for each question, and which of the story's ids each id of it is.

    batch  a batch whose stories are what questions read, with open words' ids among the model's
    names  int64 [Q, size]: what each of the model's ids of open words stands for, 0: nothing; None
           where they
           stand for themselves
    rows   for each question the numbers of the sentences that it reads
    """

    batch: StoryBatch
    names: Tensor | None
    rows: Sequence[Tensor]


class WordIds(NamedTuple):
    """A model's ids: `closed` of the vocabulary, then `size` that open words are given.

    counts  by id of the vocabulary, as `Retrieval` has it
    """

    closed: int
    size: int
    counts: Marks


def appended(sentences: Tensor, new: Tensor) -> Tensor:
    """The sentences [batch, n, words] and a new one [batch, words] after them.

    One story's are written behind those that are there already where there is room that nobody has
    used, so that a story of n sentences is not copied n times.
    """
    batch, count, words = sentences.shape
    if new.numel() and int(new.max()) > torch.iinfo(sentences.dtype).max:
        sentences = sentences.to(torch.int32)
    new = pad(new, (0, words - new.shape[1])).to(sentences.dtype)
    room = sentences.untyped_storage().nbytes() // (sentences.element_size() * words)
    if batch == 1 and sentences.storage_offset() == 0 and 0 < count < room:
        following = sentences.as_strided((1, 1, words), (room * words, words, 1), count * words)
        if new.any() and not following.any():
            following.copy_(new[:, None])
            return sentences.as_strided((1, count + 1, words), (room * words, words, 1), 0)
    longer = sentences.new_zeros(batch, max(2 * count, 16), words)
    longer[:, :count], longer[:, count] = sentences, new
    return longer[:, : count + 1]


def asked_at_end(state: KeptStory, questions: Tensor) -> StoryBatch:
    """Each story with its question at its end."""
    rows = torch.arange(len(questions), device=questions.device)
    return StoryBatch(
        sentences=state.sentences,
        questions=questions,
        story=rows,
        position=torch.full_like(rows, state.sentences.shape[1]),
        answers=torch.zeros_like(rows),
    )


def views(batch: StoryBatch, ids: WordIds, retrieval: Retrieval) -> Views:
    """What each question reads: its story, or of a long one what its words lead to."""
    count, end = batch.sentences.shape[1], ids.closed + ids.size
    texts = (batch.sentences, batch.questions)
    within = all(not text.numel() or int(text.max()) < end for text in texts)
    if count <= retrieval.most and within:
        every = torch.arange(count, device=batch.sentences.device)
        whole = replace(batch, sentences=batch.sentences.long())
        return Views(whole, None, [every] * len(batch.questions))
    return _chosen(batch, ids, retrieval, rename=not within)


def _chosen(batch: StoryBatch, ids: WordIds, retrieval: Retrieval, *, rename: bool) -> Views:
    """The same for long stories, or for those with more names than a model has ids.

    rename  whether what is read has names by the model's ids
    """
    device = batch.sentences.device
    sentences, questions = batch.sentences.cpu().numpy(), batch.questions.cpu().numpy().copy()
    asked = list(zip(batch.story.tolist(), batch.position.tolist(), questions, strict=True))
    rows = [retrieval.rows(batch.sentences, *each, ids.counts) for each in asked]
    seen = np.zeros((len(rows), max(map(len, rows)), sentences.shape[2]), np.int64)
    names = np.zeros((len(rows), ids.size), np.int64)
    for number, ((story, _, _), some) in enumerate(zip(asked, rows, strict=True)):
        seen[number, : len(some)] = read = sentences[story, some]
        if rename:
            names[number] = _names(read, ids)
            seen[number, : len(some)] = _within(read, names[number], ids)
            questions[number] = _within(questions[number], names[number], ids)
    view = replace(
        batch,
        sentences=torch.from_numpy(seen).to(device),
        questions=torch.from_numpy(questions).to(device),
        story=torch.arange(len(rows), device=device),
        position=torch.tensor([len(some) for some in rows], device=device),
    )
    numbers = [torch.from_numpy(some).to(device) for some in rows]
    return Views(view, torch.from_numpy(names).to(device) if rename else None, numbers)


def _names(sentences: Ids, ids: WordIds) -> Ids:
    """The ids of open words in sentences, the latest ones that there is room for; then 0 [size]."""
    found = sentences[sentences >= ids.closed][::-1]
    names = list(dict.fromkeys(found.tolist()))[: ids.size]
    return np.array(names + [0] * (ids.size - len(names)), np.int64)


def _within(text: Ids, names: Ids, ids: WordIds) -> Ids:
    """The text with its open words' ids by their places in `names`; others are left out."""
    table = {name: ids.closed + place for place, name in enumerate(names.tolist()) if name}
    open_words = text >= ids.closed
    given = text.copy()
    given[open_words] = [table.get(word, 0) for word in text[open_words].tolist()]
    return given


def trimmed(seen: Views) -> Views:
    """The same without the places for words that nothing of the batch fills."""
    texts = (seen.batch.sentences, seen.batch.questions)
    longest, asked = (int((text != 0).flatten(0, -2).any(dim=0).sum()) for text in texts)
    batch = replace(
        seen.batch,
        sentences=seen.batch.sentences[..., : max(longest, 1)].contiguous(),
        questions=seen.batch.questions[:, : max(asked, 1)].contiguous(),
    )
    return seen._replace(batch=batch)
