"""What the question alone, or the story alone, tells of the answer (arXiv 1808.04926)."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from relmem_cli.contract.model import Chart, Explanation, StoryModel
from relmem_cli.contract.window import WindowModel, packed
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.gru import Gru
from relmem_field.options import BaselineOptions
from relmem_field.sentences import encoded


class Nothing(NamedTuple):
    """What is kept of a story that is not read: [batch, 0]."""

    nothing: Tensor


class Sequence(nn.Module):
    """Vectors [Q, n, d] of which the first `lengths` [Q] count, as one: their sum, or a GRU's h."""

    def __init__(self, options: BaselineOptions) -> None:
        super().__init__()
        gru = options.encoder == "gru"
        self.gru = Gru(options.dim, options.dim) if gru else None

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """[Q, d]; of none, zeros."""
        there = torch.arange(vectors.shape[1], device=lengths.device) < lengths[:, None]
        if self.gru is None or not len(vectors):
            return (vectors * there[..., None]).sum(1)
        last = (lengths - 1).clamp(min=0)[:, None, None]
        h: Tensor = self.gru(vectors)[0].take_along_dim(last, 1)[:, 0]
        return h * (lengths > 0)[:, None]


class QuestionOnly(StoryModel[Nothing]):
    """It reads no sentence."""

    def __init__(self, *, sizes: Sizes, options: BaselineOptions) -> None:
        super().__init__(sizes=sizes)
        self.words = nn.Embedding(sizes.vocabulary, options.dim, padding_idx=0)
        self.sequence, self.out = Sequence(options), nn.Linear(options.dim, sizes.vocabulary)

    def begin(self, batch: int) -> Nothing:
        """Nothing."""
        return Nothing(self.out.weight.new_zeros(batch, 0))

    def read(self, state: Nothing, sentences: Tensor) -> Nothing:
        """Still nothing."""
        del sentences
        return state

    def answer(self, state: Nothing, questions: Tensor) -> Tensor:
        """Logits [batch, vocabulary] from the words of the question."""
        del state
        lengths = (questions != 0).sum(1)
        logits: Tensor = self.out(self.sequence(self.words(questions), lengths))
        return logits

    def explain(self, state: Nothing, questions: Tensor) -> Explanation:
        """That no sentence, not even the latest one, weighs anything."""
        del questions
        none = state.nothing.new_zeros(1, 1)
        return {"evidence": Chart(values=none, rows="story", columns="sentence")}


class StoryOnly(WindowModel):
    """It reads the latest sentences, and no question."""

    def __init__(self, *, sizes: Sizes, options: BaselineOptions) -> None:
        super().__init__(sizes=sizes, window=options.memories)
        self.words = nn.Embedding(sizes.vocabulary, options.dim, padding_idx=0)
        self.sequence, self.out = Sequence(options), nn.Linear(options.dim, sizes.vocabulary)

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits [Q, vocabulary] from sentences in position encoding."""
        del questions
        first, lengths = packed(sentences)
        logits: Tensor = self.out(self.sequence(encoded(self.words, first), lengths))
        return logits
