"""The twenty kinds of story, each a description of what happens and what is asked."""

from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType

from relmem_cli.stories.catalogue import TASKS
from relmem_cli.world import nouns
from relmem_cli.world.answers import answer
from relmem_cli.world.kind import Kind
from relmem_cli.world.layout import DIRECTIONS, RELATIONS, STEPS, Step, back
from relmem_cli.world.nouns import Noun
from relmem_cli.world.people import Lines, Thing
from relmem_cli.world.state import Felt
from relmem_cli.world.teller import Teller

Tell = Callable[[Teller], None]


KINDS: dict[str, Kind] = {}
"""The built-in kinds by name: "1" to "20"."""

_ACTS = MappingProxyType({"go": 1.0, "take": 1.18, "drop": 1.28})
_GIVING = MappingProxyType({**_ACTS, "give": 4.4})
"""How often somebody moves, takes, drops, gives, where they can."""


def _kind(number: int) -> Callable[[Tell], Tell]:
    def register(tell: Tell) -> Tell:
        KINDS[str(number)] = Kind(name=str(number), title=TASKS[number].name, tell=tell)
        return tell

    return register


def _five_questions(tell: Callable[[], None], ask: Callable[[], bool]) -> None:
    """Five questions, each after two sentences, or more where there is nothing to ask yet."""
    for _ in range(5):
        while True:
            tell()
            tell()
            if ask():
                break


def _recent(teller: Teller, line: int, within: int = 5) -> bool:
    """Whether a sentence is one of the last five: no question is about older ones alone."""
    return line >= max(0, teller.told - within)


def _whose_place_is_told(teller: Teller, within: int = 5) -> list[Noun]:
    return [who for who in teller.people if _recent(teller, teller.now(who).told, within)]


@_kind(1)
def _single_supporting_fact(teller: Teller) -> None:
    teller.gather(people=4, places=6)
    for _ in range(5):
        teller.go(teller.pick(teller.people))
        teller.go(teller.pick(teller.people))
        teller.ask("where", teller.pick(_whose_place_is_told(teller)))


@_kind(2)
def _two_supporting_facts(teller: Teller) -> None:
    teller.gather(people=4, places=6, things=3)

    def ask() -> bool:
        its = teller.state.people.things
        things = [
            thing
            for thing in teller.things
            if (it := its[thing]).handled >= 0
            and (told := it.trail[-1].told) >= 0
            and (it.holder is None or told > it.handled)  # moved since they took it
            and _recent(teller, max(told, it.handled))
        ]
        return bool(things) and teller.chance(0.85) and teller.ask("where", teller.pick(things))

    _five_questions(lambda: teller.act(_ACTS, 1.0, 0.2), ask)


@_kind(3)
def _three_supporting_facts(teller: Teller) -> None:
    teller.gather(people=4, places=6, things=3)

    def ask() -> bool:
        if not teller.chance(0.35):  # bAbI's stories are as long as that
            return False
        its = teller.state.people.things
        known = [
            (thing, place, found.lines)
            for thing in teller.things
            for place in teller.places
            if (found := answer(teller.state, "where_before", thing, place))
            and _carried(its[thing], found.lines)
            and _recent(teller, max(its[thing].handled, *found.lines))
        ]
        if not known:
            return False
        thing, place, lines = teller.pick(known)
        moves = [line for line in lines if line not in its[thing].why]
        return teller.ask("where_before", thing, place, supports=(its[thing].handled, *moves))

    _five_questions(lambda: teller.act(_ACTS, 0.2, 0.2), ask)


def _carried(it: Thing, lines: Lines) -> bool:
    """Whether whoever had it last carried it from one place to the other."""
    return len(lines) == 3 and [line for line in lines if line in it.why] == [it.why[-1]]


@_kind(4)
def _two_argument_relations(teller: Teller) -> None:
    one, middle, other = teller.draw("place", 3)
    step = teller.pick(tuple(STEPS.values()))
    pairs = ((one, step, middle), (other, back(step), middle))
    direction, place = teller.pick([tell_heading(teller, *pair, turned=1 / 3) for pair in pairs])
    if teller.chance(0.5):
        teller.ask("what_heading", direction, place)
    else:
        opposite = DIRECTIONS[back(STEPS[direction.name])]
        teller.ask("heading_of", place, nouns.plain(opposite))


