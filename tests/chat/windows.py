"""A model that keeps a window of sentences and looks its words up in a way of its own."""

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from relmem_cli.chat.model.reader import Reader
from relmem_cli.contract.model import Chart, Explanation
from relmem_cli.contract.pointing import pointed
from relmem_cli.contract.window import Window, WindowModel, told
from relmem_cli.stories.tokens import PAD
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_cli.training.cards import ModelCard
from relmem_cli.training.checkpoints import TrainedModel


class Likest(WindowModel):
    """Answers from the sentences that share words with the question; shows them, and the words."""

    def __init__(self, *, sizes: Sizes, window: int = 0) -> None:
        super().__init__(sizes=sizes, window=window)
        self.vectors = nn.Parameter(torch.eye(sizes.vocabulary))

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        return self._read(sentences, questions)[1]

    def explain(self, state: Window, questions: Tensor) -> Explanation:
        sentences = told(state)
        likeness, answer = self._read(sentences, questions)
        return {
            "evidence": Chart(values=likeness, rows="answer", columns="sentence"),
            "words": Chart(values=answer, rows="answer", columns="word"),
        }

    def _read(self, sentences: Tensor, questions: Tensor) -> tuple[Tensor, Tensor]:
        m, q = self._words(sentences), self._words(questions)
        likeness = (m @ q[:, :, None]).squeeze(2)
        return likeness, (likeness[:, None] @ m).squeeze(1)

    def _words(self, tokens: Tensor) -> Tensor:
        counts = one_hot(tokens, self.sizes.ids).sum(dim=-2).to(self.vectors.dtype)
        counts[..., 0] = 0
        return counts @ self.vectors


class Pointing(Likest):
    """Points to the words of such sentences that the question does not have."""

    def __init__(self, *, sizes: Sizes, window: int = 0) -> None:
        super().__init__(sizes=sizes, window=window)
        self.vectors = nn.Parameter(torch.eye(sizes.ids))

    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        likeness, _ = self._read(sentences, questions)
        other = (sentences[..., None] != questions[:, None, None]).all(dim=-1) & (sentences > 0)
        novel = 1.0 + (sentences >= self.sizes.vocabulary)
        places = (likeness[:, :, None] * other * novel).flatten(1)
        weights = places / places.sum(dim=1, keepdim=True).clamp(min=1)
        return pointed(weights, sentences.flatten(1), self.sizes.ids)


def likest(words: list[str], window: int, extra: int = 0) -> Reader:
    """Such a model of those words, trained by nobody; with `extra` words one that points."""
    sizes = Sizes(vocabulary=len(words) + 1, sentence_length=6, question_length=6, extra=extra)
    vocabulary = Vocabulary((PAD, *words))
    card = ModelCard(variant="likest", options={}, sizes=sizes, vocabulary=vocabulary, record={})
    made = Pointing if extra else Likest
    return Reader(TrainedModel(card=card, model=made(sizes=sizes, window=window)), name="likest")
