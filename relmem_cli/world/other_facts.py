"""What a story of the mixture tells beside people and things: maps, pictures, sizes and more."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from relmem_cli.world.kinds import spread, tell_heading
from relmem_cli.world.layout import RELATIONS, Step, back
from relmem_cli.world.lexicon import Motive
from relmem_cli.world.nouns import Noun
from relmem_cli.world.state import Felt
from relmem_cli.world.teller import Teller

_THERE = 0.3
"""How often a diary says that somebody was somewhere, not that they went there."""

_WHICH = 0.3
"""How often it is asked which one it is, not whether it is a certain one."""

Question = tuple[str, *tuple[Noun, ...]]
"""What is asked, and about whom and what."""


class FactGroup(NamedTuple):
    """Facts of one kind, each told once; and what makes a question about them, if there is one."""

    facts: list[partial[Any]]
    question: Callable[[], Question] | None = None


Facts = Callable[[Teller], FactGroup]
"""Makes a group for a story."""


def ask_meanwhile(teller: Teller, meaning: str, *parts: Noun) -> None:
    """Ask what may soon be too late to ask, unless all questions come at the end."""
    if not teller.level.sentences:
        teller.ask_least(meaning, *parts)


def map_of_places(teller: Teller) -> FactGroup:
    """Which place is north of which."""

    def question() -> Question:
        direction = teller.pick(teller.directions())
        one, other = teller.rng.sample(teller.places, 2)
        about: list[Question] = [
            ("what_heading", direction, one),
            ("heading_of", one, direction),
            ("path", one, other),
        ]
        if teller.knows("is_heading"):
            about += [("is_heading", one, direction, other)] * 2
        return teller.pick(about)

    edges = spread(teller, teller.places)
    return FactGroup([partial(tell_heading, teller, *edge) for edge in edges], question)


def picture(teller: Teller) -> FactGroup:
    """Which shape is above which."""
    shapes = teller.draw("shape", teller.rng.randint(3, 5))

    def tell(one: Noun, step: Step, other: Noun) -> None:
        if teller.chance(0.5):
            one, step, other = other, back(step), one
        relation = next(name for name, its in RELATIONS.items() if its == step)
        teller.state.picture.tell(one, step, other, teller.say(relation, one, other))

    def question() -> Question:
        relation = teller.pick(tuple(RELATIONS))
        if teller.chance(_WHICH):
            return f"what_{relation}", teller.pick(shapes)
        return (f"is_{relation}", *teller.rng.sample(shapes, 2))

    return FactGroup([partial(tell, *edge) for edge in spread(teller, shapes)], question)


def sizes(teller: Teller) -> FactGroup:
    """What is bigger than what."""
    containers = teller.containers(teller.rng.randint(3, 5))

    def tell(small: Noun, big: Noun) -> None:
        said = ("bigger", big, small) if teller.chance(0.5) else ("fits", small, big)
        teller.state.sizes.tell(big, small, teller.say(*said))

    def question() -> Question:
        if teller.chance(_WHICH):
            return (teller.pick(("biggest", "smallest")),)
        meaning = teller.pick(("is_bigger", "does_fit"))
        return (meaning, *teller.rng.sample(containers, 2))

    return FactGroup([partial(tell, *pair) for pair in pairwise(containers)], question)


def animals(teller: Teller) -> FactGroup:
    """What pets are, which colour they have, what their kind is afraid of."""
    species, pets = teller.draw("animal", 3), teller.draw("pet", 4)
    kinds = {pet: teller.pick(species) for pet in pets}
    colours = dict(zip(species, teller.draw("colour", 3), strict=True))
    facts = [("is_a", pet, kind) for pet, kind in kinds.items()]
    facts += [("coloured", pet, colours[kinds[pet]]) for pet in pets[:2]]
    for kind in species:
        facts.append(("afraid", kind, teller.pick([one for one in species if one is not kind])))

    def question() -> Question:
        return teller.pick(("afraid_of", "which_colour", "what_kind")), teller.pick(pets)

    return FactGroup([partial(teller.tell_trait, *fact) for fact in facts], question)


def feelings(teller: Teller, goals: dict[Noun, Noun]) -> FactGroup:
    """How some people feel; where that leads them is added to `goals`."""
    people = teller.rng.sample(teller.people, min(teller.rng.randint(1, 3), len(teller.people)))
    motives = [one for one in teller.motives() if one.place.scene == teller.places[0].scene]
    motives = teller.rng.sample(motives, min(len(people), len(motives)))
    for motive in motives:
        if motive.place not in teller.places:
            teller.places.append(motive.place)

    def tell(who: Noun, motive: Motive) -> None:
        if teller.now(who).place is motive.place:
            return
        teller.state.feels[who] = Felt(motive, teller.say("feels", who, motive.feeling))
        goals[who] = motive.place
        ask_meanwhile(teller, "where_will", who)

    def question() -> Question:
        who = teller.pick(people)
        if teller.knows("who_feels") and teller.chance(_WHICH):
            return "who_feels", teller.pick(motives).feeling
        if who in teller.state.feels and who not in goals:
            return "why_go", who, teller.state.feels[who].motive.place
        return "where_will", who

    facts = [partial(tell, *one) for one in zip(people, motives, strict=False)]
    return FactGroup(facts, question if facts else None)


def diary(teller: Teller) -> FactGroup:
    """Somebody else's days, told out of order; nothing where there is nobody else."""
    names = {who.np for who in teller.people}
    drawn = teller.draw("person", teller.most("person", len(names) + 1))
    writer = next((one for one in drawn if one.np not in names), None)
    if writer is None:
        return FactGroup([])
    times = teller.times()
    teller.state.people.place_person(writer, teller.pick(teller.places))
    told = teller.rng.sample(range(len(times)), teller.rng.randint(2, 4))

    def question() -> Question:
        meaning = teller.pick(("where", "is_at", "where_before", "where_after", "where_when"))
        if meaning == "where":
            return meaning, writer
        return meaning, writer, teller.pick(times if meaning == "where_when" else teller.places)

    def tell(time: int) -> None:
        word = times[time].np
        meaning = "move"
        if teller.chance(_THERE):
            meaning = "at" if word == "today" else "was_at"
        teller.go_at(writer, time, word, meaning)

    return FactGroup([partial(tell, time) for time in told], question)