def tell_heading(
    teller: Teller, one: Noun, step: Step, other: Noun, turned: float = 0.5
) -> tuple[Noun, Noun]:
    """One is a step from the other, told from the other side so often; returns what follows is."""
    if teller.chance(turned):
        one, step, other = other, back(step), one
    direction = nouns.plain(DIRECTIONS[step])
    line = teller.say("heading", one, direction, other)
    teller.state.map.tell(one, step, other, line)
    return direction, other


@_kind(5)
def _three_argument_relations(teller: Teller) -> None:
    teller.gather(people=4, places=6, things=3)

    def ask() -> bool:
        gifts = [
            (thing, gift)
            for thing in teller.things
            for gift in teller.state.people.things[thing].gifts
            if _recent(teller, gift.line)
        ]
        if not gifts:
            return False
        thing, (who, whom, _) = teller.pick(gifts)
        if teller.chance(1 / 3):
            return teller.ask("what_given", who, whom)
        questions: tuple[tuple[str, *tuple[Noun, ...]], ...] = (
            ("giver", thing),
            ("giver_to", thing, whom),
            ("receiver", thing),
            ("receiver_of", who, thing),
        )
        meaning, *parts = teller.pick(questions)
        return teller.ask(meaning, *parts)

    _five_questions(lambda: teller.act(_GIVING, 1.0, 0.2), ask)


@_kind(6)
def _yes_no_questions(teller: Teller) -> None:
    teller.gather(people=4, places=6, things=3)
    _five_questions(lambda: teller.act(_ACTS, 1.0, 0.2), lambda: _ask_whether(teller))


def _ask_whether(teller: Teller) -> bool:
    """Whether somebody is where they are, or at another place, as often."""
    people = _whose_place_is_told(teller)
    if not people:
        return False
    who = teller.pick(people)
    there = teller.now(who).place if teller.chance(0.5) else teller.elsewhere(who)
    return teller.ask("is_at", who, there)


def _ask_held(teller: Teller, meaning: str) -> bool:
    """About somebody who has handled something, with all sentences that say so."""
    handled = teller.state.people.handled
    people = [
        who for who in teller.people if handled[who] and _recent(teller, handled[who][-1].line)
    ]
    if not people:
        return False
    who = teller.pick(people)
    things = dict.fromkeys(thing for _, thing in handled[who])
    lines = [line for thing in things for line, handled_one in handled[who] if handled_one is thing]
    return teller.ask(meaning, who, supports=lines)


@_kind(7)
def _counting(teller: Teller) -> None:
    teller.gather(people=4, places=6, things=3)
    _five_questions(lambda: teller.act(_GIVING, 1.0, 0.2), lambda: _ask_held(teller, "how_many"))


@_kind(8)
def _lists(teller: Teller) -> None:
    teller.gather(people=4, places=6, things=3)
    _five_questions(lambda: teller.act(_ACTS, 1.0, 0.2), lambda: _ask_held(teller, "carrying"))


@_kind(9)
def _simple_negation(teller: Teller) -> None:
    teller.gather(people=4, places=6)

    def tell() -> None:
        who = teller.pick(teller.people)
        here, there = teller.now(who).place, teller.elsewhere(who)
        told = teller.pick(("move", "move", "at", "not_at"))
        if told == "move":
            teller.go(who, to=there)
        elif told == "at":
            teller.state.people.be_at(who, there, teller.say("at", who, there))
        else:
            teller.state.people.be_away(who, here, there, teller.say("not_at", who, here))

    def ask() -> bool:
        away = {
            who: stay.barred[-1].place
            for who in teller.people
            if (stay := teller.now(who)).barred
            and stay.told < 0
            and _recent(teller, stay.barred[-1].line)
        }
        who = teller.pick([*_whose_place_is_told(teller), *away])
        if who in away:
            return teller.ask("is_at", who, away[who])
        there = teller.now(who).place if teller.chance(0.5) else teller.elsewhere(who)
        return teller.ask("is_at", who, there)

    _five_questions(tell, ask)


