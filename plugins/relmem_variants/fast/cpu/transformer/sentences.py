"""Which sentences each question of a batch reads, as rows without gaps."""

from typing import NamedTuple

import numpy as np

from relmem_cli.stories.batch import StoryBatch
from relmem_variants.fast.cpu.lining import line_up
from relmem_variants.fast.cpu.tile import Array, compiled


class RowLayout(NamedTuple):
    """S stories with N sentences in all, and the Q questions about them.

    A question reads sentences of its story, the latest before it: those from `begin` on. As that
    question has them read they are rows, after which the question has a row too: rows row[q] to
    row[q + 1] are question q's, the last of them its own.

    tokens     int64 [N, L]
    first      int64 [S + 1]  each story's first sentence
    among      int64 [S + 1]  where the scores between a story's sentences lie, for one head
    questions  int64 [Q, Lq]
    story      int64 [Q]
    begin      int64 [Q]
    row        int64 [Q + 1]
    """

    tokens: Array
    first: Array
    among: Array
    questions: Array
    story: Array
    begin: Array
    row: Array

    @property
    def longest(self) -> int:
        """The most rows of a question."""
        return int(np.diff(self.row).max(initial=0))


@compiled
def _place(first: Array, story: Array, asked: Array, capacity: int) -> tuple[Array, Array, Array]:
    """What `RowLayout` calls among, begin and row, from `Steps`."""
    among = np.zeros(len(first), np.int64)
    for s in range(len(first) - 1):
        among[s + 1] = among[s] + (first[s + 1] - first[s]) ** 2
    begin, row = np.empty(len(story), np.int64), np.zeros(len(story) + 1, np.int64)
    sentences = first[-1]
    for q in range(len(story)):
        end = asked[q] if asked[q] < sentences else first[story[q] + 1]
        begin[q] = max(first[story[q]], end - capacity)
        row[q + 1] = row[q] + end - begin[q] + 1
    return among, begin, row


def lay_out(batch: StoryBatch, capacity: int) -> RowLayout:
    """The rows of a batch whose questions read at most `capacity` sentences."""
    sentences, story = batch.sentences.numpy(), batch.story.numpy()
    tokens, first, asked = line_up(sentences, story, batch.position.numpy())
    among, begin, row = _place(first, story, asked, capacity)
    return RowLayout(tokens, first, among, batch.questions.numpy(), story, begin, row)
