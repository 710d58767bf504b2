"""Stories in which all kinds of fact occur together, and questions about all that they decide."""

from functools import partial
from itertools import pairwise
from typing import Any

from relmem_cli.world.answers import answer
from relmem_cli.world.kind import Kind
from relmem_cli.world.kinds import spread, tell_heading
from relmem_cli.world.layout import RELATIONS, Step, back
from relmem_cli.world.nouns import Noun
from relmem_cli.world.people import People
from relmem_cli.world.teller import Teller

_OTHER_FACTS = ("map", "picture", "sizes", "animals", "feelings", "diary")
"""Besides people and things, of which a story has some of these, each in so many of all stories."""

_SHARE = 0.3
_AGAIN = 0.35
"""How often those of the last sentence go on, as they."""

_FEWEST_PLACES = 3
"""So that there is one beside where somebody is and where they were."""

_AT_THE_END = 5
"""Questions where all come at the end."""

_JOINED = 0.12
"""How often somebody does two things in one sentence."""

_UNKNOWN = 0.15
"""The part of all questions that the story does not decide."""


def tell_mixture(teller: Teller) -> None:
    """One story: sentences of all kinds, questions between them."""
    level = teller.level
    sentences = level.sentences or teller.rng.randint(4, 20)
    people = level.people or max(2, teller.most("person", teller.rng.randint(2, 5)))
    story = _Mixture(teller, people)
    asked = 0
    while teller.told < sentences:
        story.tell()
        if not level.sentences and teller.told >= 2 and teller.chance(0.4):
            asked += story.ask()
    for _ in range(_AT_THE_END if level.sentences else 2):
        story.ask()


