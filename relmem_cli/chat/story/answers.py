"""What comes back from a model: an answer, or why a line cannot be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from relmem_cli.chat.story.lines import clean
from relmem_cli.errors import RelmemError
from relmem_cli.plain import brief_line
from relmem_cli.plugin_faults import explain_or_raise


class Given(NamedTuple):
    """An answer that a model gives, and its probability."""

    answer: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The most probable answer with its probability, and the next best ones.

    unknown  the question's words that the model does not know and read as blanks
    seconds  the time that answering took
    read_as  the question's names that nobody told and that are read as known ones, each as which
    """

    answer: str
    probability: float
    alternatives: tuple[Given, ...]
    unknown: tuple[str, ...]
    seconds: float
    read_as: Mapping[str, str] = field(default_factory=dict)

    def renamed(self, names: Mapping[str, str]) -> "Answer":
        """The same with other names for some answers."""
        others = (
            one._replace(answer=names.get(one.answer, one.answer)) for one in self.alternatives
        )
        text = names.get(self.answer, self.answer)
        return replace(self, answer=text, alternatives=tuple(others))


class CannotReadError(RelmemError):
    """A line that the model cannot read as it is; nothing of it was read."""


class TooLongError(CannotReadError):
    """A sentence or question with more words than the model has places for."""

    def __init__(self, kind: str, *, words: int, limit: int) -> None:
        super().__init__(
            f"this {kind} has {words:,} words, and the model reads at most {limit} in a {kind}; "
            "make it shorter."
        )


class UnknownWordsError(CannotReadError):
    """Words that the model was not trained on, each with known words spelled like it."""

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self.words = dict(words)
        super().__init__(f"the model does not know {', '.join(map(_described, words.items()))}.")


def _described(item: tuple[str, Sequence[str]]) -> str:
    word, near = item
    return (
        f"{brief_line(word, 40)!r} ({' or '.join(near)}?)" if near else repr(brief_line(word, 40))
    )


def error_text(error: Exception) -> str:
    """What went wrong, as `explain_or_raise` says it, without what steers a terminal."""
    return clean(explain_or_raise(error))
