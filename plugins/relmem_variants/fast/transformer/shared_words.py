"""Scores for words that two sentences share (`WordMatch`), and their derivatives.

A pair of places (k, l) that hold the same word adds row k L + l of a matrix of weights. Few of the
pairs of two sentences do, so they are looked up word by word and never kept as numbers.
"""

import numpy as np

from relmem_variants.fast.tile import Array, compiled
from relmem_variants.fast.transformer.sentences import Layout


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
def among_sentences(layout: Layout, weight: Array, closed: Array, scores: Array) -> None:
    """Fill scores [heads, all pairs]: of a story [T, T], a row being the sentence that is read.

    weight [L L, heads] goes by the place in the sentence that reads, then that in the other;
    closed [heads] is added to all.
    """
    length, (heads, _) = layout.tokens.shape[1], scores.shape
    by_head = weight.T.copy()
    for h in range(heads):
        scores[h] = closed[h]
    for story in range(len(layout.first) - 1):
        tokens = layout.tokens[layout.first[story] : layout.first[story + 1]]
        start, places = _by_word(tokens)
        for j in range(len(tokens)):
            at = layout.among[story] + j * len(tokens)
            for l in range(length):  # noqa: E741
                word = tokens[j, l]
                if word:
                    for h in range(heads):
                        for place in places[start[word] : start[word + 1]]:
                            i, k = place // length, place % length
                            scores[h, at + i] += by_head[h, k * length + l]


@compiled
def among_sentences_back(layout: Layout, dscores: Array, dweight: Array, dclosed: Array) -> None:
    """Add to dweight and dclosed what the gradient by scores gives."""
    length, (heads, _) = layout.tokens.shape[1], dscores.shape
    by_head = np.zeros((heads, len(dweight)), dweight.dtype)
    for h in range(heads):
        dclosed[h] += dscores[h].sum()
    for story in range(len(layout.first) - 1):
        tokens = layout.tokens[layout.first[story] : layout.first[story + 1]]
        start, places = _by_word(tokens)
        for j in range(len(tokens)):
            at = layout.among[story] + j * len(tokens)
            for l in range(length):  # noqa: E741
                word = tokens[j, l]
                if word:
                    for h in range(heads):
                        for place in places[start[word] : start[word + 1]]:
                            i, k = place // length, place % length
                            by_head[h, k * length + l] += dscores[h, at + i]
    dweight += by_head.T


@compiled
def asked(
    layout: Layout,
    s: Array,
    weight: Array,
    closed: Array,
    vectors: Array,
    scores: Array,
    rows: Array,
) -> None:
    """Fill what sentences are to the questions that read them.

    rows    [R, d]      s [N, d] and, for every pair of places that share a word, a row of
                        vectors [L Lq, d]; the questions' own rows are zero
    scores  [heads, R]  closed [heads], and rows of weight [L Lq, heads]
    """
    length, asked_length = layout.tokens.shape[1], layout.questions.shape[1]
    for h in range(len(scores)):
        scores[h] = closed[h]
    for q in range(len(layout.begin)):
        rows[layout.row[q + 1] - 1] = 0
        for r in range(layout.row[q], layout.row[q + 1] - 1):
            n = layout.begin[q] + r - layout.row[q]
            rows[r] = s[n]
            for k in range(length):
                word = layout.tokens[n, k]
                for l in range(asked_length):  # noqa: E741
                    if word and word == layout.questions[q, l]:
                        pair = k * asked_length + l
                        rows[r] += vectors[pair]
                        for h in range(len(scores)):
                            scores[h, r] += weight[pair, h]


@compiled
def asked_back(
    layout: Layout,
    dscores: Array,
    drows: Array,
    ds: Array,
    dweight: Array,
    dclosed: Array,
    dvectors: Array,
) -> None:
    """Add to ds, dweight, dclosed and dvectors what the gradients by scores and rows give."""
    length, asked_length = layout.tokens.shape[1], layout.questions.shape[1]
    for h in range(len(dscores)):
        dclosed[h] += dscores[h].sum()
    for q in range(len(layout.begin)):
        for r in range(layout.row[q], layout.row[q + 1] - 1):
            n = layout.begin[q] + r - layout.row[q]
            ds[n] += drows[r]
            for k in range(length):
                word = layout.tokens[n, k]
                for l in range(asked_length):  # noqa: E741
                    if word and word == layout.questions[q, l]:
                        pair = k * asked_length + l
                        dvectors[pair] += drows[r]
                        for h in range(len(dscores)):
                            dweight[pair, h] += dscores[h, r]
