"""A batch without gaps, and where its words, sentences and questions lie, for open-transformer."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from relmem_cli.stories.batch import StoryBatch
from relmem_variants.fast.cpu.tile import Array
from relmem_variants.fast.cpu.transformer.pairs import among_sentences, with_questions
from relmem_variants.fast.cpu.transformer.sentences import RowLayout, lay_out


class Positions(NamedTuple):
    """Where things lie, as int64 tensors; `layout` has Q questions, R rows.

    Of sentences that have the same words, in one story or several, there is one: N differ.

    texts      [N + Q, words]  the sentences, then the questions
    row        [R - Q]     the rows of sentences
    sentence   [R - Q]     which sentence each of them is
    question   [R - Q]     which question has it read
    own        [Q]         the questions' own rows
    among      [3, pairs]  of `among_sentences`, by places in the rows of `texts`
    asked      [3, pairs]  of `with_questions`, likewise
    """

    layout: RowLayout
    texts: Tensor
    row: Tensor
    sentence: Tensor
    question: Tensor
    own: Tensor
    among: Tensor
    asked: Tensor


def find_positions(batch: StoryBatch, capacity: int, counts: Tensor) -> Positions:
    """The places of a batch on the CPU; `counts` [ids]: whether words that are equal count."""
    layout = lay_out(batch, capacity)
    own = layout.row[1:] - 1
    asked_by = np.repeat(np.arange(len(own)), np.diff(layout.row))
    of_sentence = np.ones(layout.row[-1], np.bool_)
    of_sentence[own] = False
    row = np.flatnonzero(of_sentence)
    question = asked_by[row]
    matched = counts.numpy()
    among, asked = among_sentences(layout, matched), with_questions(layout, matched)
    tokens, which = _distinct(layout.tokens, several=len(own) > 1)
    words, asks = tokens.shape[1], layout.questions.shape[1]
    texts = np.zeros((len(tokens) + len(own), max(words, asks)), np.int64)
    texts[: len(tokens), :words], texts[len(tokens) :, :asks] = tokens, layout.questions
    for places in (*among[:2], asked[1]):
        places[:] = which[places // words] * texts.shape[1] + places % words
    asked[0] = (len(tokens) + asked[0] // asks) * texts.shape[1] + asked[0] % asks

    def tensors(*arrays: Array) -> list[Tensor]:
        return [torch.from_numpy(np.ascontiguousarray(array)) for array in arrays]

    return Positions(
        layout,
        *tensors(
            texts,
            row,
            which[layout.begin[question] + row - layout.row[question]],
            question,
            own,
            among,
            asked,
        ),
    )


def _distinct(tokens: Array, *, several: bool) -> tuple[Array, Array]:
    """The rows that differ, and which of them each row is; all rows for one question alone."""
    if not several:
        return tokens, np.arange(len(tokens))
    rows, which = np.unique(tokens, axis=0, return_inverse=True)
    return rows, which.reshape(-1)
