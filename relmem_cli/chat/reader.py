"""A trained model that reads text and answers in text; importing this imports torch."""

import math
import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from relmem_cli.chat.answers import Answer, TooLongError, UnknownWordsError
from relmem_cli.chat.influence import influence, looked_at
from relmem_cli.chat.lines import MARKS, Kind, Utterance
from relmem_cli.chat.words import near_words
from relmem_cli.errors import RelmemError
from relmem_cli.training.checkpoints import TrainedModel

BEST = 4
"""How many answers are given: the best one, then the alternatives."""


class Reader:
    """Reads utterances into a model's state and answers from it; it keeps no state itself."""

    def __init__(self, trained: TrainedModel, *, name: str) -> None:
        self.name = name
        self.card = trained.card
        self.vocabulary = trained.vocabulary
        self._model = trained.model
        self._device = next(trained.model.parameters()).device
        # A word that was never an answer is no useful reply.
        answers = self.vocabulary.answers or self.vocabulary.items[1:]
        ids = sorted(self.vocabulary.ids[item] for item in answers)
        self._answers = torch.tensor(ids, device=self._device)

    @property
    def device(self) -> str:
        """Where the model runs: "cpu", "cuda" or "mps"."""
        return self._device.type

    @property
    def parameters(self) -> int:
        """How many numbers were trained."""
        return sum(parameter.numel() for parameter in self._model.parameters())

    def limit(self, kind: Kind) -> int:
        """How many tokens the model has places for."""
        sizes = self.card.sizes
        return sizes.sentence_length if kind is Kind.sentence else sizes.question_length

    def tokens(self, said: Utterance) -> tuple[str, ...]:
        """What the model reads: without the end mark where it was trained on text without."""
        last = said.tokens[-1]
        return said.tokens[:-1] if last in MARKS and last not in self.vocabulary else said.tokens

    def unknown(self, said: Utterance) -> list[str]:
        """The words that the model does not know, each once, of those it has places for."""
        return self.vocabulary.unknown(self.tokens(said)[: self.limit(said.kind)])

    def excess(self, said: Utterance) -> int:
        """How many tokens it has more than the model has places for; negative where it fits."""
        return len(self.tokens(said)) - self.limit(said.kind)

    def check(self, said: Utterance) -> None:
        """Raise CannotReadError where the utterance is too long or has unknown words."""
        excess = self.excess(said)
        if excess > 0:
            words = len(said.tokens) - (said.tokens[-1] in MARKS)
            raise TooLongError(said.kind, words=words, limit=words - excess)
        unknown = self.unknown(said)
        if unknown:
            raise UnknownWordsError({word: near_words(self.vocabulary, word) for word in unknown})

    def can_read(self, said: Utterance) -> bool:
        """Whether `check` has nothing against it."""
        return self.excess(said) <= 0 and not self.unknown(said)

    @torch.inference_mode()
    def begin(self) -> Any:
        """The state of an empty memory."""
        return self._model.begin(1)

    @torch.inference_mode()
    def read(self, state: Any, sentence: Utterance) -> Any:
        """The state after a sentence; unknown words read as blanks, words over the limit not."""
        return self._model.read(state, self._encode(sentence))

    @torch.inference_mode()
    def answer(self, state: Any, question: Utterance) -> Answer:
        """The best answers to a question; unknown words read as blanks.

        Raises RelmemError where the model's numbers have overflowed.
        """
        started = time.perf_counter()
        logits = self._model.answer(state, self._encode(question))[0, self._answers]
        best = logits.softmax(dim=0).topk(min(BEST, len(logits)))
        values = best.values.tolist()
        if math.isnan(values[0]):
            raise RelmemError("the model's numbers overflowed on this story; begin a new one.")
        items = [self.vocabulary.items[i] for i in self._answers[best.indices].tolist()]
        first, *rest = zip(items, values, strict=True)
        return Answer(
            answer=first[0],
            probability=first[1],
            alternatives=tuple(rest),
            unknown=tuple(self.unknown(question)),
            seconds=time.perf_counter() - started,
        )

    @torch.inference_mode()
    def influence(self, states: Sequence[Any], question: Utterance) -> list[float]:
        """Each sentence's share in the answer, from the states after each of them.

        Raises RelmemError where the variant does not show gates and attention.
        """
        encoded = self._encode(question)
        if states and (direct := self._attention(states[-1], encoded)):
            return looked_at(direct, len(states))
        charts = [self._model.explain(state, encoded) for state in states]
        if not all("gates" in chart and "attention" in chart for chart in charts):
            raise RelmemError(
                f"the variant {self.card.variant} does not show what it looks at; others do."
            )
        gates = [chart["gates"].values[0].tolist() for chart in charts]
        attention = charts[-1]["attention"].values[-1].tolist() if charts else []
        return influence(gates, attention)

    def _attention(self, state: Any, question: Tensor) -> list[list[float]] | None:
        """Attention to the sentences themselves [steps, sentences], where that is what there is."""
        chart = self._model.explain(state, question).get("attention")
        if chart is None or chart.columns != "sentence":
            return None
        attention: list[list[float]] = chart.values.tolist()
        return attention

    def _encode(self, said: Utterance) -> Tensor:
        """Token ids [1, words]."""
        ids = self.vocabulary.encode(self.tokens(said), self.limit(said.kind))
        return torch.tensor([ids], device=self._device)
