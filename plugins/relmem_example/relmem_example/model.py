"""A GRU that reads a story sentence by sentence (Cho et al. 2014, arXiv 1406.1078)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.vocabulary import Sizes
from relmem_example.plugin import GruOptions


class Reading(NamedTuple):
    """story [batch, dim]: all that is remembered of what was read."""

    story: Tensor


class GruReader(StoryModel[Reading]):
    """A sentence is the sum of its word vectors, a story the state of a GRU over its sentences."""

    def __init__(self, *, sizes: Sizes, options: GruOptions) -> None:
        super().__init__(sizes=sizes)
        self.words = nn.Embedding(sizes.vocabulary, options.dim, padding_idx=0)
        self.cell = nn.GRUCell(options.dim, options.dim)
        self.hidden = nn.Linear(2 * options.dim, options.dim)
        self.output = nn.Linear(options.dim, sizes.vocabulary)

    def begin(self, batch: int) -> Reading:
        """Nothing read yet: zeros, made from a weight so that they lie on the model's device."""
        return Reading(self.cell.bias_hh.new_zeros(batch, self.cell.hidden_size))

    def read(self, state: Reading, sentences: Tensor) -> Reading:
        """The state after one sentence more, int64 [batch, words]; pads leave it as it was."""
        present = (sentences != 0).any(dim=1, keepdim=True)
        story = self.cell(self.words(sentences).sum(dim=1), state.story)
        return Reading(torch.where(present, story, state.story))

    def answer(self, state: Reading, questions: Tensor) -> Tensor:
        """Logits [batch, vocabulary] from story and question, int64 [batch, words]."""
        question = self.words(questions).sum(dim=1)
        both = torch.cat([state.story, question], dim=1)
        logits: Tensor = self.output(torch.relu(self.hidden(both)))
        return logits
