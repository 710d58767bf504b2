"""What a story has said, as its reader keeps it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from relmem_cli.world.solver.grammar import HE, PRONOUNS, THEY, Names, Parsed
from relmem_cli.world.solver.places import ContradictionError, Spots


class Step(NamedTuple):
    """How far something lies from another: to the right or east, and up or north."""

    right: int
    up: int

    def reversed(self) -> "Step":
        """The step the other way."""
        return Step(-self.right, -self.up)

    def goes(self, direction: "Step") -> bool:
        """Whether it goes in a direction, among others."""
        return self.right * direction.right + self.up * direction.up > 0


STEPS = {"north": Step(0, 1), "east": Step(1, 0), "south": Step(0, -1), "west": Step(-1, 0)}
RELATIONS = {
    "above": Step(0, 1),
    "right_of": Step(1, 0),
    "below": Step(0, -1),
    "left_of": Step(-1, 0),
}


@dataclass
class Item:
    """A thing: who holds it, where it has been, whether the story has told who holds it."""

    spots: list[int]
    holder: str | None = None
    told: bool = False


class Gift(NamedTuple):
    """Who gave what to whom."""

    giver: str
    thing: str
    receiver: str


class Trait(NamedTuple):
    """A kind or a colour, and the number of the sentence that says so."""

    what: str
    sentence: int


_BY_PEOPLE = frozenset(
    ["move", "at", "not_at", "leave", "either", "take", "drop", "drop_at", "carry", "give", "feels"]
)  # fmt: skip
"""What people do or are, to whom a pronoun after it may refer."""


class KnownStay(NamedTuple):
    """When somebody came to a place, by the story's time and by the number of the sentence.

    went  whether that sentence tells of going there
    """

    time: int
    spot: int
    since: int = 0
    went: bool = False


class Knowledge:
    """Facts of every kind, from sentences in order.

    order   of words for times
    strict  whether what contradicts earlier sentences is refused
    """

    def __init__(self, order: Mapping[str, int], *, strict: bool = True) -> None:
        self._strict = strict
        self.spots = Spots(strict=strict)
        self.people: dict[str, list[KnownStay]] = {}  # by name, in order of time
        self.items: dict[str, Item] = {}
        self.held: dict[str, dict[str, None]] = defaultdict(dict)
        self.handled: set[str] = set()
        self.gifts: list[Gift] = []
        self.beside: dict[str, list[tuple[str, Step]]] = defaultdict(list)
        self.bigger: dict[str, set[str]] = defaultdict(set)
        self.kind: dict[str, Trait] = {}
        self.colour: dict[str, Trait] = {}
        self.fear: dict[str, str] = {}
        self.feels: dict[str, str] = {}
        self._order = order
        self.taken: dict[tuple[str, str], int] = {}  # who and what, with the sentence
        self.dropped: dict[tuple[str, str], int] = {}  # likewise
        self._subject: Names = ()
        self._count = 0

    def learn(self, said: Parsed) -> None:
        """Take in a sentence; raises ContradictionError where it cannot be true."""
        self._count += 1
        subject, *parts = said.nouns
        if said.meaning in RELATIONS:
            self._beside(subject, RELATIONS[said.meaning], *parts)
        elif said.meaning not in _BY_PEOPLE:
            getattr(self, f"_learn_{said.meaning}")(subject, *parts)
        else:
            self._learn_of_people(said, parts)

    def _learn_of_people(self, said: Parsed, parts: Sequence[str]) -> None:
        """What people do or are; nothing where nobody knows whom a pronoun means."""
        people = self._resolve(said.parts[0])
        if not people:
            return
        self._subject = people
        for who in people:
            getattr(self, f"_learn_{said.meaning}")(who, *parts, said.time)

    def _resolve(self, names: Names) -> Names:
        """The names, or whom a pronoun means: the latest subject, if it is as many; else nobody."""
        first = names[0]
        if first not in PRONOUNS:
            return names
        if first in HE and len(self._subject) == len(names) == 1:
            return self._subject
        return self._subject if first in THEY and len(self._subject) > 1 else ()

    # people and things

    def knows(self, what: str) -> bool:
        """Whether the story has named somebody or something that has a place."""
        return what in self.people or what in self.items

    def spot(self, what: str) -> int:
        """Where somebody or something is now."""
        return self.track(what)[-1]

    def track(self, what: str) -> Sequence[int]:
        """Where somebody or something has been, in order."""
        if what in self.items:
            return self.items[what].spots
        if what not in self.people:
            self.people[what] = [KnownStay(0, self.spots.new())]
        return [stay.spot for stay in self.people[what]]

    def spot_at(self, what: str, sentence: int) -> int:
        """Where somebody was when a sentence was told."""
        self.track(what)
        return [stay.spot for stay in self.people[what] if stay.since <= sentence][-1]

    def _move(self, who: str, spot: int, time: str = "", *, went: bool = False) -> None:
        self.track(who)
        stays = self.people[who]
        at = self._order[time] if time else stays[-1].time
        stays.insert(sum(stay.time <= at for stay in stays), KnownStay(at, spot, self._count, went))
        for thing in self.held[who]:
            self.items[thing].spots.append(spot)

    def _new(self, place: str = "") -> int:
        spot = self.spots.new()
        if place:
            self.spots.name(spot, place)
        return spot

    def item(self, thing: str) -> Item:
        """A thing, as far as it is known."""
        if thing not in self.items:
            self.items[thing] = Item([self.spots.new()])
        return self.items[thing]

    def _learn_move(self, who: str, place: str, time: str) -> None:
        self._move(who, self._new(place), time, went=True)

    def _learn_at(self, who: str, place: str, _: str) -> None:
        here = self.spot(who)
        if self.spots.may_be(here, place):
            self.spots.name(here, place)
        else:
            self._move(who, self._new(place))

    def _learn_not_at(self, who: str, place: str, _: str) -> None:
        here = self.spot(who)
        if self.spots.place(here) == place:
            here = self._new()
            self._move(who, here)
        if self.spots.place(here) is None:
            self.spots.bar(here, place)

    def _learn_leave(self, who: str, place: str, _: str) -> None:
        here = self.spot(who)
        if self.spots.may_be(here, place):
            self.spots.name(here, place)
        there = self._new()
        self.spots.bar(there, place)
        self._move(who, there)

    def _learn_either(self, who: str, one: str, other: str, _: str) -> None:
        spot = self._new()
        self.spots.among(spot, frozenset((one, other)))
        self._move(who, spot)

    def _learn_take(self, who: str, thing: str, _: str) -> None:
        item = self.item(thing)
        if self._strict and item.holder not in (None, who):
            raise ContradictionError(f"{who} takes the {thing}, which {item.holder} has")
        self.spots.join(item.spots[-1], self.spot(who))
        item.spots.append(self.spot(who))
        self.taken[who, thing] = self._count
        self._receive(who, thing)

    def _receive(self, who: str, thing: str) -> None:
        item = self.item(thing)
        item.holder, item.told = who, True
        self.held[who][thing] = None
        self.handled.add(who)

    def _let_go(self, who: str, thing: str) -> None:
        item = self.item(thing)
        if self._strict and item.told and item.holder != who:
            raise ContradictionError(f"{who} does not have the {thing}")
        if not item.told:  # it was carried all along
            item.spots = list(self.track(who))
        item.holder, item.told = None, True
        self.held[who].pop(thing, None)
        self.handled.add(who)

    def _learn_drop(self, who: str, thing: str, _: str) -> None:
        self._let_go(who, thing)
        self.dropped[who, thing] = self._count

    def _learn_drop_at(self, who: str, thing: str, place: str, time: str) -> None:
        self._learn_at(who, place, time)
        self._learn_drop(who, thing, time)

    def _learn_carry(self, who: str, thing: str, place: str, time: str) -> None:
        if self.item(thing).holder != who:
            self._learn_take(who, thing, time)
        self._learn_move(who, place, time)

    def _learn_lies(self, thing: str, place: str) -> None:
        item = self.item(thing)
        self.spots.name(item.spots[-1], place)
        item.told = True

    def _learn_give(self, who: str, thing: str, whom: str, _: str) -> None:
        self._let_go(who, thing)
        here, there = self.spot(who), self.spot(whom)
        self.spots.join(here, there)
        item = self.item(thing)
        item.spots.append(there)
        self.gifts.append(Gift(who, thing, whom))
        self._receive(whom, thing)

    # places and shapes, sizes, animals, feelings

    def _learn_heading(self, one: str, direction: str, other: str) -> None:
        self._beside(one, STEPS[direction], other)

    def _beside(self, one: str, step: Step, other: str) -> None:
        if one == other:
            raise ContradictionError(f"the {one} is told to be beside itself")
        found = self.offset(other, one)
        if found is not None and not found.goes(step):
            raise ContradictionError(f"the {one} and the {other} lie otherwise")
        self.beside[other].append((one, step))
        self.beside[one].append((other, step.reversed()))

    def offset(self, start: str, end: str) -> Step | None:
        """How far one is from another; None where nothing connects them."""
        at = {start: Step(0, 0)}
        todo = [start]
        for here in todo:
            for other, step in self.beside[here]:
                if other not in at:
                    at[other] = Step(at[here].right + step.right, at[here].up + step.up)
                    todo.append(other)
        return at.get(end)

    def _learn_bigger(self, one: str, other: str) -> None:
        if one == other or one in self.below(other):
            raise ContradictionError(f"the {other} is bigger than the {one}")
        self.bigger[one].add(other)

    def below(self, one: str) -> set[str]:
        """All that is smaller."""
        found: set[str] = set()
        todo = [one]
        while todo:
            fresh = self.bigger[todo.pop()] - found
            found |= fresh
            todo += fresh
        return found

    def _learn_fits(self, one: str, other: str) -> None:
        self._learn_bigger(other, one)

    def _learn_is_a(self, who: str, kind: str) -> None:
        self.kind[who] = Trait(kind, self._count)

    def _learn_coloured(self, who: str, colour: str) -> None:
        self.colour[who] = Trait(colour, self._count)

    def _learn_afraid(self, kind: str, other: str) -> None:
        self.fear[kind] = other

    def _learn_feels(self, who: str, feeling: str, _: str) -> None:
        self.feels[who] = feeling
