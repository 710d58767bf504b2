"""What somebody may do in a story of the mixture, alone or with a thing, if they can."""

from collections.abc import Callable

from relmem_cli.world.nouns import SPOT, Noun
from relmem_cli.world.people import People
from relmem_cli.world.spots import MET
from relmem_cli.world.teller import Teller


def be(teller: Teller, who: Noun) -> bool:
    """Somebody is somewhere: where they are, or having moved untold from a told place."""
    people = teller.state.people
    known = people.known(teller.now(who))
    place = teller.now(who).place if known.place is None else teller.elsewhere(who)
    teller.do(teller.say("at", who, place), People.be_at, who, place)
    return True


def be_away(teller: Teller, who: Noun) -> bool:
    """Somebody is not somewhere: where they were, as told, or at any other place."""
    stay = teller.now(who)
    known = teller.state.people.known(stay).place is not None
    place = stay.place if known else teller.elsewhere(who)
    truth = teller.elsewhere(who) if known else stay.place
    teller.do(teller.say("not_at", who, place), People.be_away, who, place, truth)
    return True


def leave(teller: Teller, who: Noun) -> bool:
    """Somebody leaves where they are."""
    here, truth = teller.now(who).place, teller.elsewhere(who)
    teller.do(teller.say("leave", who, here), People.leave, who, here, truth)
    return True


def be_either(teller: Teller, who: Noun) -> bool:
    """Somebody is at one of two places."""
    places = teller.rng.sample(teller.places, 2)
    line = teller.say("either", who, *places)
    teller.do(line, People.be_either, who, tuple(places), teller.pick(places))
    return True


def take(teller: Teller, who: Noun) -> bool:
    """Somebody takes something; where they are, if that is untold, is where it was."""
    stay, things = teller.now(who), teller.state.people.things
    free = [
        thing
        for thing in teller.things
        if things[thing].holder is None and things[thing].trail[-1].place.scene != SPOT
    ]
    if stay.untold and free and teller.chance(MET):
        stay.place = things[teller.pick(free)].trail[-1].place
    there = teller.here(who)
    if there:
        teller.take(who, teller.pick(there), teller.there(who, "take", 0.3))
    return bool(there)


def drop(teller: Teller, who: Noun) -> bool:
    """Somebody drops something."""
    held = list(teller.state.people.held[who])
    if held:
        teller.drop(who, teller.pick(held), teller.there(who, "drop", 0.3))
    return bool(held)


def drop_at(teller: Teller, who: Noun) -> bool:
    """Somebody drops something at a place that the sentence names."""
    held = list(teller.state.people.held[who])
    if held:
        thing, place = teller.pick(held), teller.now(who).place
        line = teller.say("drop_at", who, thing, place)
        teller.do(line, People.drop_at, who, thing, place)
    return bool(held)


def give(teller: Teller, who: Noun) -> bool:
    """Somebody gives something to another; who is nowhere yet may be there."""
    held, whom = list(teller.state.people.held[who]), teller.pick(teller.people)
    if held and teller.now(whom).untold and teller.chance(MET):
        teller.now(whom).place = teller.now(who).place
    near = teller.near(who)
    if held and near:
        teller.give(who, teller.pick(held), teller.pick(near))
    return bool(held and near)


def carry(teller: Teller, who: Noun) -> bool:
    """Somebody takes something along to a place."""
    people = teller.state.people
    held, there = list(people.held[who]), teller.here(who)
    if not held and not there:
        return False
    thing, place = teller.pick([*held, *there]), teller.elsewhere(who)
    teller.do(teller.say("carry", who, thing, place), People.carry, who, thing, place)
    return True


def lie(teller: Teller, _: Noun) -> bool:
    """A thing that nobody has touched yet lies somewhere."""
    things = teller.state.people.things
    untold = teller.untold()
    if not untold:
        return False
    thing = teller.pick(untold)
    place = things[thing].trail[-1].place
    teller.do(teller.say("lies", thing, place), People.lie, thing, place)
    return True


Act = Callable[[Teller, Noun], bool]

ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (be, be_away, leave, be_either, take, drop, drop_at, give, carry, lie)
}
"""By name; each returns whether it was told."""
