"""What answers are made of, and which function answers a question; each module adds its own."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from relmem_cli.world.nouns import Noun
from relmem_cli.world.people import Known, Lines

UNKNOWN = "unknown"
"""The answer where the story does not say."""

MAYBE = "maybe"
NUMBERS = (
    *("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *map(str, range(11, 1000)),
)


class TrueAnswer(NamedTuple):
    """One item, as bAbI's files write it, and the sentences that suffice for it."""

    text: str
    lines: Lines


Answering = Callable[..., TrueAnswer | None]
"""From a state and the parts of a question; None where the story does not say."""

ANSWERING: dict[str, Answering] = {}
"""By meaning of the question."""


def asks(*meanings: str) -> Callable[[Answering], Answering]:
    """The function answers questions with these meanings."""

    def register(function: Answering) -> Answering:
        ANSWERING.update(dict.fromkeys(meanings, function))
        return function

    return register


def yes(truth: bool, *lines: Lines) -> TrueAnswer:
    """Yes or no."""
    return TrueAnswer("yes" if truth else "no", together(*lines))


def of_known(known: Known, *lines: Lines) -> TrueAnswer | None:
    """The place, if it is decided."""
    return TrueAnswer(known.place.name, together(*lines)) if known.place else None


def together(*lines: Iterable[int]) -> Lines:
    """All of them, each once."""
    return tuple(dict.fromkeys(line for some in lines for line in some))


def listed(found: Iterable[Noun]) -> str:
    """Several as one answer."""
    return ",".join(one.name for one in found)


def latest(told: Iterable[tuple[int, str]]) -> TrueAnswer | None:
    """What the latest of some sentences tells; None where there is none."""
    line, text = max(told, default=(-1, ""))
    return TrueAnswer(text, (line,)) if text else None