class _Mixture:
    """The facts that a story may tell, each once, beside what people do."""

    def __init__(self, teller: Teller, people: int) -> None:
        self._teller = teller
        self._others = [fact for fact in _OTHER_FACTS if teller.chance(_SHARE)]
        if teller.level.distractors:
            most = min(teller.level.distractors, len(_OTHER_FACTS))
            self._others = teller.rng.sample(_OTHER_FACTS, most)
        things = teller.most("thing", max(2, min(people, 6)))
        places = teller.most("place", teller.rng.randint(4, 6))
        teller.gather(people, places=max(places, _FEWEST_PLACES), things=things)
        self._facts: list[partial[Any]] = []
        self._last: tuple[tuple[Noun, ...], int] | None = None
        self._done = ""
        self._times: list[Noun] = []
        self._writer: Noun | None = None
        self._shapes: list[Noun] = []
        self._sizes: list[Noun] = []
        self._pets: list[Noun] = []
        self._animals: list[Noun] = []
        self._goals: dict[Noun, Noun] = {}
        for fact in self._others:
            _FACTS[fact](self)
        teller.rng.shuffle(self._facts)

    # what is told

    def tell(self) -> None:
        """One sentence."""
        teller = self._teller
        if self._facts and teller.chance(0.35):
            self._last = None
            self._facts.pop()()
            return
        last, self._last = self._last, None
        if teller.level.again and teller.chance(teller.level.again / 100) and self._tell_again():
            return
        if last is not None and teller.chance(_AGAIN):
            first = teller.state.people.named[last[1]][-1]
            place = teller.elsewhere(last[0][0], first)
            teller.go_again(*last[0], line=last[1], to=place)
            self._last = last
            return
        while not self._act(teller.pick(_DEEDS)):
            pass
        if teller.chance(_JOINED):
            self._join()

    def _tell_again(self) -> bool:
        """Where somebody is, of whom that is told already; False where it is of nobody."""
        teller = self._teller
        people = teller.state.people
        known = [who for who in teller.people if people.known(teller.now(who)).place]
        if known:
            who = teller.pick(known)
            place = teller.now(who).place
            teller.do(teller.say("at", who, place), People.be_at, who, place)
        return bool(known)

    def _join(self) -> None:
        """Whoever did something alone does something else in the same sentence."""
        teller = self._teller
        who = teller.state.people.named[teller.told - 1][0]
        done, deed = self._done, teller.pick(("take", "drop", "give", "go"))
        if done not in ("go", "be", "take", "drop", "carry") or done == deed or who in self._goals:
            return
        if not teller.join():
            return
        self._last = None
        if not getattr(self, f"_{deed}")(who):
            teller.unjoin()

    def _act(self, deed: str) -> bool:
        """Somebody does it, if they can."""
        teller = self._teller
        who = teller.pick(teller.people)
        if who in self._goals and deed != "go":
            return False
        self._done = deed
        return bool(getattr(self, f"_{deed}")(who))

    def _go(self, who: Noun) -> bool:
        teller = self._teller
        place = self._goals.pop(who, None)
        self._last = (who,), teller.go(who, to=place)
        if place is not None:
            self._done = ""
            self._ask_meanwhile("why_go", who, place)
        return True

    def _go_together(self, who: Noun) -> bool:
        teller = self._teller
        others = [one for one in teller.people if one is not who and one not in self._goals]
        if not others:
            return False
        people = (who, *teller.rng.sample(others, 1 + (len(others) > 2 and teller.chance(0.2))))
        self._last = people, teller.go(*people)
        return True

    def _be(self, who: Noun) -> bool:
        """Somebody is somewhere: where they are, or having moved untold from a told place."""
        teller = self._teller
        people = teller.state.people
        known = people.known(teller.now(who))
        place = teller.now(who).place if known.place is None else teller.elsewhere(who)
        teller.do(teller.say("at", who, place), People.be_at, who, place)
        return True

    def _be_away(self, who: Noun) -> bool:
        """Somebody is not somewhere: where they were, as told, or at any other place."""
        teller = self._teller
        stay = teller.now(who)
        known = teller.state.people.known(stay).place is not None
        place = stay.place if known else teller.elsewhere(who)
        truth = teller.elsewhere(who) if known else stay.place
        teller.do(teller.say("not_at", who, place), People.be_away, who, place, truth)
        return True

    def _leave(self, who: Noun) -> bool:
        teller = self._teller
        here, truth = teller.now(who).place, teller.elsewhere(who)
        teller.do(teller.say("leave", who, here), People.leave, who, here, truth)
        return True

    def _be_either(self, who: Noun) -> bool:
        teller = self._teller
        places = teller.rng.sample(teller.places, 2)
        line = teller.say("either", who, *places)
        teller.do(line, People.be_either, who, tuple(places), teller.pick(places))
        return True

    def _take(self, who: Noun) -> bool:
        teller = self._teller
        there = teller.here(who)
        if there:
            teller.take(who, teller.pick(there), teller.there(who, "take", 0.3))
        return bool(there)

    def _drop(self, who: Noun) -> bool:
        teller = self._teller
        held = list(teller.state.people.held[who])
        if held:
            teller.drop(who, teller.pick(held), teller.there(who, "drop", 0.3))
        return bool(held)

    def _drop_at(self, who: Noun) -> bool:
        """Somebody drops something at a place that the sentence names."""
        teller = self._teller
        held = list(teller.state.people.held[who])
        if held:
            thing, place = teller.pick(held), teller.now(who).place
            line = teller.say("drop_at", who, thing, place)
            teller.do(line, People.drop_at, who, thing, place)
        return bool(held)

    def _give(self, who: Noun) -> bool:
        teller = self._teller
        held, near = list(teller.state.people.held[who]), teller.near(who)
        if held and near:
            teller.give(who, teller.pick(held), teller.pick(near))
        return bool(held and near)

    def _carry(self, who: Noun) -> bool:
        """Somebody takes something along to a place."""
        teller = self._teller
        people = teller.state.people
        held, there = list(people.held[who]), teller.here(who)
        if not held and not there:
            return False
        thing, place = teller.pick([*held, *there]), teller.elsewhere(who)
        teller.do(teller.say("carry", who, thing, place), People.carry, who, thing, place)
        return True

    def _lie(self, _: Noun) -> bool:
        """A thing that nobody has touched yet lies somewhere."""
        teller = self._teller
        things = teller.state.people.things
        untold = [thing for thing in teller.things if things[thing].handled < 0]
        if not untold:
            return False
        thing = teller.pick(untold)
        place = things[thing].trail[-1].place
        teller.do(teller.say("lies", thing, place), People.lie, thing, place)
        return True

    # other facts

    def tell_map(self) -> None:
        teller = self._teller
        edges = spread(teller, teller.places)
        self._facts += [partial(tell_heading, teller, *edge) for edge in edges]

    def tell_picture(self) -> None:
        teller = self._teller
        self._shapes = teller.draw("shape", teller.rng.randint(3, 5))
        edges = spread(teller, self._shapes)
        self._facts += [partial(self._tell_relation, *edge) for edge in edges]

    def _tell_relation(self, one: Noun, step: Step, other: Noun) -> None:
        teller = self._teller
        if teller.chance(0.5):
            one, step, other = other, back(step), one
        relation = next(name for name, its in RELATIONS.items() if its == step)
        teller.state.picture.tell(one, step, other, teller.say(relation, one, other))

    def tell_sizes(self) -> None:
        teller = self._teller
        self._sizes = teller.containers(teller.rng.randint(3, 5))
        for small, big in pairwise(self._sizes):
            self._facts.append(partial(self._tell_size, small, big))

    def _tell_size(self, small: Noun, big: Noun) -> None:
        teller = self._teller
        said = ("bigger", big, small) if teller.chance(0.5) else ("fits", small, big)
        teller.state.sizes.tell(big, small, teller.say(*said))

    def tell_animals(self) -> None:
        teller = self._teller
        self._animals = teller.draw("animal", 3)
        self._pets = teller.draw("pet", 4)
        kinds = {pet: teller.pick(self._animals) for pet in self._pets}
        colours = dict(zip(self._animals, teller.draw("colour", 3), strict=True))
        facts = [("is_a", pet, kind) for pet, kind in kinds.items()]
        facts += [("coloured", pet, colours[kinds[pet]]) for pet in self._pets[:2]]
        for kind in self._animals:
            feared = teller.pick([one for one in self._animals if one is not kind])
            facts.append(("afraid", kind, feared))
        self._facts += [partial(teller.tell_trait, *fact) for fact in facts]

    def tell_feelings(self) -> None:
        teller = self._teller
        who, motive = teller.pick(teller.people), teller.pick(teller.motives())
        if motive.place.scene != teller.places[0].scene:
            return
        if motive.place not in teller.places:
            teller.places.append(motive.place)

        def tell() -> None:
            if teller.now(who).place is motive.place:
                return
            teller.state.feels[who] = motive, teller.say("feels", who, motive.feeling)
            self._goals[who] = motive.place
            self._ask_meanwhile("where_will", who)

        self._facts.append(partial(tell))

    def tell_diary(self) -> None:
        """Somebody else's days, told out of order."""
        teller = self._teller
        names = {who.np for who in teller.people}
        drawn = teller.draw("person", teller.most("person", len(names) + 1))
        others = [one for one in drawn if one.np not in names]
        if not others:
            return
        self._writer, self._times = others[0], list(teller.times())
        teller.state.people.place_person(self._writer, teller.pick(teller.places))
        for time in teller.rng.sample(range(len(self._times)), teller.rng.randint(2, 4)):
            word = self._times[time].np
            self._facts.append(partial(teller.go_at, self._writer, time, word))

    # what is asked

    def ask(self) -> int:
        """One question, of any kind, about anybody and anything; 0 where none was found."""
        teller = self._teller
        wanted = teller.level.facts or teller.level.distance
        unknown = not wanted and teller.chance(_UNKNOWN)
        for _ in range(60):
            meaning, *parts = self._question()
            found = answer(teller.state, meaning, *parts)
            if found is None:
                if unknown:
                    return int(teller.ask_unknown(meaning, *parts))
            elif not unknown and teller.ask_least(meaning, *parts):
                return 1
        return 0

    def _question(self) -> tuple[str, *tuple[Noun, ...]]:
        teller = self._teller
        who, whom = teller.rng.sample(teller.people, 2)
        thing, place = teller.pick(teller.things), teller.pick(teller.places)
        what = who if teller.chance(0.5) else thing
        if teller.chance(0.4):  # a place that leads to yes
            place = teller.state.people.where(what)[0].place
        about: list[tuple[str, *tuple[Noun, ...]]] = [
            ("where", who),
            ("where", thing),
            ("is_at", what, place),
            ("where_before", what, place),
            ("where_after", what, place),
            ("where_first", what),
            ("where_while", whom, who, thing),
            ("did_go", who, place),
            ("with", who, whom),
            ("has", who, thing),
            ("holder", thing),
            ("who_at", place),
            ("what_at", place),
            ("count_at", place),
            ("carrying", who),
            ("how_many", who),
            ("what_given", who, whom),
            ("giver", thing),
            ("giver_to", thing, whom),
            ("receiver", thing),
            ("receiver_of", who, thing),
        ]
        others = [fact for fact in self._others if fact in _QUESTIONS]
        if others and teller.chance(0.5):
            return _QUESTIONS[teller.pick(others)](self)
        return teller.pick(about)

    def _ask_meanwhile(self, meaning: str, *parts: Noun) -> None:
        """Ask what may soon be too late to ask, unless all questions come at the end."""
        if not self._teller.level.sentences:
            self._teller.ask_least(meaning, *parts)

    def ask_map(self) -> tuple[str, *tuple[Noun, ...]]:
        teller = self._teller
        direction = teller.pick(teller.directions())
        one, other = teller.rng.sample(teller.places, 2)
        return teller.pick(
            (("what_heading", direction, one), ("heading_of", one, direction), ("path", one, other))
        )

    def ask_diary(self) -> tuple[str, *tuple[Noun, ...]]:
        teller = self._teller
        writer = self._writer or teller.people[0]
        meaning = teller.pick(("where_before", "where_after", "where_when"))
        return (
            meaning,
            writer,
            teller.pick(self._times if meaning == "where_when" else teller.places),
        )

    def ask_picture(self) -> tuple[str, *tuple[Noun, ...]]:
        relation = self._teller.pick(tuple(RELATIONS))
        return (f"is_{relation}", *self._teller.rng.sample(self._shapes, 2))

    def ask_sizes(self) -> tuple[str, *tuple[Noun, ...]]:
        meaning = self._teller.pick(("is_bigger", "does_fit"))
        return (meaning, *self._teller.rng.sample(self._sizes, 2))

    def ask_animals(self) -> tuple[str, *tuple[Noun, ...]]:
        meaning = self._teller.pick(("afraid_of", "which_colour"))
        return meaning, self._teller.pick(self._pets)


_DEEDS = (
    *("go",) * 6,
    *("go_together",) * 2,
    *("be", "be_away", "leave", "be_either"),
    *("take",) * 5,
    *("drop",) * 2,
    "drop_at",
    *("give",) * 4,
    *("carry",) * 2,
    "lie",
)
"""What people do, as often as it stands here."""

_FACTS = {
    "map": _Mixture.tell_map,
    "picture": _Mixture.tell_picture,
    "sizes": _Mixture.tell_sizes,
    "animals": _Mixture.tell_animals,
    "feelings": _Mixture.tell_feelings,
    "diary": _Mixture.tell_diary,
}
_QUESTIONS = {
    "map": _Mixture.ask_map,
    "picture": _Mixture.ask_picture,
    "sizes": _Mixture.ask_sizes,
    "animals": _Mixture.ask_animals,
    "diary": _Mixture.ask_diary,
}

MIXTURE = Kind(name="mixture", title="All kinds of fact together", tell=tell_mixture)
