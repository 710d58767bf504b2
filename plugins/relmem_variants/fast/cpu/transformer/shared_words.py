"""Scores for words that two sentences share (`WordMatch`), and their derivatives.

A pair of places (k, l) that hold the same word adds row k L + l of a matrix of weights. Few of the
pairs of two sentences do: a batch's are found once, word by word, and kept as indices.
"""

from typing import NamedTuple

import numpy as np

from relmem_variants.fast.cpu.tile import Array, compiled
from relmem_variants.fast.cpu.transformer.sentences import RowLayout


class Shared(NamedTuple):
    """Pairs of places that hold the same word, int32 [pairs] each.

    at    where in a head's scores they count
    pair  the row of weights that they add
    """

    at: Array
    pair: Array


@compiled
def _by_word(tokens: Array) -> tuple[Array, Array]:
    """Where each word stands in sentences [T, L]: word w at places[start[w] : start[w + 1]].

    A place is a sentence's number times L, and the number of the place in it.
    """
    count, length = tokens.shape
    start = np.zeros(tokens.max() + 2 if count else 1, np.int64)
    for i in range(count):
        for k in range(length):
            start[tokens[i, k] + 1] += 1
    for word in range(1, len(start)):
        start[word] += start[word - 1]
    places, used = np.empty(count * length, np.int64), start.copy()
    for place in range(count * length):
        word = tokens[place // length, place % length]
        places[used[word]] = place
        used[word] += 1
    return start, places


@compiled
def among_sentences(layout: RowLayout) -> Shared:
    """Those of two sentences of a story, for scores [heads, all pairs of sentences].

    Of a story they are [T, T], a row being the sentence that is read. Rows of weights [L L] go by
    the place in the sentence that reads, then that in the other.
    """
    length, count = layout.tokens.shape[1], 0
    for story in range(len(layout.first) - 1):
        start, _ = _by_word(layout.tokens[layout.first[story] : layout.first[story + 1]])
        for word in range(1, len(start) - 1):
            count += (start[word + 1] - start[word]) ** 2
    found, n = Shared(np.empty(count, np.int32), np.empty(count, np.int32)), 0
    for story in range(len(layout.first) - 1):
        tokens = layout.tokens[layout.first[story] : layout.first[story + 1]]
        start, places = _by_word(tokens)
        for other in range(tokens.size):
            j, l = other // length, other % length  # noqa: E741
            word = tokens[j, l]
            if word:
                for place in places[start[word] : start[word + 1]]:
                    found.at[n] = layout.among[story] + j * len(tokens) + place // length
                    found.pair[n] = place % length * length + l
                    n += 1
    return found


@compiled
def with_questions(layout: RowLayout) -> Shared:
    """Those of a sentence and the question that reads it, for rows and scores of the batch's rows.

    Rows of weights [L Lq] go by the place in the sentence, then that in the question.
    """
    length, asked = layout.tokens.shape[1], layout.questions.shape[1]
    most = layout.row[-1] * length * asked
    found, n = Shared(np.empty(most, np.int32), np.empty(most, np.int32)), 0
    for q in range(len(layout.begin)):
        for r in range(layout.row[q], layout.row[q + 1] - 1):
            sentence = layout.tokens[layout.begin[q] + r - layout.row[q]]
            for k in range(length):
                for l in range(asked):  # noqa: E741
                    if sentence[k] and sentence[k] == layout.questions[q, l]:
                        found.at[n], found.pair[n] = r, k * asked + l
                        n += 1
    return Shared(found.at[:n], found.pair[:n])


@compiled
def score(shared: Shared, weight: Array, closed: Array, scores: Array) -> None:
    """Fill scores [heads, any] with closed [heads] and rows of weight [pairs of places, heads]."""
    by_head = weight.T.copy()
    for h in range(len(scores)):
        scores[h] = closed[h]
        for n in range(len(shared.at)):
            scores[h, shared.at[n]] += by_head[h, shared.pair[n]]


@compiled
def score_back(shared: Shared, dscores: Array, dweight: Array, dclosed: Array) -> None:
    """Add to dweight and dclosed what the gradient by scores gives."""
    by_head = np.zeros((len(dscores), len(dweight)), dweight.dtype)
    for h in range(len(dscores)):
        dclosed[h] += dscores[h].sum()
        for n in range(len(shared.at)):
            by_head[h, shared.pair[n]] += dscores[h, shared.at[n]]
    dweight += by_head.T


@compiled
def read(layout: RowLayout, shared: Shared, s: Array, vectors: Array, rows: Array) -> None:
    """Fill rows [R, d] with s [N, d] and, for shared words, rows of vectors [L Lq, d].

    The questions' own rows are zero.
    """
    for q in range(len(layout.begin)):
        rows[layout.row[q + 1] - 1] = 0
        for r in range(layout.row[q], layout.row[q + 1] - 1):
            rows[r] = s[layout.begin[q] + r - layout.row[q]]
    for n in range(len(shared.at)):
        rows[shared.at[n]] += vectors[shared.pair[n]]


@compiled
def read_back(layout: RowLayout, shared: Shared, drows: Array, ds: Array, dvectors: Array) -> None:
    """Add to ds and dvectors what the gradient by rows gives."""
    for q in range(len(layout.begin)):
        for r in range(layout.row[q], layout.row[q + 1] - 1):
            ds[layout.begin[q] + r - layout.row[q]] += drows[r]
    for n in range(len(shared.at)):
        dvectors[shared.pair[n]] += drows[shared.at[n]]
