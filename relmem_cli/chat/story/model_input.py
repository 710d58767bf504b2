"""What a model can be told and asked; what of that its card says needs no model."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from relmem_cli.chat.story.answers import Answer, TooLongError, UnknownWordsError
from relmem_cli.chat.story.lines import MARKS, Utterance, UtteranceKind
from relmem_cli.chat.story.maps import HeatMap
from relmem_cli.chat.story.stand_ins import StandIns
from relmem_cli.chat.story.word_lookup import follows_of
from relmem_cli.chat.story.words import LONGEST_SAID, near_words
from relmem_cli.errors import RelmemError
from relmem_cli.plain import brief_line
from relmem_cli.plugins import registry
from relmem_cli.training.cards import ModelCard


class ModelInput(ABC):
    """Knows the words of a model and how many of them it takes.

    name        as it is shown
    open_words  whether names, places and things may be any words
    any_number  whether it takes any number of words outside the vocabulary
    stand_ins   whether unknown names are read as known ones (`StandIns`)
    """

    def __init__(self, card: ModelCard, *, name: str) -> None:
        self.name = name
        self.card = card
        self.vocabulary = card.vocabulary
        variant = registry().variants.get(card.variant)
        self._own_tokens = variant.own_tokens if variant else None
        self.open_words = card.sizes.words == "open"
        self.any_number = bool(variant and variant.any_number)
        self.stand_ins = False

    def token_limit(self, kind: UtteranceKind) -> int:
        """How many tokens the model has places for."""
        sizes = self.card.sizes
        return sizes.sentence_length if kind is UtteranceKind.sentence else sizes.question_length

    def tokens(self, said: Utterance) -> tuple[str, ...]:
        """What the model reads: without the end mark where it was trained on text without."""
        if self._own_tokens:
            return self._own_tokens(said.tokens)
        if self.open_words:
            return said.tokens[:LONGEST_SAID]
        last = said.tokens[-1]
        return said.tokens[:-1] if last in MARKS and last not in self.vocabulary else said.tokens

    def unknown(self, said: Utterance) -> list[str]:
        """The words that the model cannot read, each once, of those it has places for."""
        if self.card.sizes.extra or self.open_words:
            return []  # a word that it does not know has an id of its own in the story
        tokens = self.tokens(said)[: self.token_limit(said.kind)]
        if self.stand_ins:
            return StandIns(self.vocabulary, self._follows).without_stand_in(tokens)
        return self.vocabulary.unknown(tokens)

    @cached_property
    def _follows(self) -> Mapping[str, Sequence[str]]:
        return follows_of(self.card.record, self.vocabulary)

    def tokens_over_limit(self, said: Utterance) -> int:
        """How many tokens it has more than the model has places for; negative where it fits.

        Where words are open what is too long is read as far as there are places.
        """
        return 0 if self.open_words else len(self.tokens(said)) - self.token_limit(said.kind)

    def known_answer(self, answer: str) -> str:
        """A possible answer that was typed as the model has it; raises RelmemError for no such."""
        for known in (answer, answer.lower(), answer.capitalize()):
            if known in self.vocabulary:
                return known
        if self.card.sizes.extra or self.open_words:
            return answer.lower()
        near = near_words(self.vocabulary, answer.lower())
        hint = f"; did you mean {' or '.join(near)}?" if near else "."
        raise RelmemError(f"the model knows no answer {brief_line(answer, 40)!r}{hint}")

    def check(self, said: Utterance) -> None:
        """Raise CannotReadError where the utterance is too long or has unknown words."""
        over = self.tokens_over_limit(said)
        if over > 0:
            words = len(said.tokens) - (said.tokens[-1] in MARKS)
            raise TooLongError(said.kind, words=words, limit=words - over)
        unknown = self.unknown(said)
        if unknown:
            raise UnknownWordsError({word: near_words(self.vocabulary, word) for word in unknown})

    def can_read(self, said: Utterance) -> bool:
        """Whether `check` has nothing against it."""
        return self.tokens_over_limit(said) <= 0 and not self.unknown(said)

    @abstractmethod
    def begin(self) -> Any:
        """The state of an empty memory."""

    @abstractmethod
    def read(self, state: Any, sentence: Utterance) -> Any:
        """The state after a sentence."""

    @abstractmethod
    def read_as(self, state: Any) -> dict[str, str]:
        """The unknown names of a story so far, each with the known one that it is read as."""

    def new_names(self, before: Any, after: Any) -> dict[str, str]:
        """The names that have come between two states of a story, each with what it is read as."""
        known = self.read_as(before)
        return {name: read for name, read in self.read_as(after).items() if name not in known}

    @abstractmethod
    def answer(self, state: Any, question: Utterance) -> Answer:
        """The best answers to a question; raises RelmemError where there are none."""


class Loaded(ModelInput):
    """A model that is there to be asked and looked into; `source` is what opens it again."""

    source: str

    @property
    @abstractmethod
    def device(self) -> str:
        """Where it runs: "cpu", "cuda" or "mps"."""

    @property
    @abstractmethod
    def parameters(self) -> int:
        """How many numbers were trained."""

    @property
    @abstractmethod
    def looks(self) -> frozenset[str]:
        """The names of what it can show."""

    @abstractmethod
    def weights(
        self, story: Sequence[Utterance], question: Utterance, answer: str
    ) -> list[tuple[float, ...]]:
        """For each sentence the weight of each of its tokens in an answer that was given."""

    @abstractmethod
    def look(self, state: Any, question: Utterance | None = None) -> dict[str, HeatMap]:
        """What the model shows of a state, by name, for a question or for a blank one."""

    @abstractmethod
    def gates(self, state: Any) -> HeatMap | None:
        """How far the latest sentence opened each slot [1, slots]; None where there are none."""


class Unloaded(ModelInput):
    """A model that nothing can be asked of, so that it is not loaded; its states are None."""

    def begin(self) -> Any:
        """None."""
        return None

    def read(self, state: Any, sentence: Utterance) -> Any:
        """None."""
        del state, sentence
        return None

    def read_as(self, state: Any) -> dict[str, str]:
        """{}."""
        del state
        return {}

    def answer(self, state: Any, question: Utterance) -> Answer:
        """Raises RelmemError."""
        del state, question
        raise RelmemError(f"{self.name} is not loaded.")
