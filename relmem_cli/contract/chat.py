"""A conversation as a plugin's slash commands and panels see it."""

from collections.abc import Sequence
from typing import Any, Protocol


class Said(Protocol):
    """One sentence or one question."""

    @property
    def text(self) -> str:
        """As it was read, to be shown."""

    @property
    def kind(self) -> str:
        """What it is: sentence or question."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """As the model reads it, with the end mark "." or "?"."""


class Answered(Protocol):
    """What a question was answered with."""

    @property
    def answer(self) -> str:
        """The most probable answer."""

    @property
    def probability(self) -> float:
        """Its probability, from 0 to 1."""

    @property
    def alternatives(self) -> Sequence[tuple[str, float]]:
        """The next best ones, each with its probability."""


class Turn(Protocol):
    """One thing said, and what came of it."""

    @property
    def said(self) -> Said:
        """The sentence or question."""

    @property
    def answer(self) -> Answered | None:
        """None for a sentence, and for a question that the model could not read."""


class ChatReader(Protocol):
    """The model that is talked to."""

    @property
    def name(self) -> str:
        """As it is shown."""

    @property
    def parameters(self) -> int:
        """How many numbers were trained."""

    def begin(self) -> Any:
        """The state of an empty memory; a state is the variant's own."""

    def unknown(self, said: Any) -> Sequence[str]:
        """The words of a sentence or question that the model cannot read."""


class ChatSession(Protocol):
    """The story so far, what was asked about it, and the model."""

    @property
    def turns(self) -> Sequence[Turn]:
        """All that was said, in order."""

    @property
    def sentences(self) -> Sequence[Said]:
        """The story."""

    @property
    def state(self) -> Any:
        """The model's state now."""

    @property
    def reader(self) -> ChatReader:
        """The model."""
