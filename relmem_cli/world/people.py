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

from relmem_cli.world.nouns import Noun

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


@dataclass(slots=True, eq=False)
class Stay:
    """`place` is where it is in truth; the rest is what is told, with the sentences' numbers."""

    place: Noun
    time: int = 0
    told: int = -1
    within: list[tuple[frozenset[Noun], int]] = field(default_factory=list)
    barred: list[tuple[Noun, int]] = field(default_factory=list)
    links: list[tuple["Stay", int]] = field(default_factory=list)

    def __lt__(self, other: "Stay") -> bool:
        return self.time < other.time

    def link(self, other: "Stay", line: int) -> None:
        """Both are at the same place, as a sentence says."""
        if other is not self:
            self.links.append((other, line))
            other.links.append((self, line))


@dataclass(slots=True, eq=False)
class Thing:
    """Where a thing has been, who has it, the sentence that says so, and who gave it to whom."""

    trail: list[Stay]
    holder: Noun | None = None
    handled: int = -1
    gifts: list[tuple[Noun, Noun, int]] = field(default_factory=list)


class People:
    """The state of all people and things of a story.

    stays    each person's, in order of time
    things   what is told of, or may be
    handled  by person: the sentences in which they took, dropped, gave or were given what
    lost     by person: the last sentence in which they dropped or gave something away
    """

    def __init__(self) -> None:
        self.stays: dict[Noun, list[Stay]] = {}
        self.things: dict[Noun, Thing] = {}
        self.held: dict[Noun, dict[Noun, int]] = {}
        self.handled: dict[Noun, list[tuple[int, Noun]]] = {}
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

    def move(self, who: Noun, place: Noun, line: int, time: int | None = None) -> None:
        """Somebody goes to a place; with a time the story may tell it out of order."""
        self._arrive(who, Stay(place, told=line), time)

    def be_at(self, who: Noun, place: Noun, line: int) -> None:
        """Somebody is at a place: still, or having moved untold where they cannot be there yet.

        A stay that is not linked to others was there all along if the story did not say where.
        """
        stay = self.stays[who][-1]
        if self.known(stay).may_be(place):
            stay.place, stay.told = place, line
        else:
            self._arrive(who, Stay(place, told=line), None)

    def be_away(self, who: Noun, place: Noun, truth: Noun, line: int) -> None:
        """Somebody is not at a place (any longer): if they were, they have left for `truth`."""
        stay = self.stays[who][-1]
        known = self.known(stay)
        if known.place is place:
            self._arrive(who, Stay(truth, barred=[(place, line)]), None)
        elif known.place is None:
            stay.place = truth
            stay.barred.append((place, line))

    def leave(self, who: Noun, truth: Noun, line: int) -> None:
        """Somebody leaves where they are, which the story names, for `truth`."""
        stay = self.stays[who][-1]
        if self.known(stay).place is None:
            stay.told = line
        self._arrive(who, Stay(truth, barred=[(stay.place, line)]), None)

    def be_either(self, who: Noun, places: tuple[Noun, Noun], truth: Noun, line: int) -> None:
        """Somebody is at one of two places, having moved untold."""
        self._arrive(who, Stay(truth, within=[(frozenset(places), line)]), None)

    def take(self, who: Noun, thing: Noun, line: int) -> None:
        """Somebody takes a thing that lies where they are."""
        stay, it = self.stays[who][-1], self.things[thing]
        stay.link(it.trail[-1], line)
        it.trail.append(stay)
        self._receive(who, thing, line)

    def drop(self, who: Noun, thing: Noun, line: int) -> None:
        """Somebody drops what they hold."""
        it = self.things[thing]
        it.holder, it.handled = None, line
        self._give_away(who, thing, line)

    def give(self, who: Noun, thing: Noun, whom: Noun, line: int) -> None:
        """Somebody gives what they hold to somebody who is where they are."""
        stay, there = self.stays[who][-1], self.stays[whom][-1]
        stay.link(there, line)
        self._give_away(who, thing, line)
        self.things[thing].trail.append(there)
        self.things[thing].gifts.append((who, whom, line))
        self._receive(whom, thing, line)

    def lie(self, thing: Noun, line: int) -> None:
        """A thing that nobody holds lies where it is."""
        it = self.things[thing]
        it.trail[-1].told = it.handled = line

    # what is told of it

    def known(self, stay: Stay) -> Known:
        """Where a stay is, as far as the story decides it."""
        if stay.told >= 0:
            return Known(stay.place, (stay.told,))
        if not (stay.links or stay.within or stay.barred):
            return Known(None, ())
        reached = dict(_reach(stay))
        for other, way in reached.items():
            if other.told >= 0:
                return Known(other.place, (*way, other.told))
        return _narrowed(reached)

    def way(self, one: Stay, other: Stay) -> Lines | None:
        """The sentences that say that two stays are at one place; None where none do."""
        return next((way for stay, way in _reach(one) if stay is other), None)

    def where(self, what: Noun) -> tuple[Stay, Lines]:
        """The latest stay of somebody or something; of a thing with what says where it went."""
        if what in self.stays:
            return self.stays[what][-1], ()
        it = self.things[what]
        return it.trail[-1], (it.handled,) if it.handled >= 0 else ()

    def trail(self, what: Noun) -> Sequence[Stay]:
        """All stays of somebody or something in order."""
        return self.stays[what] if what in self.stays else self.things[what].trail

    def _arrive(self, who: Noun, stay: Stay, time: int | None) -> None:
        stays = self.stays[who]
        if time is None:
            stay.time = stays[-1].time
            stays.append(stay)
        else:
            stay.time = time
            insort(stays, stay)
        for thing in self.held[who]:
            self.things[thing].trail.append(stay)

    def _receive(self, who: Noun, thing: Noun, line: int) -> None:
        it = self.things[thing]
        it.holder, it.handled = who, line
        self.held[who][thing] = line
        self.handled[who].append((line, thing))

    def _give_away(self, who: Noun, thing: Noun, line: int) -> None:
        del self.held[who][thing]
        self.handled[who].append((line, thing))
        self.lost[who] = line


def _reach(stay: Stay) -> Iterator[tuple[Stay, Lines]]:
    """All stays at the same place as this, nearest first, with the sentences that say so."""
    seen = {stay}
    queue: deque[tuple[Stay, Lines]] = deque([(stay, ())])
    while queue:
        here, way = queue.popleft()
        yield here, way
        for other, line in here.links:
            if other not in seen:
                seen.add(other)
                queue.append((other, (*way, line)))


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
