"""The sentences of a batch that matter, story after story without gaps."""

from typing import NamedTuple

import torch
from torch import Tensor

from relmem_cli.stories.batch import StoryBatch


class Steps(NamedTuple):
    """N sentences of S stories: all but those of pads and those after a story's last question.

    Others may follow after the last story's; nothing is to be done for them.

    tokens  int64 [N, L]    a story's sentences follow each other
    first   int64 [S + 1]   each story's first sentence, then the end of the last story's
    asked   int64 [Q]       the state that each question asks: state n < N is the one before
                            sentence n, state N + s the one at the end of story s
    """

    tokens: Tensor
    first: Tensor
    asked: Tensor


def steps_of(batch: StoryBatch) -> Steps:
    """The steps that answer a batch's questions, and after them the batch's other sentences.

    All shapes follow from the batch's, so that a GPU need not be waited for.
    """
    stories, longest, _ = batch.sentences.shape
    places = torch.arange(longest, device=batch.sentences.device)
    ends = batch.position.new_zeros(stories).scatter_reduce_(0, batch.story, batch.position, "amax")
    matter = (batch.sentences != 0).any(dim=2) & (places < ends[:, None])
    seen = torch.nn.functional.pad(matter.cumsum(dim=1), (1, 0))
    first = torch.nn.functional.pad(seen[:, -1].cumsum(dim=0), (1, 0))
    front = matter.flatten().logical_not().byte().argsort(stable=True)
    tokens = batch.sentences.flatten(0, 1)[front]
    before = seen[batch.story, batch.position]
    asked = torch.where(
        before < seen[batch.story, -1], first[batch.story] + before, len(tokens) + batch.story
    )
    return Steps(tokens, first, asked)
