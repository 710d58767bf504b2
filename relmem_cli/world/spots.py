"""Where things are put: in the drawer, under the mat, behind the clock, in any room."""

from relmem_cli.world import nouns
from relmem_cli.world.nouns import SPOT, Noun
from relmem_cli.world.other_facts import Question
from relmem_cli.world.people import People
from relmem_cli.world.teller import Teller

_SHARE = 0.45
"""How many of all stories have spots, if words and style have any."""

_MOST = 4
_MINE = 0.15
"""How many of them are somebody's: in her drawer."""

_OFTEN = 4
"""How much likelier something is put in a bag that is there than at any spot."""

_UNSAID = 0.3
"""How many of the things that are taken from a spot are so without a word of it."""

MET = 0.6
"""How often whoever is nowhere yet, as far as the story tells, is where something happens."""

_DEEDS = (
    *("put",) * 14,
    *("take_from",) * 6,
    *("lie_at",) * 2,
    *("hide", "leave_new"),
)
"""What people do with spots, as often as it stands here; much of it can't be done at the moment."""

GO_ON = frozenset(("put", "hide", "leave_new"))
"""After which somebody may go on as he or she."""


class Spots:
    """The spots of one story, each in a room that the story does not tell; and a thing as one.

    deeds  what is done with them; nothing where the story has none
    """

    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        taken = {noun.name for noun in (*teller.things, *teller.places)}
        found = [spot for spot in teller.spots(_MOST) if spot.name not in taken]
        told = bool(found) and teller.chance(_SHARE)
        self._rooms = {spot: teller.pick(teller.places) for spot in found if told}
        self._bags = {nouns.inside(thing): thing for thing in teller.things[:1] if told}
        self.deeds: tuple[str, ...] = _DEEDS if told else ()

    @property
    def _all(self) -> tuple[Noun, ...]:
        return (*self._rooms, *self._bags)

    def tell(self, deed: str, who: Noun) -> int | None:
        """Somebody does it; returns the sentence's number, None where they cannot."""
        line: int | None = getattr(self, f"_{deed}")(who)
        return line

    def lying(self) -> list[Noun]:
        """Things that are told to be at a spot."""
        things = self._teller.state.people.things
        return [
            thing
            for thing in self._teller.things
            if things[thing].holder is None
            and things[thing].handled >= 0
            and things[thing].trail[-1].place in self._all
        ]

    def question(self, who: Noun, thing: Noun) -> Question:
        """About a thing at a spot: of no room, since the spot may well be in one."""
        teller = self._teller
        spot = teller.state.people.where(thing).stay.place
        if teller.chance(0.3):
            spot = teller.pick(self._all)
        dropped = teller.state.people.things[thing].dropped
        if dropped and teller.chance(0.7):
            who = dropped[-1].who
        about: tuple[Question, ...] = (
            *(("where", thing),) * 4,
            ("is_at", thing, spot),
            ("what_at", spot),
            ("where_dropped", who, thing),
            ("where_before", thing, spot),
            ("where_after", thing, spot),
            ("where_was", thing),
            ("who_put", thing, spot),
            ("what_put", who, spot),
        )
        return teller.pick(about)

    def _put(self, who: Noun) -> int | None:
        """Somebody puts a thing at a spot: what they hold, what lies there, what is new."""
        teller = self._teller
        spots = self._of(who)
        things = [*teller.state.people.held[who], *teller.here(who), *self._teller.untold()]
        things = [thing for thing in things if thing not in self._full()]
        if not spots or not things:
            return None
        thing, spot = teller.pick(things), teller.pick(spots)
        if self._bags.get(spot) is thing:
            return None
        named = nouns.owned(spot, who.own) if teller.chance(_MINE) else spot
        line = teller.say("put", who, thing, named)
        teller.do(line, People.put, who, thing, spot)
        return line

    def _lie_at(self, _: Noun) -> int | None:
        """A thing that nobody has touched yet is at a spot."""
        untold, teller = self._teller.untold(), self._teller
        if not untold:
            return None
        thing, spot = teller.pick(untold), teller.pick((*self._rooms, *self._known_bags()))
        line = teller.say("lies", thing, spot)
        teller.do(line, People.lie, thing, spot)
        return line

    def _take_from(self, who: Noun) -> int | None:
        """Somebody takes a thing from a spot, which the sentence may leave out."""
        teller, things = self._teller, self._teller.state.people.things
        spots, untold = self._of(who), self._teller.untold()
        lying = [thing for thing in self.lying() if things[thing].trail[-1].place in spots]
        if not spots or not (lying or untold):
            return None
        if lying and teller.chance(_UNSAID):
            return teller.take(who, teller.pick(lying))
        thing = teller.pick(lying or untold)
        spot = things[thing].trail[-1].place if lying else teller.pick(spots)
        line = teller.say("take_from", who, thing, spot)
        teller.do(line, People.take_from, who, thing, spot)
        return line

    def _hide(self, who: Noun) -> int | None:
        """Somebody goes under, behind or on something."""
        teller = self._teller
        spot = teller.pick(tuple(self._rooms))
        if teller.now(who).place is spot:
            return None
        line = teller.say("hide", who, spot)
        teller.do(line, People.move, who, spot)
        return line

    def _leave_new(self, who: Noun) -> int | None:
        """Somebody leaves a thing that is new, and that they had all along, where they are."""
        untold, teller = self._teller.untold(), self._teller
        if not untold:
            return None
        thing, place = teller.pick(untold), teller.now(who).place
        line = teller.say("drop_at", who, thing, place)
        teller.do(line, People.drop_at, who, thing, place)
        return line

    def _of(self, who: Noun) -> list[Noun]:
        """The spots where somebody is.

        What is "in the shed" may as well be a room, where it is not told that they are elsewhere.
        """
        teller = self._teller
        stay = teller.now(who)
        told = teller.state.people.known(stay).place is not None
        spots = [spot for spot in self._rooms if told or not spot.at.startswith("in")]
        if stay.untold and spots and teller.chance(MET):
            stay.place = self._rooms[teller.pick(spots)]
        mine = (*teller.state.people.held[who], *teller.here(who))
        bags = [bag for bag in self._known_bags() if self._bags[bag] in mine]
        return [spot for spot in spots if self._rooms[spot] is stay.place] + bags * _OFTEN

    def _known_bags(self) -> list[Noun]:
        """Those that have been told of, and are at no spot themselves."""
        things = self._teller.state.people.things
        return [
            bag
            for bag, thing in self._bags.items()
            if things[thing].handled >= 0 and things[thing].trail[-1].place.scene != SPOT
        ]

    def _full(self) -> list[Noun]:
        """The things that others are in."""
        inside = {self._teller.state.people.things[thing].trail[-1].place for thing in self.lying()}
        return [thing for bag, thing in self._bags.items() if bag in inside]
