"""What the story decides: an answer for every question, from the simulator's own state."""

from relmem_cli.world.answers import (  # noqa: F401  # they register
    events,
    holdings,
    layouts,
    places,
    traits,
)
from relmem_cli.world.answers.given import ANSWERING, MAYBE, NUMBERS, UNKNOWN, TrueAnswer
from relmem_cli.world.nouns import Noun
from relmem_cli.world.state import State

__all__ = ["MAYBE", "NUMBERS", "UNKNOWN", "TrueAnswer", "answer"]


def answer(state: State, meaning: str, *parts: Noun) -> TrueAnswer | None:
    """The answer to a question; None where the story does not say."""
    return ANSWERING[meaning](state, *parts)
