"""The laws of the world, held against every way in which what is not told can be filled in."""

from collections.abc import Callable, Iterator
from itertools import pairwise, product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from relmem_cli.world import nouns
from relmem_cli.world.answers import MAYBE, answer
from relmem_cli.world.layout import Step
from relmem_cli.world.nouns import Noun
from relmem_cli.world.state import State

PEOPLE = [nouns.person("Ann", "she"), nouns.person("Bob", "he")]
THINGS = [nouns.thing("ball"), nouns.thing("lamp")]
PLACES = [nouns.place("attic"), nouns.place("barn"), nouns.place("cave")]
ELSEWHERE = nouns.place("elsewhere")
"""A place that no story names."""

Values = tuple[Noun, ...]


class Possible:
    """All values of the places that a story leaves open, one variable for each stay."""

    def __init__(self) -> None:
        self.size = 0
        self._left: list[Values] = [()]
        self.at = {one: self.new() for one in (*PEOPLE, *THINGS)}
        self.trail = {one: [self.at[one]] for one in (*PEOPLE, *THINGS)}
        self.holder: dict[Noun, Noun] = {}

    def new(self, test: Callable[[Noun], bool] = lambda _: True) -> int:
        variable, self.size = self.size, self.size + 1
        fit = [value for value in (*PLACES, ELSEWHERE) if test(value)]
        self._left = [(*values, value) for values in self._left for value in fit]
        return variable

    def solutions(self) -> Iterator[Values]:
        return iter(self._left)

    def may(self, one: Noun) -> set[Noun]:
        return {values[self.at[one]] for values in self.solutions()}

    def require(self, variable: int, test: Callable[[Noun], bool]) -> None:
        self._left = [values for values in self._left if test(values[variable])]

    def equal(self, one: int, other: int) -> None:
        self._left = [values for values in self._left if values[one] is values[other]]

    def arrive(self, who: Noun, variable: int) -> None:
        for one in (who, *(thing for thing, holder in self.holder.items() if holder is who)):
            self.at[one] = variable
            self.trail[one].append(variable)

    # what a sentence says

    def move(self, who: Noun, place: Noun) -> None:
        self.arrive(who, self.new(lambda value: value is place))

    def be_at(self, who: Noun, place: Noun) -> None:
        if place in self.may(who):
            self.require(self.at[who], lambda value: value is place)
        else:
            self.move(who, place)

    def be_away(self, who: Noun, place: Noun) -> None:
        if self.may(who) == {place}:
            self.arrive(who, self.new(lambda value: value is not place))
        elif len(self.may(who)) > 1:
            self.require(self.at[who], lambda value: value is not place)

    def leave(self, who: Noun, place: Noun) -> None:
        self.require(self.at[who], lambda value: value is place)
        self.arrive(who, self.new(lambda value: value is not place))

    def be_either(self, who: Noun, one: Noun, other: Noun) -> None:
        self.arrive(who, self.new(lambda value: value in (one, other)))

    def take(self, who: Noun, thing: Noun) -> None:
        self.equal(self.at[who], self.at[thing])
        self.holder[thing] = who
        self.at[thing] = self.at[who]
        self.trail[thing].append(self.at[who])

    def drop(self, _: Noun, thing: Noun) -> None:
        del self.holder[thing]

    def give(self, who: Noun, thing: Noun, whom: Noun) -> None:
        self.equal(self.at[who], self.at[whom])
        self.take(whom, thing)


class Untracked:
    """In place of `Possible` where nobody asks what could be."""

    def __getattr__(self, said: str) -> Callable[..., None]:
        return lambda *_: None


