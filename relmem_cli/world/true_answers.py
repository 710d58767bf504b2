"""What the story decides: an answer for every question, from the simulator's own state."""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import NamedTuple

from relmem_cli.world.layout import RELATIONS, STEPS, Step, back
from relmem_cli.world.nouns import SPOT, Noun
from relmem_cli.world.people import Done, Gift, Known, Lines, People
from relmem_cli.world.state import State

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


_ANSWERS: dict[str, Callable[..., TrueAnswer | None]] = {}


def answer(state: State, meaning: str, *parts: Noun) -> TrueAnswer | None:
    """The answer to a question; None where the story does not say."""
    return _ANSWERS[meaning](state, *parts)


def _asks(
    *meanings: str,
) -> Callable[[Callable[..., TrueAnswer | None]], Callable[..., TrueAnswer | None]]:
    def register(function: Callable[..., TrueAnswer | None]) -> Callable[..., TrueAnswer | None]:
        _ANSWERS.update(dict.fromkeys(meanings, function))
        return function

    return register


def _yes(truth: bool, *lines: Lines) -> TrueAnswer:
    return TrueAnswer("yes" if truth else "no", _together(*lines))


def _of(known: Known, *lines: Lines) -> TrueAnswer | None:
    """The place, if it is decided."""
    return TrueAnswer(known.place.name, _together(*lines)) if known.place else None


def _together(*lines: Iterable[int]) -> Lines:
    return tuple(dict.fromkeys(line for some in lines for line in some))


# where somebody or something is


@_asks("where")
def _where(state: State, what: Noun) -> TrueAnswer | None:
    stay, moved = state.people.where(what)
    known = state.people.known(stay)
    return _of(known, moved, known.lines)


@_asks("is_at")
def _is_at(state: State, what: Noun, place: Noun) -> TrueAnswer | None:
    stay, moved = state.people.where(what)
    return _whether(state.people.known(stay), place, moved)


def _whether(known: Known, place: Noun, moved: Lines) -> TrueAnswer | None:
    if known.place is not None:
        return _yes(known.place is place, moved, known.lines)
    if place in known.barred:
        return _yes(False, moved, known.barred[place])
    if known.within is None:
        return None
    text = MAYBE if place in known.within else "no"
    return TrueAnswer(text, _together(moved, known.lines))


class _Visit(NamedTuple):
    """Stays in a row at one place, with what says so of the first that is told."""

    known: Known
    lines: Lines


def _visits(people: People, what: Noun) -> list[_Visit]:
    """Where it was, in order; stays in a row at one place are one visit."""
    visits: list[_Visit] = []
    for stay, moved in people.trail(what):
        known = people.known(stay)
        if known.place is None or not visits or visits[-1].known.place is not known.place:
            begun = (stay.since,) if stay.since >= 0 else ()
            visits.append(_Visit(known, _together(moved, known.lines, begun)))
    return visits


@_asks("where_before")
def _where_before(state: State, what: Noun, place: Noun) -> TrueAnswer | None:
    return _beside(state, what, place, -1)


@_asks("where_after")
def _where_after(state: State, what: Noun, place: Noun) -> TrueAnswer | None:
    return _beside(state, what, place, 1)


def _beside(state: State, what: Noun, place: Noun, way: int) -> TrueAnswer | None:
    """The visit before or after the latest one at a place."""
    visits = _visits(state.people, what)
    for number in reversed(range(len(visits))):
        known, lines = visits[number]
        if known.place is place:
            if not 0 <= number + way < len(visits):
                return None
            other = visits[number + way]
            return _of(other.known, lines, other.lines)
        if known.may_be(place):
            return None
    return None


@_asks("where_was")
def _where_was(state: State, what: Noun) -> TrueAnswer | None:
    """Where it was before it is where it is; or was last, where it has left for no told place."""
    visits = _visits(state.people, what)
    if len(visits) < 2:
        return None
    (_, now), (known, lines) = visits[-1], visits[-2]
    return _of(known, now, lines)


@_asks("where_first")
def _where_first(state: State, what: Noun) -> TrueAnswer | None:
    """The first stay that the story begins with; unknown where it begins with a move."""
    known = state.people.known(state.people.trail(what)[0].stay)
    return _of(known, known.lines)


@_asks("where_when")
def _where_when(state: State, who: Noun, time: Noun) -> TrueAnswer | None:
    """Where somebody went at a time."""
    at = state.times.index(time.name)
    stays = [stay for stay in state.people.stays[who] if stay.went and stay.time == at]
    return TrueAnswer(stays[-1].place.name, (stays[-1].since,)) if stays else None


