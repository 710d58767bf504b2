"""Who has what, took it, put it down, gave it to whom; how many."""

from collections.abc import Iterable, Mapping

from relmem_cli.world.answers.given import (
    NUMBERS,
    TrueAnswer,
    asks,
    latest,
    of_known,
    together,
    yes,
)
from relmem_cli.world.nouns import SPOT, Noun
from relmem_cli.world.people import Done, Gift, People
from relmem_cli.world.state import State


@asks("holder")
def _holder(state: State, thing: Noun) -> TrueAnswer | None:
    it = state.people.things[thing]
    if it.handled < 0:
        return None
    return TrueAnswer(it.holder.name if it.holder else "nobody", (it.handled,))


@asks("has")
def _has(state: State, who: Noun, thing: Noun) -> TrueAnswer | None:
    it = state.people.things[thing]
    return yes(it.holder is who, (it.handled,)) if it.handled >= 0 else None


@asks("carrying")
def _carrying(state: State, who: Noun) -> TrueAnswer | None:
    held = state.people.held[who]
    text = ",".join(thing.name for thing in held) or "nothing"
    return _of_held(state.people, who, text)


@asks("how_many")
def _how_many(state: State, who: Noun) -> TrueAnswer | None:
    return _of_held(state.people, who, NUMBERS[len(state.people.held[who])])


@asks("how_many_of", "how_many_at")
def _how_many_of(state: State, who: Noun, kind: Noun) -> TrueAnswer | None:
    found = state.amounts.get((kind, who))
    return found and TrueAnswer(NUMBERS[found.number], found.lines)


@asks("how_many_both")
def _how_many_both(state: State, who: Noun, whom: Noun, kind: Noun) -> TrueAnswer | None:
    one, other = state.amounts.get((kind, who)), state.amounts.get((kind, whom))
    if one is None or other is None:
        return None
    return TrueAnswer(NUMBERS[one.number + other.number], together(one.lines, other.lines))


def _of_held(people: People, who: Noun, text: str) -> TrueAnswer | None:
    if not people.handled[who]:
        return None
    return TrueAnswer(text, tuple(people.held[who].values()) or (people.lost[who],))


@asks("what_taken")
def _what_taken(state: State, who: Noun) -> TrueAnswer | None:
    return _last_thing(who, {thing: it.taken for thing, it in state.people.things.items()})


@asks("who_took")
def _who_took(state: State, thing: Noun) -> TrueAnswer | None:
    return latest((line, who.name) for who, line in state.people.things[thing].taken)


@asks("what_dropped")
def _what_dropped(state: State, who: Noun) -> TrueAnswer | None:
    return _last_thing(who, {thing: it.dropped for thing, it in state.people.things.items()})


@asks("who_dropped")
def _who_dropped(state: State, thing: Noun) -> TrueAnswer | None:
    return latest((line, who.name) for who, line in state.people.things[thing].dropped)


@asks("where_dropped")
def _where_dropped(state: State, who: Noun, thing: Noun) -> TrueAnswer | None:
    """Where somebody last put a thing down: a spot, or where they were then."""
    dropped = state.people.things[thing].dropped
    line = max((line for dropper, line in dropped if dropper is who), default=None)
    if line is None:
        return None
    known = state.people.known(state.people.at(thing, line).stay)
    return of_known(known, known.lines, (line,))


@asks("who_put")
def _who_put(state: State, thing: Noun, spot: Noun) -> TrueAnswer | None:
    """Who last put a thing at a spot."""
    dropped = state.people.things[thing].dropped
    return latest((line, who.name) for who, line in dropped if _spot(state, thing, line) is spot)


@asks("what_put")
def _what_put(state: State, who: Noun, spot: Noun) -> TrueAnswer | None:
    """What somebody last put at a spot."""
    return latest(
        (line, thing.name)
        for thing, it in state.people.things.items()
        for by, line in it.dropped
        if by is who and _spot(state, thing, line) is spot
    )


def _spot(state: State, thing: Noun, line: int) -> Noun | None:
    """At which spot a sentence put a thing; None where it did not."""
    stay = state.people.at(thing, line).stay
    return stay.place if stay.place.scene == SPOT and stay.since == line else None


def _last_thing(who: Noun, done: Mapping[Noun, Iterable[Done]]) -> TrueAnswer | None:
    """The thing with which somebody did something last, of what was done with each and by whom."""
    lines = ((line, thing.name) for thing, each in done.items() for by, line in each if by is who)
    return latest(lines)


@asks("what_given")
def _what_given(state: State, giver: Noun, receiver: Noun) -> TrueAnswer | None:
    return latest(
        (line, thing.name)
        for thing, it in state.people.things.items()
        for who, whom, line in it.gifts
        if who is giver and whom is receiver
    )


@asks("giver")
def _giver(state: State, thing: Noun) -> TrueAnswer | None:
    return next((TrueAnswer(who.name, (line,)) for who, _, line in _gifts(state, thing)), None)


@asks("giver_to")
def _giver_to(state: State, thing: Noun, receiver: Noun) -> TrueAnswer | None:
    gifts = _gifts(state, thing)
    return next((TrueAnswer(who.name, (n,)) for who, whom, n in gifts if whom is receiver), None)


@asks("receiver")
def _receiver(state: State, thing: Noun) -> TrueAnswer | None:
    return next((TrueAnswer(whom.name, (line,)) for _, whom, line in _gifts(state, thing)), None)


@asks("receiver_of")
def _receiver_of(state: State, giver: Noun, thing: Noun) -> TrueAnswer | None:
    gifts = _gifts(state, thing)
    return next((TrueAnswer(whom.name, (n,)) for who, whom, n in gifts if who is giver), None)


def _gifts(state: State, thing: Noun) -> Iterable[Gift]:
    """The latest first."""
    return reversed(state.people.things[thing].gifts)
