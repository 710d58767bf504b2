"""Places of a batch that hold the same word, for Numba."""

import numpy as np

from relmem_variants.fast.cpu.tile import Array, compiled
from relmem_variants.fast.cpu.transformer.sentences import RowLayout


@compiled
def _with_room(pairs: Array, n: int) -> Array:
    """The same pairs, or a copy with room for more where there are n of n already."""
    if n < pairs.shape[1]:
        return pairs
    more = np.empty((3, 2 * n), np.int64)
    more[:, :n] = pairs
    return more


@compiled
def among_sentences(layout: RowLayout, matched: Array) -> Array:
    """Pairs of places in two sentences of a story, int64 [3, pairs]: i, j, at.

    i and j are places in the rows of `layout.tokens`; sentence i's looks at sentence j's, whose
    score is number `at` of `Match.among`. matched [ids]: the words that count, as bool.
    """
    words, n = layout.tokens.shape[1], 0
    pairs = np.empty((3, 64), np.int64)
    earliest, latest = np.full(len(matched), -1), np.full(len(matched), -1)  # by word, in a story
    following = np.full(layout.tokens.size, -1)  # by place: the next one with its word
    for story in range(len(layout.first) - 1):
        first, end = layout.first[story], layout.first[story + 1]
        places = range(first * words, end * words)
        for i in places:
            word = layout.tokens[i // words, i % words]
            if latest[word] < first * words:
                earliest[word] = i
            else:
                following[latest[word]] = i
            latest[word] = i
        for i in places:
            one, word = i // words, layout.tokens[i // words, i % words]
            j = earliest[word] if matched[word] else -1
            while j >= 0:
                other = j // words
                if other != one:
                    pairs = _with_room(pairs, n)
                    pairs[0, n], pairs[1, n] = i, j
                    at = (other - first) * (end - first) + one - first
                    pairs[2, n] = layout.among[story] + at
                    n += 1
                j = following[j]
    return pairs[:, :n].copy()


@compiled
def with_questions(layout: RowLayout, matched: Array) -> Array:
    """Pairs of places in a question and in a sentence that it reads, int64 [3, pairs]: i, j, row.

    i is a place in the rows of `layout.questions`, j in those of `layout.tokens`, `row` the
    sentence's row as that question has it read.
    """
    words, asked, n = layout.tokens.shape[1], layout.questions.shape[1], 0
    pairs = np.empty((3, 64), np.int64)
    for i in range(len(layout.begin) * asked):
        q, word = i // asked, layout.questions[i // asked, i % asked]
        if not matched[word]:
            continue
        begin, rows = layout.begin[q], layout.row[q + 1] - layout.row[q] - 1
        for j in range(begin * words, (begin + rows) * words):
            if layout.tokens[j // words, j % words] == word:
                pairs = _with_room(pairs, n)
                pairs[0, n], pairs[1, n] = i, j
                pairs[2, n] = layout.row[q] + j // words - begin
                n += 1
    return pairs[:, :n].copy()