@_asks("where_while")
def _where_while(state: State, what: Noun, who: Noun, thing: Noun) -> TrueAnswer | None:
    """Where somebody was when another last took a thing."""
    lines = [line for taker, line in state.people.things[thing].taken if taker is who]
    if not lines:
        return None
    stay, moved = state.people.at(what, lines[-1])
    known = state.people.known(stay)
    return _of(known, known.lines, moved, (lines[-1],))


@_asks("did_go")
def _did_go(state: State, who: Noun, place: Noun) -> TrueAnswer | None:
    """Whether the story tells that somebody went to a place; moves that it leaves untold count."""
    stays = state.people.stays[who][1:]
    told = [stay for stay in stays if stay.went]
    for stay in told:
        if stay.place is place:
            return _yes(True, (stay.since,))
    untold = [stay for stay in stays if not stay.went]
    if not told or any(state.people.known(stay).may_be(place) for stay in untold):
        return None
    return _yes(False, (told[0].since,))


@_asks("with")
def _with(state: State, who: Noun, whom: Noun) -> TrueAnswer | None:
    people = state.people
    one, other = people.stays[who][-1], people.stays[whom][-1]
    a, b = people.known(one), people.known(other)
    if a.place is not None and b.place is not None:
        return _yes(a.place is b.place, a.lines, b.lines)
    if (way := people.way(one, other)) is not None:
        return _yes(True, way)
    for known, place in ((a, b.place), (b, a.place)):
        if place is not None and not known.may_be(place):
            mine = known.barred.get(place, known.lines)
            return _yes(False, mine, (a if known is b else b).lines)
    for known, its in ((a, b), (b, a)):
        if known.within is not None and not any(map(its.may_be, known.within)):
            said = (its.barred.get(place, its.lines) for place in known.within)
            return _yes(False, known.lines, *said)
    return None


@_asks("company")
def _company(state: State, who: Noun) -> TrueAnswer | None:
    """The others who are where somebody is, as far as the story decides it."""
    place = state.people.known(state.people.stays[who][-1]).place
    if place is None:
        return None
    found = _there(state, state.people.stays, place)
    others = [one for one in found if one is not who]
    return _about_all(state, found, _list(others), state.people.stays) if others else None


@_asks("went_with")
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
    return TrueAnswer(_list(others), (line,)) if others else None


@_asks("other")
def _other(_: State, __: Noun) -> TrueAnswer | None:
    """What no story tells: how old somebody is."""
    return None


@_asks("who_at")
def _who_at(state: State, place: Noun) -> TrueAnswer | None:
    found = _there(state, state.people.stays, place)
    return _about_all(state, found, _list(found), state.people.stays)


@_asks("what_at")
def _what_at(state: State, place: Noun) -> TrueAnswer | None:
    told = [thing for thing, it in state.people.things.items() if it.handled >= 0]
    found = _there(state, told, place)
    return _about_all(state, found, _list(found), state.people.things)


@_asks("count_at")
def _count_at(state: State, place: Noun) -> TrueAnswer | None:
    found = _there(state, state.people.stays, place)
    return _about_all(state, found, NUMBERS[len(found)], state.people.stays)


def _list(found: Iterable[Noun]) -> str:
    return ",".join(one.name for one in found)


def _there(state: State, all_of_them: Iterable[Noun], place: Noun) -> dict[Noun, Lines]:
    """Those of whom the story decides that they are at a place, with its sentences.

    They are in the order in which it tells so, and of one sentence in that of its words.
    """
    found = {}
    for one in all_of_them:
        stay, moved = state.people.where(one)
        known = state.people.known(stay)
        if known.place is place:
            found[one] = _together(moved, known.lines)
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
    lines = list(_together(*found.values()))
    for line in lines:
        for one in state.people.named[line]:
            if one in others:
                lines += [more for more in state.people.since(one, line) if more not in lines]
    return TrueAnswer(text, tuple(lines))


# who has what


@_asks("holder")
def _holder(state: State, thing: Noun) -> TrueAnswer | None:
    it = state.people.things[thing]
    if it.handled < 0:
        return None
    return TrueAnswer(it.holder.name if it.holder else "nobody", (it.handled,))


@_asks("has")
def _has(state: State, who: Noun, thing: Noun) -> TrueAnswer | None:
    it = state.people.things[thing]
    return _yes(it.holder is who, (it.handled,)) if it.handled >= 0 else None