@_kind(10)
def _indefinite_knowledge(teller: Teller) -> None:
    teller.gather(people=4, places=6)

    def tell() -> None:
        who = teller.pick(teller.people)
        there = teller.elsewhere(who)
        told = teller.pick(("move", "move", "at", "either"))
        if told == "move":
            teller.go(who, to=there)
        elif told == "at":
            teller.state.people.be_at(who, there, teller.say("at", who, there))
        else:
            while (other := teller.pick(teller.places)) is there:
                pass
            places = (there, other) if teller.chance(0.5) else (other, there)
            line = teller.say("either", who, *places)
            teller.state.people.be_either(who, places, there, line)

    def ask() -> bool:
        open_ones = [
            who
            for who in teller.people
            if (within := teller.now(who).within) and _recent(teller, within[-1].line)
        ]
        who = teller.pick([*_whose_place_is_told(teller), *open_ones])
        there = teller.now(who).place if teller.chance(0.5) else teller.elsewhere(who)
        return teller.ask("is_at", who, there)

    _five_questions(tell, ask)


@_kind(11)
def _basic_coreference(teller: Teller) -> None:
    _told_twice(teller, together=1)


@_kind(12)
def _conjunction(teller: Teller) -> None:
    teller.gather(people=4, places=6)
    for _ in range(5):
        for _ in range(2):
            teller.go(*teller.rng.sample(teller.people, 2))
        teller.ask("where", teller.pick(_whose_place_is_told(teller, within=3)))


@_kind(13)
def _compound_coreference(teller: Teller) -> None:
    _told_twice(teller, together=2)


def _told_twice(teller: Teller, together: int) -> None:
    """Somebody moves and, as he, she or they, moves on."""
    teller.gather(people=4, places=6)
    for _ in range(5):
        people = teller.rng.sample(teller.people, together)
        teller.go_again(*people, line=teller.go(*people))
        teller.ask(
            "where", teller.pick(_whose_place_is_told(teller, within=5 - 2 * (together > 1)))
        )


@_kind(14)
def _time_reasoning(teller: Teller) -> None:
    teller.gather(people=4, places=6)
    times = teller.times()
    untold = {who: list(range(len(times))) for who in teller.people}

    def tell() -> None:
        who = teller.pick([who for who in untold if untold[who]])
        time = untold[who].pop(int(teller.chance(0.1) and len(untold[who]) > 1))
        teller.go_at(who, time, times[time].np)

    def ask() -> bool:
        known = [
            (who, place)
            for who in teller.people
            for place in teller.places
            if answer(teller.state, "where_before", who, place)
        ]
        return bool(known) and teller.ask("where_before", *teller.pick(known))

    _five_questions(tell, ask)


@_kind(15)
def _basic_deduction(teller: Teller) -> None:
    pets, animals = teller.draw("pet", 4), teller.draw("animal", 4)
    facts = [("is_a", pet, teller.pick(animals)) for pet in pets]
    facts += [
        ("afraid", animal, teller.pick([one for one in animals if one is not animal]))
        for animal in animals
    ]
    teller.rng.shuffle(facts)
    for meaning, one, other in facts:
        teller.tell_trait(meaning, one, other)
    for _ in range(4):
        teller.ask("afraid_of", teller.pick(pets))


@_kind(16)
def _basic_induction(teller: Teller) -> None:
    *pets, asked = teller.draw("pet", 5)
    animal, *others = teller.draw("animal", 4)
    (alike,) = teller.rng.choices((1, 3, 4), (0.89, 0.1, 0.01))
    kinds = [animal] * alike + [teller.pick(others) for _ in pets[alike:]]
    colours = teller.draw("colour", 4)
    facts = [("is_a", *pair) for pair in zip(pets, kinds, strict=True)]
    facts += [("coloured", pet, teller.pick(colours)) for pet in pets]
    facts.append(("is_a", asked, animal))
    teller.rng.shuffle(facts)
    for meaning, pet, trait in facts:
        teller.tell_trait(meaning, pet, trait)
    teller.ask("which_colour", asked)


