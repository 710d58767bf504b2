"""Where somebody or something is and was, who is there, who is with whom."""

from collections.abc import Container, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from relmem_cli.world.answers.given import (
    MAYBE,
    NUMBERS,
    TrueAnswer,
    asks,
    listed,
    of_known,
    together,
    yes,
)
from relmem_cli.world.nouns import SPOT, Noun
from relmem_cli.world.people import Known, Lines, People
from relmem_cli.world.state import State


@asks("where")
def _where(state: State, what: Noun) -> TrueAnswer | None:
    stay, moved = state.people.where(what)
    known = state.people.known(stay)
    return of_known(known, moved, known.lines)


@asks("is_at")
def _is_at(state: State, what: Noun, place: Noun) -> TrueAnswer | None:
    stay, moved = state.people.where(what)
    return _whether(state.people.known(stay), place, moved)


def _whether(known: Known, place: Noun, moved: Lines) -> TrueAnswer | None:
    if known.place is not None:
        if _may_be_in(known.place, place):
            return None
        return yes(known.place is place, moved, known.lines)
    if place in known.barred:
        return yes(False, moved, known.barred[place])
    if known.within is None:
        return None
    text = MAYBE if place in known.within else "no"
    return TrueAnswer(text, together(moved, known.lines))


def _may_be_in(one: Noun, other: Noun) -> bool:
    """Whether one is a spot that may well be in the other, a room, or the other way round."""
    return (one.scene == SPOT) is not (other.scene == SPOT)


class _Visit(NamedTuple):
    """Stays in a row at one place, with what says so of the first that is told."""

    known: Known
    lines: Lines


def _visits(people: People, what: Noun) -> Iterator[_Visit]:
    """Where it was, the latest first; stays in a row at one place are one visit."""
    trail = people.trail(what)
    known = people.known(trail[-1].stay)
    for number in range(len(trail) - 1, -1, -1):
        stay, moved = trail[number]
        before = people.known(trail[number - 1].stay) if number else None
        if before is None or known.place is None or before.place is not known.place:
            begun = (stay.since,) if stay.since >= 0 else ()
            yield _Visit(known, together(moved, known.lines, begun))
        if before is not None:
            known = before


@asks("where_before")
def _where_before(state: State, what: Noun, place: Noun) -> TrueAnswer | None:
    return _beside(state, what, place, -1)


@asks("where_after")
def _where_after(state: State, what: Noun, place: Noun) -> TrueAnswer | None:
    return _beside(state, what, place, 1)


def _beside(state: State, what: Noun, place: Noun, way: int) -> TrueAnswer | None:
    """The visit before or after the latest one at a place."""
    visits = _visits(state.people, what)
    after = None
    for visit in visits:
        if visit.known.place is place:
            other = after if way > 0 else next(visits, None)
            return other and of_known(other.known, visit.lines, other.lines)
        if visit.known.may_be(place):
            return None
        after = visit
    return None


@asks("where_was")
def _where_was(state: State, what: Noun) -> TrueAnswer | None:
    """Where it was before it is where it is; or was last, where it has left for no told place."""
    (_, now), *before = islice(_visits(state.people, what), 2)
    return of_known(before[0].known, now, before[0].lines) if before else None


@asks("where_first")
def _where_first(state: State, what: Noun) -> TrueAnswer | None:
    """The first stay that the story begins with; unknown where it begins with a move."""
    known = state.people.known(state.people.trail(what)[0].stay)
    return of_known(known, known.lines)


@asks("where_when")
def _where_when(state: State, who: Noun, time: Noun) -> TrueAnswer | None:
    """Where somebody went at a time."""
    at = state.times.index(time.name)
    stays = [stay for stay in state.people.stays[who] if stay.went and stay.time == at]
    return TrueAnswer(stays[-1].place.name, (stays[-1].since,)) if stays else None


@asks("where_while")
def _where_while(state: State, what: Noun, who: Noun, thing: Noun) -> TrueAnswer | None:
    """Where somebody was when another last took a thing."""
    lines = [line for taker, line in state.people.things[thing].taken if taker is who]
    if not lines:
        return None
    stay, moved = state.people.at(what, lines[-1])
    known = state.people.known(stay)
    return of_known(known, known.lines, moved, (lines[-1],))


