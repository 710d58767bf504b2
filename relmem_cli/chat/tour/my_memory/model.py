"""The model: how a sentence is remembered, and a question answered."""

from typing import Any, NamedTuple

from torch import Tensor, nn
from torch.nn.functional import normalize

from relmem_cli.contract.model import Chart, Explanation, StoryModel
from relmem_cli.stories.vocabulary import Sizes


class Matrix(NamedTuple):
    """M [batch, dim, dim]: all that is remembered of a story."""

    M: Tensor


class MyMemory(StoryModel[Matrix]):
    """A matrix M that is asked with a key k and answers with the value M k."""

    def __init__(self, *, sizes: Sizes, options: Any) -> None:
        super().__init__(sizes=sizes)
        self.words = nn.Embedding(sizes.vocabulary, options.dim, padding_idx=0)
        self.key = nn.Linear(options.dim, options.dim, bias=False)
        self.value = nn.Linear(options.dim, options.dim, bias=False)
        self.out = nn.Linear(options.dim, sizes.vocabulary)

    def begin(self, batch: int) -> Matrix:
        """Nothing read yet: zeros, on the device of the weights."""
        return Matrix(self.out.weight.new_zeros(batch, *self.key.weight.shape))

    def read(self, state: Matrix, sentences: Tensor) -> Matrix:
        """Put the value of a sentence in the place of what its key had."""
        k = self._key(sentences)
        v = self.value(self.words(sentences).sum(dim=1)).tanh()
        change = (v - self._recall(state, k))[:, :, None] * k[:, None]
        there = (sentences != 0).any(dim=1)[:, None, None]  # not pads only
        return Matrix(state.M + change * there)

    def answer(self, state: Matrix, questions: Tensor) -> Tensor:
        """Logits [batch, vocabulary] of what the question's key has."""
        logits: Tensor = self.out(self._recall(state, self._key(questions)))
        return logits

    def explain(self, state: Matrix, questions: Tensor) -> Explanation:
        """How far each number of the matrix is from 0, for /memory."""
        del questions
        far = state.M[0].abs()
        return {"matrix": Chart(values=far, rows="value", columns="key")}

    def _key(self, words: Tensor) -> Tensor:
        return normalize(self.key(self.words(words).sum(dim=1)), dim=1)

    @staticmethod
    def _recall(state: Matrix, k: Tensor) -> Tensor:
        return (state.M @ k[:, :, None])[:, :, 0]
