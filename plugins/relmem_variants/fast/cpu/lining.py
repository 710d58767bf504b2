"""A batch's sentences without gaps, and the states that its questions ask, in loops for Numba."""

import numpy as np

from relmem_variants.fast.cpu.tile import Array, compiled


@compiled
def line_up(sentences: Array, story: Array, position: Array) -> tuple[Array, Array, Array]:
    """The tokens, first sentences and asked states of `Steps` for a padded batch."""
    stories, longest, words = sentences.shape
    ends = np.zeros(stories, np.int64)
    for q in range(len(story)):
        if not (0 <= story[q] < stories and 0 <= position[q] <= longest):
            raise IndexError("a question is about a story or a place that the batch has not")
        ends[story[q]] = max(ends[story[q]], position[q])
    tokens = np.empty((ends.sum(), words), np.int64)
    first = np.zeros(stories + 1, np.int64)
    before = np.zeros((stories, longest + 1), np.int64)
    n = 0
    for row in range(stories):
        for t in range(ends[row]):
            if sentences[row, t].any():
                tokens[n] = sentences[row, t]
                n += 1
            before[row, t + 1] = n - first[row]
        first[row + 1] = n
    asked = np.empty(len(story), np.int64)
    for q in range(len(story)):
        state = first[story[q]] + before[story[q], position[q]]
        asked[q] = state if state < first[story[q] + 1] else n + story[q]
    return tokens[:n], first, asked


@compiled
def states_asked(rows: Array, asked: Array, dim: int) -> Array:
    """The first `dim` columns of some of the states rows [states, P, width]."""
    found = np.empty((len(asked), rows.shape[1], dim), rows.dtype)
    for q in range(len(asked)):
        for i in range(rows.shape[1]):
            for j in range(dim):
                found[q, i, j] = rows[asked[q], i, j]
    return found