@asks("did_go")
def _did_go(state: State, who: Noun, place: Noun) -> TrueAnswer | None:
    """Whether the story tells that somebody went to a place; moves that it leaves untold count."""
    stays = state.people.stays[who][1:]
    told = [stay for stay in stays if stay.went]
    for stay in told:
        if stay.place is place:
            return yes(True, (stay.since,))
    untold = [stay for stay in stays if not stay.went]
    if not told or any(state.people.known(stay).may_be(place) for stay in untold):
        return None
    if any(_may_be_in(stay.place, place) for stay in told):
        return None
    return yes(False, (told[0].since,))


@asks("with")
def _with(state: State, who: Noun, whom: Noun) -> TrueAnswer | None:
    people = state.people
    one, other = people.stays[who][-1], people.stays[whom][-1]
    a, b = people.known(one), people.known(other)
    if a.place is not None and b.place is not None:
        if _may_be_in(a.place, b.place):
            return None
        return yes(a.place is b.place, a.lines, b.lines)
    if (way := people.way(one, other)) is not None:
        return yes(True, way)
    for known, place in ((a, b.place), (b, a.place)):
        if place is not None and not known.may_be(place):
            mine = known.barred.get(place, known.lines)
            return yes(False, mine, (a if known is b else b).lines)
    for known, its in ((a, b), (b, a)):
        if known.within is not None and not any(map(its.may_be, known.within)):
            said = (its.barred.get(place, its.lines) for place in known.within)
            return yes(False, known.lines, *said)
    return None


@asks("company")
def _company(state: State, who: Noun) -> TrueAnswer | None:
    """The others who are where somebody is; nobody where all are told to be elsewhere."""
    stays = state.people.stays
    known = {one: state.people.known(stays[one][-1]) for one in stays}
    place = known[who].place
    if place is None:
        return None
    found = _there(state, stays, place)
    others = [one for one in found if one is not who]
    if others:
        return _about_all(state, found, listed(others), stays)
    if any(its.place is None or _may_be_in(its.place, place) for its in known.values()):
        return None
    return TrueAnswer("nobody", together(*(its.lines for its in known.values())))


@asks("went_with")
def _went_with(state: State, who: Noun, place: Noun) -> TrueAnswer | None:
    """With whom somebody last went to a place in one sentence."""
    stays = state.people.stays
    lines = [stay.since for stay in stays[who] if stay.went and stay.place is place]
    if not lines:
        return None
    line = lines[-1]
    others = [
        one
        for one in stays
        if one is not who and any(stay.went and stay.since == line for stay in stays[one])
    ]
    return TrueAnswer(listed(others), (line,)) if others else None


@asks("other")
def _other(_: State, __: Noun) -> TrueAnswer | None:
    """What no story tells: how old somebody is."""
    return None


@asks("who_at")
def _who_at(state: State, place: Noun) -> TrueAnswer | None:
    found = _there(state, state.people.stays, place)
    return _about_all(state, found, listed(found), state.people.stays)


@asks("what_at")
def _what_at(state: State, place: Noun) -> TrueAnswer | None:
    told = [thing for thing, it in state.people.things.items() if it.handled >= 0]
    found = _there(state, told, place)
    return _about_all(state, found, listed(found), state.people.things)


@asks("count_at")
def _count_at(state: State, place: Noun) -> TrueAnswer | None:
    found = _there(state, state.people.stays, place)
    return _about_all(state, found, NUMBERS[len(found)], state.people.stays)


def _there(state: State, all_of_them: Iterable[Noun], place: Noun) -> dict[Noun, Lines]:
    """Those of whom the story decides that they are at a place, with its sentences.

    They are in the order in which it tells so, and of one sentence in that of its words.
    """
    found = {}
    for one in all_of_them:
        stay, moved = state.people.where(one)
        known = state.people.known(stay)
        if known.place is place:
            found[one] = together(moved, known.lines)
    return dict(sorted(found.items(), key=lambda each: _told_at(state, *each)))


def _told_at(state: State, one: Noun, lines: Lines) -> tuple[list[int], int]:
    """The sentences that say where one is, the latest first, and its place in the words of that."""
    named = state.people.named.get(max(lines, default=-1), ())
    return sorted(lines, reverse=True), named.index(one) if one in named else len(named)


def _about_all(
    state: State, found: dict[Noun, Lines], text: str, others: Container[Noun]
) -> TrueAnswer | None:
    """An answer about all that are at a place, with what says that others have left it."""
    if not found:
        return None
    lines = list(together(*found.values()))
    for line in lines:
        for one in state.people.named[line]:
            if one in others:
                lines += [more for more in state.people.since(one, line) if more not in lines]
    return TrueAnswer(text, tuple(lines))
