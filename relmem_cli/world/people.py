"""Who is where and has what: how it is, and how much of it the story has told.

A stay is the time that somebody spends at one place. What is told of a stay (its place, two places
of which it is one, a place that it is not) is told of every stay that is linked to it: whoever
takes a thing is where it lies, and whoever is given something is where its giver is. Nobody moves
but as the story tells, save where it says that somebody is, or is not, at a place in spite of what
it told before.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from relmem_cli.world.nouns import SPOT, Noun

Lines = tuple[int, ...]
"""Numbers of sentences, from 0."""


class Known(NamedTuple):
    """What the story decides, with the sentences that suffice for it.

    place    where, or None where that is not told
    within   the places of which it is one, where the story names some; else None
    barred   places where it is not, each with the sentences that say so
    """

    place: Noun | None
    lines: Lines
    within: frozenset[Noun] | None = None
    barred: Mapping[Noun, Lines] = MappingProxyType({})

    def may_be(self, place: Noun) -> bool:
        """Whether it can be there for all that is told."""
        if self.place is not None:
            return self.place is place
        return place not in self.barred and (self.within is None or place in self.within)


class OneOf(NamedTuple):
    """Places of which a stay is at one, as a sentence says."""

    places: frozenset[Noun]
    line: int


class Barred(NamedTuple):
    """A place where a stay is not, as a sentence says."""

    place: Noun
    line: int


@dataclass(slots=True, eq=False)
class Stay:
    """`place` is where it is in truth; the rest is what is told, with the sentences' numbers.

    since   the sentence that begins it, -1 for the first
    went    whether that tells of going there
    """

    place: Noun
    since: int = -1
    went: bool = False
    time: int = 0
    told: int = -1
    within: list[OneOf] = field(default_factory=list)
    barred: list[Barred] = field(default_factory=list)
    links: list[tuple["Stay", Lines]] = field(default_factory=list)

    def __lt__(self, other: "Stay") -> bool:
        return self.time < other.time

    @property
    def untold(self) -> bool:
        """Whether no sentence says anything of where it is."""
        return self.told < 0 and not (self.links or self.within or self.barred)

    def link(self, other: "Stay", *lines: int) -> None:
        """Both are at the same place, as these sentences say."""
        if other is not self:
            said = tuple(line for line in lines if line >= 0)
            self.links.append((other, said))
            other.links.append((self, said))


class ToldStay(NamedTuple):
    """A stay of somebody or something, with the sentences that put it there."""

    stay: Stay
    lines: Lines


class Done(NamedTuple):
    """Who did something with a thing, and the sentence that says so."""

    who: Noun
    line: int


class Gift(NamedTuple):
    """Who gave a thing to whom, and the sentence that says so."""

    giver: Noun
    receiver: Noun
    line: int


class Handled(NamedTuple):
    """A sentence in which somebody took, dropped, gave or was given a thing."""

    line: int
    thing: Noun


@dataclass(slots=True, eq=False)
class Thing:
    """Where a thing has been, who has it, and the sentence that says so.

    moved  the sentence with which each stay of the trail began, -1 for the first
    why    the sentence by which it was there: who took or was given it
    taken, dropped, gifts  who took it, who put it down, who gave it to whom, the latest last
    """

    trail: list[Stay]
    holder: Noun | None = None
    handled: int = -1
    moved: list[int] = field(default_factory=lambda: [-1])
    why: list[int] = field(default_factory=lambda: [-1])
    taken: list[Done] = field(default_factory=list)
    dropped: list[Done] = field(default_factory=list)
    gifts: list[Gift] = field(default_factory=list)

    def come(self, stay: Stay, line: int, why: int) -> None:
        """It is at a place from a sentence on, with whoever has had it since `why`."""
        self.trail.append(stay)
        self.moved.append(line)
        self.why.append(why)


class People:
    """The state of all people and things of a story.

    stays    each person's, in order of time
    things   what is told of, or may be
    handled  by person: the sentences in which they took, dropped, gave or were given what
    named    whom and what each sentence tells of
    lost     by person: the last sentence in which they dropped or gave something away
    """

    def __init__(self) -> None:
        self.stays: dict[Noun, list[Stay]] = {}
        self.things: dict[Noun, Thing] = {}
        self.held: dict[Noun, dict[Noun, int]] = {}
        self.handled: dict[Noun, list[Handled]] = {}
        self.named: dict[int, tuple[Noun, ...]] = {}
        self.lost: dict[Noun, int] = {}

    def place_person(self, who: Noun, place: Noun) -> None:
        """Somebody is at a place from the beginning, untold."""
        self.stays[who] = [Stay(place)]
        self.held[who] = {}
        self.handled[who] = []

    def place_thing(self, thing: Noun, place: Noun) -> None:
        """A thing lies at a place from the beginning, untold."""
        self.things[thing] = Thing([Stay(place)])

    # what happens

    def move(self, who: Noun, place: Noun, line: int) -> None:
        """Somebody goes to a place."""
        self._arrive(who, Stay(place, since=line, went=True, told=line), None)

    def move_at(self, who: Noun, place: Noun, time: int, line: int) -> None:
        """Somebody goes to a place at a time, which the story may tell out of order."""
        self._arrive(who, Stay(place, since=line, went=True, told=line), time)

    def be_at(self, who: Noun, place: Noun, line: int) -> None:
        """Somebody is at a place: still, or having moved untold where they cannot be there yet.

        A stay that is not linked to others was there all along if the story did not say where.
        """
        stay = self.stays[who][-1]
        if self.known(stay).may_be(place):
            stay.place, stay.told = place, line
        else:
            self._arrive(who, Stay(place, since=line, told=line), None)

    def be_away(self, who: Noun, place: Noun, truth: Noun, line: int) -> None:
        """Somebody is not at a place (any longer): if they were, they have left for `truth`."""
        stay = self.stays[who][-1]
        known = self.known(stay)
        if known.place is place:
            self._arrive(who, Stay(truth, since=line, barred=[Barred(place, line)]), None)
        elif known.place is None:
            stay.place = truth
            stay.barred.append(Barred(place, line))

    def leave(self, who: Noun, place: Noun, truth: Noun, line: int) -> None:
        """Somebody leaves a place, where they are, for `truth`."""
        stay = self.stays[who][-1]
        if self.known(stay).place is None:
            stay.place, stay.told = place, line
        self._arrive(who, Stay(truth, since=line, barred=[Barred(place, line)]), None)

    def be_either(self, who: Noun, places: tuple[Noun, Noun], truth: Noun, line: int) -> None:
        """Somebody is at one of two places, having moved untold."""
        self._arrive(who, Stay(truth, since=line, within=[OneOf(frozenset(places), line)]), None)

    def take(self, who: Noun, thing: Noun, line: int) -> None:
        """Somebody takes a thing that lies where they are, or that was put at a spot."""
        stay, it = self.stays[who][-1], self.things[thing]
        if it.trail[-1].place.scene != SPOT:
            stay.link(it.trail[-1], it.why[-1], it.handled, line)
        it.come(stay, line, line)
        it.taken.append(Done(who, line))
        self._receive(who, thing, line)

    def get(self, who: Noun, thing: Noun, line: int) -> None:
        """Somebody has a thing from now on that was nowhere in the story: they bought it."""
        self.things[thing].come(self.stays[who][-1], line, line)
        self._receive(who, thing, line)

    def carry(self, who: Noun, thing: Noun, place: Noun, line: int) -> None:
        """Somebody takes a thing along to a place."""
        if thing not in self.held[who]:
            self.take(who, thing, line)
        self.move(who, place, line)

    def drop(self, who: Noun, thing: Noun, line: int) -> None:
        """Somebody drops what they hold."""
        it = self.things[thing]
        it.holder, it.handled = None, line
        it.dropped.append(Done(who, line))
        self._give_away(who, thing, line)

    def drop_at(self, who: Noun, thing: Noun, place: Noun, line: int) -> None:
        """Somebody drops what they hold at a place, where they are."""
        self.be_at(who, place, line)
        self.drop(who, thing, line)

    def put(self, who: Noun, thing: Noun, spot: Noun, line: int) -> None:
        """Somebody puts a thing at a spot: one that they hold, that lies there, or had all along.

        It is known where the thing is then; the spot itself says nothing of where they are.
        """
        it = self.things[thing]
        if it.holder is None and it.handled >= 0:
            self.take(who, thing, line)
        self.drop(who, thing, line)
        it.come(Stay(spot, since=line, told=line), line, line)

    def take_from(self, who: Noun, thing: Noun, spot: Noun, line: int) -> None:
        """Somebody takes a thing from the spot where it is, told before or not."""
        if self.things[thing].trail[-1].place is not spot:
            self.things[thing].come(Stay(spot, since=line, told=line), line, line)
        self.take(who, thing, line)

    def give(self, who: Noun, thing: Noun, whom: Noun, line: int) -> None:
        """Somebody gives what they hold to somebody who is where they are."""
        stay, there = self.stays[who][-1], self.stays[whom][-1]
        stay.link(there, line)
        self._give_away(who, thing, line)
        self.things[thing].come(there, line, line)
        self.things[thing].gifts.append(Gift(who, whom, line))
        self._receive(whom, thing, line)

    def lie(self, thing: Noun, place: Noun, line: int) -> None:
        """A thing that nobody holds lies at a place."""
        it = self.things[thing]
        it.trail[-1].place = place
        it.trail[-1].told = it.handled = line

    # what is told of it

    def known(self, stay: Stay) -> Known:
        """Where a stay is, as far as the story decides it."""
        if stay.told >= 0:
            return Known(stay.place, (stay.told,))
        if stay.untold:
            return Known(None, ())
        reached = dict(_reach(stay))
        for other, way in reached.items():
            if other.told >= 0:
                return Known(other.place, (*way, other.told))
        return _narrowed(reached)

    def way(self, one: Stay, other: Stay) -> Lines | None:
        """The sentences that say that two stays are at one place; None where none do."""
        return next((way for stay, way in _reach(one) if stay is other), None)

    def where(self, what: Noun) -> ToldStay:
        """The latest stay of somebody or something; of a thing with what says where it went."""
        if what in self.stays:
            return ToldStay(self.stays[what][-1], ())
        it = self.things[what]
        return ToldStay(it.trail[-1], (it.handled,) if it.handled >= 0 else ())

    def trail(self, what: Noun) -> Sequence[ToldStay]:
        """All stays of somebody or something in order; of a thing with what put it there."""
        if what in self.stays:
            return [ToldStay(stay, ()) for stay in self.stays[what]]
        it = self.things[what]
        return [
            ToldStay(stay, (why,) if why >= 0 else ())
            for stay, why in zip(it.trail, it.why, strict=True)
        ]

    def since(self, what: Noun, line: int) -> Lines:
        """The sentences after one that tell where somebody or something went, or is not."""
        if what in self.stays:
            its = {stay.since for stay in self.stays[what]}
        else:
            it = self.things[what]
            its = {*it.moved, *it.why, it.handled}
        known = self.known(self.where(what).stay)
        its |= {*known.lines, *(said for lines in known.barred.values() for said in lines)}
        return tuple(sorted(other for other in its if other > line))

    def at(self, what: Noun, line: int) -> ToldStay:
        """Where somebody or something was when a sentence was told; with what put it there."""
        trail = self.trail(what)
        begun = [stay.since for stay, _ in trail] if what in self.stays else self.things[what].moved
        return trail[sum(since <= line for since in begun) - 1]

    def _arrive(self, who: Noun, stay: Stay, time: int | None) -> None:
        stays = self.stays[who]
        if time is None:
            stay.time = stays[-1].time
            stays.append(stay)
        else:
            stay.time = time
            insort(stays, stay)
        for thing, why in self.held[who].items():
            self.things[thing].come(stay, stay.since, why)

    def _receive(self, who: Noun, thing: Noun, line: int) -> None:
        it = self.things[thing]
        it.holder, it.handled = who, line
        self.held[who][thing] = line
        self.handled[who].append(Handled(line, thing))

    def _give_away(self, who: Noun, thing: Noun, line: int) -> None:
        if self.held[who].pop(thing, None) is None:  # they had it all along
            it, stays = self.things[thing], self.stays[who]
            it.trail, it.moved = list(stays), [stay.since for stay in stays]
            it.why = [line] * len(stays)
        self.handled[who].append(Handled(line, thing))
        self.lost[who] = line


def _reach(stay: Stay) -> Iterator[tuple[Stay, Lines]]:
    """All stays at the same place as this, nearest first, with the sentences that say so."""
    seen = {stay}
    queue: deque[tuple[Stay, Lines]] = deque([(stay, ())])
    while queue:
        here, way = queue.popleft()
        yield here, way
        for other, lines in here.links:
            if other not in seen:
                seen.add(other)
                queue.append((other, (*way, *lines)))


def _narrowed(reached: dict[Stay, Lines]) -> Known:
    """What is left of the places after all that is told of linked stays."""
    within: frozenset[Noun] | None = None
    lines: dict[int, None] = {}
    barred: dict[Noun, Lines] = {}
    for stay, way in reached.items():
        for places, line in stay.within:
            within = places if within is None else within & places
            lines |= dict.fromkeys((*way, line))
        for place, line in stay.barred:
            barred.setdefault(place, (*way, line))
    if within is None:
        return Known(None, (), None, barred)
    left = within - barred.keys()
    for place in within & barred.keys():
        lines |= dict.fromkeys(barred[place])
    if len(left) == 1:
        return Known(next(iter(left)), tuple(lines))
    return Known(None, tuple(lines), within, barred)