@_asks("carrying")
def _carrying(state: State, who: Noun) -> TrueAnswer | None:
    held = state.people.held[who]
    text = ",".join(thing.name for thing in held) or "nothing"
    return _of_held(state.people, who, text)


@_asks("how_many")
def _how_many(state: State, who: Noun) -> TrueAnswer | None:
    return _of_held(state.people, who, NUMBERS[len(state.people.held[who])])


@_asks("how_many_of")
def _how_many_of(state: State, who: Noun, kind: Noun) -> TrueAnswer | None:
    found = state.amounts.get((kind, who))
    return found and TrueAnswer(NUMBERS[found.number], found.lines)


@_asks("how_many_both")
def _how_many_both(state: State, who: Noun, whom: Noun, kind: Noun) -> TrueAnswer | None:
    one, other = state.amounts.get((kind, who)), state.amounts.get((kind, whom))
    if one is None or other is None:
        return None
    return TrueAnswer(NUMBERS[one.number + other.number], _together(one.lines, other.lines))


def _of_held(people: People, who: Noun, text: str) -> TrueAnswer | None:
    if not people.handled[who]:
        return None
    return TrueAnswer(text, tuple(people.held[who].values()) or (people.lost[who],))


@_asks("what_taken")
def _what_taken(state: State, who: Noun) -> TrueAnswer | None:
    return _last_thing(who, {thing: it.taken for thing, it in state.people.things.items()})


@_asks("who_took")
def _who_took(state: State, thing: Noun) -> TrueAnswer | None:
    return _latest((line, who.name) for who, line in state.people.things[thing].taken)


@_asks("what_dropped")
def _what_dropped(state: State, who: Noun) -> TrueAnswer | None:
    return _last_thing(who, {thing: it.dropped for thing, it in state.people.things.items()})


@_asks("who_dropped")
def _who_dropped(state: State, thing: Noun) -> TrueAnswer | None:
    return _latest((line, who.name) for who, line in state.people.things[thing].dropped)


@_asks("where_dropped")
def _where_dropped(state: State, who: Noun, thing: Noun) -> TrueAnswer | None:
    """Where somebody was when they last put a thing down."""
    dropped = state.people.things[thing].dropped
    line = max((line for dropper, line in dropped if dropper is who), default=None)
    if line is None:
        return None
    spot = _spot(state, thing, line)
    if spot is not None:
        return TrueAnswer(spot.name, (line,))
    known = state.people.known(state.people.at(who, line).stay)
    return _of(known, known.lines, (line,))


@_asks("who_put")
def _who_put(state: State, thing: Noun, spot: Noun) -> TrueAnswer | None:
    """Who last put a thing at a spot."""
    dropped = state.people.things[thing].dropped
    return _latest((line, who.name) for who, line in dropped if _spot(state, thing, line) is spot)


@_asks("what_put")
def _what_put(state: State, who: Noun, spot: Noun) -> TrueAnswer | None:
    """What somebody last put at a spot."""
    return _latest(
        (line, thing.name)
        for thing, it in state.people.things.items()
        for by, line in it.dropped
        if by is who and _spot(state, thing, line) is spot
    )


def _spot(state: State, thing: Noun, line: int) -> Noun | None:
    """At which spot a sentence put a thing; None where it did not."""
    place = state.people.at(thing, line).stay.place
    return place if place.scene == SPOT else None


def _last_thing(who: Noun, done: Mapping[Noun, Iterable[Done]]) -> TrueAnswer | None:
    """The thing with which somebody did something last, of what was done with each and by whom."""
    lines = ((line, thing.name) for thing, each in done.items() for by, line in each if by is who)
    return _latest(lines)


def _latest(told: Iterable[tuple[int, str]]) -> TrueAnswer | None:
    """What the latest of some sentences tells; None where there is none."""
    line, text = max(told, default=(-1, ""))
    return TrueAnswer(text, (line,)) if text else None


@_asks("what_given")
def _what_given(state: State, giver: Noun, receiver: Noun) -> TrueAnswer | None:
    return _latest(
        (line, thing.name)
        for thing, it in state.people.things.items()
        for who, whom, line in it.gifts
        if who is giver and whom is receiver
    )


@_asks("giver")
def _giver(state: State, thing: Noun) -> TrueAnswer | None:
    return next((TrueAnswer(who.name, (line,)) for who, _, line in _gifts(state, thing)), None)


