"""Where places and shapes lie, what is bigger."""

from collections.abc import Callable, Mapping

from relmem_cli.world.answers.given import ANSWERING, TrueAnswer, asks, yes
from relmem_cli.world.layout import RELATIONS, STEPS, Step, back
from relmem_cli.world.nouns import Noun
from relmem_cli.world.people import Lines
from relmem_cli.world.state import State


@asks("what_heading")
def _what_heading(state: State, direction: Noun, place: Noun) -> TrueAnswer | None:
    side = state.map.neighbour(place, STEPS[direction.name])
    return side and TrueAnswer(side.other.name, (side.line,))


@asks("heading_of")
def _heading_of(state: State, place: Noun, direction: Noun) -> TrueAnswer | None:
    side = state.map.neighbour(place, back(STEPS[direction.name]))
    return side and TrueAnswer(side.other.name, (side.line,))


@asks("is_heading")
def _is_heading(state: State, one: Noun, direction: Noun, other: Noun) -> TrueAnswer | None:
    found = state.map.offset(other, one)
    if found is None:
        return None
    (x, y), lines = found
    step = STEPS[direction.name]
    return yes(x * step.x + y * step.y > 0, lines)


@asks("path")
def _path(state: State, start: Noun, end: Noun) -> TrueAnswer | None:
    initials = {step: name[:1] for name, step in STEPS.items()}
    for there, sides in state.map.ways(start):
        if there is end:
            text = ",".join(initials[side.step] for side in sides)
            return TrueAnswer(text, tuple(side.line for side in sides))
    return None


def _relation(step: Step) -> Callable[[State, Noun, Noun], TrueAnswer | None]:
    def whether(state: State, one: Noun, other: Noun) -> TrueAnswer | None:
        found = state.picture.offset(other, one)
        if found is None:
            return None
        (x, y), lines = found
        return yes(x * step.x + y * step.y > 0, lines)

    return whether


ANSWERING.update({f"is_{name}": _relation(step) for name, step in RELATIONS.items()})


def _neighbour(step: Step) -> Callable[[State, Noun], TrueAnswer | None]:
    def what(state: State, one: Noun) -> TrueAnswer | None:
        side = state.picture.neighbour(one, step)
        return side and TrueAnswer(side.other.name, (side.line,))

    return what


ANSWERING.update({f"what_{name}": _neighbour(step) for name, step in RELATIONS.items()})


@asks("is_bigger")
def _is_bigger(state: State, one: Noun, other: Noun) -> TrueAnswer | None:
    found = state.sizes.bigger(one, other)
    return found and yes(*found)


@asks("biggest")
def _biggest(state: State) -> TrueAnswer | None:
    return _last(state.sizes.below, state.sizes.told())


@asks("smallest")
def _smallest(state: State) -> TrueAnswer | None:
    return _last(state.sizes.above, state.sizes.told())


def _last(beyond: Callable[[Noun], Mapping[Noun, Lines]], told: set[Noun]) -> TrueAnswer | None:
    """The one of some with all others on one side of it; None where that is not told of any.

    One sentence suffices where nothing else is told of others.
    """
    for one in told:
        others = beyond(one)
        if len(others) == len(told) - 1:
            return TrueAnswer(one.name, min(others.values(), key=len))
    return None


@asks("does_fit")
def _does_fit(state: State, one: Noun, other: Noun) -> TrueAnswer | None:
    return _is_bigger(state, other, one)
