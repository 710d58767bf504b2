"""Places of a batch that hold the same word, for Numba."""

import numpy as np

from relmem_variants.fast.tile import Array, compiled
from relmem_variants.fast.transformer.sentences import Layout


@compiled
def among_sentences(layout: Layout, matched: Array) -> Array:
    """Pairs of places in two sentences of a story, int64 [3, pairs]: i, j, at.

    i and j are places in the rows of `layout.tokens`; sentence i's looks at sentence j's, whose
    score is number `at` of `Match.among`. matched [ids]: the words that count, as bool.
    """
    words = layout.tokens.shape[1]
    pairs = np.empty((3, 0), np.int64)
    for fill in (False, True):
        n = 0
        for story in range(len(layout.first) - 1):
            first, end = layout.first[story], layout.first[story + 1]
            for one in range(first, end):
                for i in range(words):
                    word = layout.tokens[one, i]
                    if not matched[word]:
                        continue
                    for other in range(first, end):
                        if other == one:
                            continue
                        for j in range(words):
                            if layout.tokens[other, j] == word:
                                if fill:
                                    pairs[0, n] = one * words + i
                                    pairs[1, n] = other * words + j
                                    at = (other - first) * (end - first) + one - first
                                    pairs[2, n] = layout.among[story] + at
                                n += 1
        if not fill:
            pairs = np.empty((3, n), np.int64)
    return pairs


@compiled
def with_questions(layout: Layout, matched: Array) -> Array:
    """Pairs of places in a question and in a sentence that it reads, int64 [3, pairs]: i, j, row.

    i is a place in the rows of `layout.questions`, j in those of `layout.tokens`, `row` the
    sentence's row as that question has it read.
    """
    words, asked = layout.tokens.shape[1], layout.questions.shape[1]
    pairs = np.empty((3, 0), np.int64)
    for fill in (False, True):
        n = 0
        for q in range(len(layout.begin)):
            for i in range(asked):
                word = layout.questions[q, i]
                if not matched[word]:
                    continue
                for row in range(layout.row[q], layout.row[q + 1] - 1):
                    sentence = layout.begin[q] + row - layout.row[q]
                    for j in range(words):
                        if layout.tokens[sentence, j] == word:
                            if fill:
                                pairs[0, n] = q * asked + i
                                pairs[1, n] = sentence * words + j
                                pairs[2, n] = row
                            n += 1
        if not fill:
            pairs = np.empty((3, n), np.int64)
    return pairs