class World:
    """A true world, what its story tells, and all that could be."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.state = State()
        self.people = self.state.people
        self.possible = Possible()
        self.line = 0
        for who in PEOPLE:
            self.people.place_person(who, rng.choice(PLACES))
        for thing in THINGS:
            self.people.place_thing(thing, rng.choice(PLACES))

    def here(self, one: Noun) -> Noun:
        return self.people.where(one)[0].place

    def step(self) -> None:
        """One thing that can happen."""
        who, whom = self.rng.sample(PEOPLE, 2)
        here = self.here(who)
        there = self.rng.choice([place for place in PLACES if place is not here])
        known = self.people.known(self.people.stays[who][-1]).place is not None
        lying = [
            thing
            for thing in THINGS
            if self.people.things[thing].holder is None and self.here(thing) is here
        ]
        held = list(self.people.held[who])
        deeds = ["move", "at", "not_at", "leave", "either"]
        deeds += ["take"] * 4 * bool(lying) + ["drop"] * 2 * bool(held)
        deeds += ["give"] * 4 * bool(held and self.here(whom) is here)
        deed = self.rng.choice(deeds)
        line, self.line = self.line, self.line + 1
        self.people.named[line] = (who,)
        if deed == "move":
            self.people.move(who, there, line)
            self.possible.move(who, there)
        elif deed == "at":
            place = there if known else here
            self.people.be_at(who, place, line)
            self.possible.be_at(who, place)
        elif deed == "not_at":
            place, truth = (here, there) if known else (there, here)
            self.people.be_away(who, place, truth, line)
            self.possible.be_away(who, place)
        elif deed == "leave":
            self.people.leave(who, here, there, line)
            self.possible.leave(who, here)
        elif deed == "either":
            places = tuple(self.rng.sample(PLACES, 2))
            self.people.be_either(who, (places[0], places[1]), self.rng.choice(places), line)
            self.possible.be_either(who, *places)
        elif deed == "take":
            thing = self.rng.choice(lying)
            self.people.take(who, thing, line)
            self.possible.take(who, thing)
        elif deed == "drop":
            thing = self.rng.choice(held)
            self.people.drop(who, thing, line)
            self.possible.drop(who, thing)
        else:
            thing = self.rng.choice(held)
            self.people.give(who, thing, whom, line)
            self.possible.give(who, thing, whom)


@settings(max_examples=150, deadline=None)
@given(rng=st.randoms(use_true_random=False), steps=st.integers(1, 8))
def test_an_answer_is_decided_just_where_all_ways_to_fill_in_agree(rng: Random, steps: int) -> None:
    world = World(rng)
    for _ in range(steps):
        if world.possible.size < 8:
            world.step()
    solutions = list(world.possible.solutions())
    assert solutions
    for one in (*PEOPLE, *THINGS):
        may = {values[world.possible.at[one]] for values in solutions}
        found = answer(world.state, "where", one)
        assert (found and found.text) == (
            next(iter(may)).name if len(may) == 1 and ELSEWHERE not in may else None
        )
        for place in PLACES:
            found = answer(world.state, "is_at", one, place)
            text = found and found.text
            assert text == "yes" if may == {place} else True
            assert (text == "no") is (place not in may)
            assert text in ("yes", "no") or (place in may and text in (MAYBE, None))
    ann, bob = (world.possible.at[who] for who in PEOPLE)
    together = {values[ann] is values[bob] for values in solutions}
    found = answer(world.state, "with", *PEOPLE)
    assert (found and found.text) == (
        None if len(together) > 1 else "yes" if True in together else "no"
    )


@settings(max_examples=100, deadline=None)
@given(rng=st.randoms(use_true_random=False), steps=st.integers(1, 40))
def test_the_world_keeps_its_laws(rng: Random, steps: int) -> None:
    world = World(rng)
    world.possible = Untracked()
    for _ in range(steps):
        before = {thing: world.here(thing) for thing in THINGS}
        holders = {thing: world.people.things[thing].holder for thing in THINGS}
        world.step()
        for thing in THINGS:
            it = world.people.things[thing]
            holder = it.holder
            if holder is not None:  # what is carried goes along
                assert world.here(thing) is world.here(holder)
                assert thing in world.people.held[holder]
            elif holders[thing] is None:  # what lies stays
                assert world.here(thing) is before[thing]
            assert sum(thing in held for held in world.people.held.values()) == (holder is not None)
            for who, whom, line in it.gifts:  # whoever is given something was there
                giver, receiver = world.people.at(who, line)[0], world.people.at(whom, line)[0]
                assert giver.place is receiver.place
    for who in PEOPLE:  # nobody is in two places: a stay ends where the next begins
        begun = [stay.since for stay in world.people.stays[who]]
        assert begun == sorted(set(begun))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_sizes_form_an_order(pairs: list[tuple[int, int]]) -> None:
    boxes = [nouns.thing(f"box {letter}") for letter in "abcdef"]
    state = State()
    told = [(max(pair), min(pair)) for pair in pairs if pair[0] != pair[1]]
    for line, (big, small) in enumerate(told):
        state.sizes.tell(boxes[big], boxes[small], line)
    for one, other in product(range(6), repeat=2):
        found = answer(state, "is_bigger", boxes[one], boxes[other])
        if found is not None and one != other:
            assert (found.text == "yes") is (one > other)
            back = answer(state, "is_bigger", boxes[other], boxes[one])
            assert back is not None
            assert back.text != found.text
            chain = [told[line] for line in found.lines]
            assert chain[0][0] == max(one, other)
            assert chain[-1][1] == min(one, other)


@settings(max_examples=50, deadline=None)
@given(rng=st.randoms(use_true_random=False))
def test_a_picture_is_the_same_from_both_sides(rng: Random) -> None:
    shapes = [nouns.thing(name) for name in ("star", "cube", "ring", "cone")]
    state = State()
    spots = rng.sample(list(product(range(3), repeat=2)), 4)
    for line, (one, other) in enumerate(pairwise(shapes)):
        right = spots[line][0] - spots[line + 1][0]
        up = spots[line][1] - spots[line + 1][1]
        if abs(right) + abs(up) == 1:
            state.picture.tell(one, Step(right, up), other, line)
    for one, other in product(shapes, repeat=2):
        for relation, opposite in (("is_above", "is_below"), ("is_left_of", "is_right_of")):
            found = answer(state, relation, one, other)
            back = answer(state, opposite, other, one)
            assert (found and found.text) == (back and back.text)
