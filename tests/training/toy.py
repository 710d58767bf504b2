"""Small models whose training shows what the contract lets a model say of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from relmem_cli.contract import Variant
from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary


@dataclass(frozen=True, kw_only=True)
class Options:
    dim: int = 4


class Total(NamedTuple):
    words: Tensor


class Adding(StoryModel[Total]):
    """Adds up word vectors."""

    def __init__(self, *, sizes: Sizes, options: Options) -> None:
        super().__init__(sizes=sizes)
        self.dim = options.dim
        self.vectors = nn.Embedding(sizes.vocabulary, options.dim, padding_idx=0)
        self.out = nn.Linear(options.dim, sizes.vocabulary)

    def begin(self, batch: int) -> Total:
        return Total(self.out.weight.new_zeros(batch, self.dim))

    def read(self, state: Total, sentences: Tensor) -> Total:
        return Total(state.words + self.vectors(sentences).sum(dim=1))

    def answer(self, state: Total, questions: Tensor) -> Tensor:
        logits: Tensor = self.out(torch.tanh(state.words + self.vectors(questions).sum(dim=1)))
        return logits


class InParts(Adding):
    """A loss of two parts."""

    def loss(self, batch: StoryBatch) -> dict[str, Tensor]:
        answers = cross_entropy(self(batch), batch.answers, ignore_index=IGNORED)
        return {"answers": answers, "size": 0.01 * self.out.weight.square().sum()}


class InPhases(Adding):
    """Another phase begins with its fourth epoch."""

    def epoch(self, number: int, last: int) -> bool | None:
        self.told = (number, last)
        return number == 4


class Prepared(Adding):
    """Counts how often each word is told of in training; answers do not depend on it."""

    def __init__(self, *, sizes: Sizes, options: Options) -> None:
        super().__init__(sizes=sizes, options=options)
        self.register_buffer("counts", torch.zeros(sizes.vocabulary))

    def prepare(self, vocabulary: Vocabulary, stories: Sequence[Story]) -> None:
        for story in stories:
            for sentence in story.sentences:
                for word in sentence:
                    self.counts[vocabulary.ids[word]] += 1


class Measuring(Adding):
    """How many supporting facts a question has, and whether its answer's id is odd."""

    def measure(self, batch: StoryBatch) -> dict[str, Tensor]:
        return {"facts": (batch.supports >= 0).sum(dim=1), "odd": batch.answers % 2}


def toy(model: type[Any]) -> Variant:
    """The variant of a model here."""
    return Variant(
        name="toy",
        summary="A toy.",
        reference="none",
        options=Options,
        model=f"{model.__module__}:{model.__name__}",
    )