@_kind(17)
def _positional_reasoning(teller: Teller) -> None:
    one, middle, other = teller.draw("shape", 3)
    picture, taken = teller.state.picture, Step(0, 0)
    for shape in (one, other):
        while True:
            relation = teller.pick(tuple(RELATIONS))
            first, second = (shape, middle) if teller.chance(0.5) else (middle, shape)
            step = RELATIONS[relation]
            if (there := step if first is shape else back(step)) != taken:
                break
        taken = there
        picture.tell(first, step, second, teller.say(relation, first, second))
    for _ in range(8):
        pair = (one, other) if teller.chance(0.5) else (other, one)
        truth = "yes" if teller.chance(0.5) else "no"
        relations = [
            meaning
            for meaning in map("is_{}".format, RELATIONS)
            if (found := answer(teller.state, meaning, *pair)) and found.text == truth
        ]
        teller.ask(teller.pick(relations), *pair)


@_kind(18)
def _size_reasoning(teller: Teller) -> None:
    by_size = teller.containers(6)
    sizes = teller.state.sizes

    def tell() -> None:
        small, big = sorted(teller.rng.sample(range(6), 2))
        if teller.chance(0.5):
            line = teller.say("bigger", by_size[big], by_size[small])
        else:
            line = teller.say("fits", by_size[small], by_size[big])
        sizes.tell(by_size[big], by_size[small], line)

    def ask() -> bool:
        chains = [chain for chain in sizes.chains() if _recent(teller, max(chain.lines))]
        if not chains:
            return False
        big, small, lines = teller.pick(chains)
        truth, fits = teller.chance(0.5), teller.chance(0.5)
        pair = (big, small) if truth != fits else (small, big)
        supports = lines if truth else lines[::-1]
        return teller.ask("does_fit" if fits else "is_bigger", *pair, supports=supports)

    asked = 0
    while asked < 5:
        for _ in range(5):
            tell()
        while asked < 5 and ask():
            asked += 1


@_kind(19)
def _path_finding(teller: Teller) -> None:
    places = spread(teller, teller.draw("place", 6))
    edges = list(places)
    teller.rng.shuffle(edges)
    for edge in edges:
        tell_heading(teller, *edge)
    ways = [
        (start, end)
        for start in teller.state.map.sides
        for end, sides in teller.state.map.ways(start)
        if len(sides) == 2
    ]
    teller.ask("path", *teller.pick(ways))


def spread(teller: Teller, places: Sequence[Noun]) -> Iterator[tuple[Noun, Step, Noun]]:
    """Places on a grid, each but the first beside one of those before: it, the step, the other."""
    at = {Step(0, 0): places[0]}
    for place in places[1:]:
        while True:
            here = teller.pick(list(at))
            step = teller.pick(tuple(STEPS.values()))
            there = Step(here.x + step.x, here.y + step.y)
            if there not in at:
                break
        yield place, step, at[here]
        at[there] = place


@_kind(20)
def _motivations(teller: Teller) -> None:
    people = teller.draw("person", 4)
    motives = {who: teller.pick(teller.motives()) for who in people}
    done = dict.fromkeys(people, 0)
    taken: set[Noun] = set()
    for who in people:
        teller.state.people.place_person(who, motives[who].place)
    while open_ones := [who for who in people if done[who] < 3]:
        who = teller.pick(open_ones)
        place, thing = motives[who].place, teller.pick(motives[who].things)
        if done[who] == 0:
            line = teller.say("feels", who, motives[who].feeling)
            teller.state.feels[who] = Felt(motives[who], line)
            teller.ask("where_will", who)
        elif done[who] == 1:
            teller.go(who, to=place)
            teller.ask("why_go", who, place)
        elif thing not in taken:
            taken.add(thing)
            teller.say("take_there", who, thing)
            teller.ask("why_get", who, thing)
        done[who] += 1
