"""What animals are, how people feel and what that leads to."""

from relmem_cli.world.answers.given import TrueAnswer, asks, listed
from relmem_cli.world.nouns import Noun
from relmem_cli.world.people import Lines
from relmem_cli.world.state import State


@asks("afraid_of")
def _afraid_of(state: State, who: Noun) -> TrueAnswer | None:
    return _of_trait(state.traits.afraid_of(who))


def _of_trait(found: tuple[Noun, Lines] | None) -> TrueAnswer | None:
    if found is None:
        return None
    what, lines = found
    return TrueAnswer(what.name, lines)


@asks("what_kind")
def _what_kind(state: State, who: Noun) -> TrueAnswer | None:
    if who not in state.traits.kind:
        return None
    kind, line = state.traits.kind[who]
    return TrueAnswer(kind.name, (line,))


@asks("which_colour")
def _which_colour(state: State, who: Noun) -> TrueAnswer | None:
    return _of_trait(state.traits.colour_of(who))


@asks("where_will")
def _where_will(state: State, who: Noun) -> TrueAnswer | None:
    if who not in state.feels:
        return None
    motive, line = state.feels[who]
    return TrueAnswer(motive.place.name, (line,))


@asks("who_feels")
def _who_feels(state: State, feeling: Noun) -> TrueAnswer | None:
    found = {who: felt.line for who, felt in state.feels.items() if felt.motive.feeling is feeling}
    return TrueAnswer(listed(found), tuple(found.values())) if found else None


@asks("why_go", "why_get")
def _why(state: State, who: Noun, part: Noun) -> TrueAnswer | None:
    if who not in state.feels:
        return None
    motive, line = state.feels[who]
    if part is not motive.place and part not in motive.things:
        return None
    return TrueAnswer(motive.feeling.name, (line,))