@_asks("giver_to")
def _giver_to(state: State, thing: Noun, receiver: Noun) -> TrueAnswer | None:
    gifts = _gifts(state, thing)
    return next((TrueAnswer(who.name, (n,)) for who, whom, n in gifts if whom is receiver), None)


@_asks("receiver")
def _receiver(state: State, thing: Noun) -> TrueAnswer | None:
    return next((TrueAnswer(whom.name, (line,)) for _, whom, line in _gifts(state, thing)), None)


@_asks("receiver_of")
def _receiver_of(state: State, giver: Noun, thing: Noun) -> TrueAnswer | None:
    gifts = _gifts(state, thing)
    return next((TrueAnswer(whom.name, (n,)) for who, whom, n in gifts if who is giver), None)


def _gifts(state: State, thing: Noun) -> Iterable[Gift]:
    """The latest first."""
    return reversed(state.people.things[thing].gifts)


# where places and shapes lie, what is bigger


@_asks("what_heading")
def _what_heading(state: State, direction: Noun, place: Noun) -> TrueAnswer | None:
    side = state.map.neighbour(place, STEPS[direction.name])
    return side and TrueAnswer(side.other.name, (side.line,))


@_asks("heading_of")
def _heading_of(state: State, place: Noun, direction: Noun) -> TrueAnswer | None:
    side = state.map.neighbour(place, back(STEPS[direction.name]))
    return side and TrueAnswer(side.other.name, (side.line,))


@_asks("is_heading")
def _is_heading(state: State, one: Noun, direction: Noun, other: Noun) -> TrueAnswer | None:
    found = state.map.offset(other, one)
    if found is None:
        return None
    (x, y), lines = found
    step = STEPS[direction.name]
    return _yes(x * step.x + y * step.y > 0, lines)


@_asks("path")
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
        return _yes(x * step.x + y * step.y > 0, lines)

    return whether


_ANSWERS.update({f"is_{name}": _relation(step) for name, step in RELATIONS.items()})


def _neighbour(step: Step) -> Callable[[State, Noun], TrueAnswer | None]:
    def what(state: State, one: Noun) -> TrueAnswer | None:
        side = state.picture.neighbour(one, step)
        return side and TrueAnswer(side.other.name, (side.line,))

    return what


_ANSWERS.update({f"what_{name}": _neighbour(step) for name, step in RELATIONS.items()})


@_asks("is_bigger")
def _is_bigger(state: State, one: Noun, other: Noun) -> TrueAnswer | None:
    found = state.sizes.bigger(one, other)
    return found and _yes(*found)


@_asks("biggest")
def _biggest(state: State) -> TrueAnswer | None:
    return _last(state.sizes.below, state.sizes.told())


@_asks("smallest")
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


@_asks("does_fit")
def _does_fit(state: State, one: Noun, other: Noun) -> TrueAnswer | None:
    return _is_bigger(state, other, one)


# animals and motives


@_asks("afraid_of")
def _afraid_of(state: State, who: Noun) -> TrueAnswer | None:
    return _of_trait(state.traits.afraid_of(who))


def _of_trait(found: tuple[Noun, Lines] | None) -> TrueAnswer | None:
    if found is None:
        return None
    what, lines = found
    return TrueAnswer(what.name, lines)


@_asks("what_kind")
def _what_kind(state: State, who: Noun) -> TrueAnswer | None:
    if who not in state.traits.kind:
        return None
    kind, line = state.traits.kind[who]
    return TrueAnswer(kind.name, (line,))


@_asks("which_colour")
def _which_colour(state: State, who: Noun) -> TrueAnswer | None:
    return _of_trait(state.traits.colour_of(who))


@_asks("where_will")
def _where_will(state: State, who: Noun) -> TrueAnswer | None:
    if who not in state.feels:
        return None
    motive, line = state.feels[who]
    return TrueAnswer(motive.place.name, (line,))


@_asks("who_feels")
def _who_feels(state: State, feeling: Noun) -> TrueAnswer | None:
    found = {who: felt.line for who, felt in state.feels.items() if felt.motive.feeling is feeling}
    return TrueAnswer(_list(found), tuple(found.values())) if found else None


@_asks("why_go", "why_get")
def _why(state: State, who: Noun, part: Noun) -> TrueAnswer | None:
    if who not in state.feels:
        return None
    motive, line = state.feels[who]
    if part is not motive.place and part not in motive.things:
        return None
    return TrueAnswer(motive.feeling.name, (line,))
