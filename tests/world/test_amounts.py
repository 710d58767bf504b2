"""How many of something people have, and who is with whom, in told stories."""

from collections import Counter

import pytest

from relmem_cli.stories.english import words
from relmem_cli.stories.tokens import tokenize
from relmem_cli.world import nouns
from relmem_cli.world.answers import NUMBERS, UNKNOWN, answer
from relmem_cli.world.inflection import lemma
from relmem_cli.world.layout import STEPS
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.nouns import Noun
from relmem_cli.world.state import Felt, State

from .conftest import Tell

ANN, BEN, CAT = (nouns.person(name, "she") for name in ("Ann", "Ben", "Cat"))
HALL, PARK, BANK = nouns.place("hall"), nouns.place("park"), nouns.place("bank")
NUMBER = {word: number for number, word in enumerate(NUMBERS[:11])}
CHANGE = {"has_many": 1, "gets_many": 1, "loses_many": -1, "give": -1}


@pytest.fixture
def state() -> State:
    state = State()
    for who in (ANN, BEN, CAT):
        state.people.place_person(who, HALL)
    state.people.named = dict.fromkeys(range(9), (ANN, BEN, CAT))
    return state


def asked(state: State, meaning: str, *parts: Noun) -> str | None:
    found = answer(state, meaning, *parts)
    return found and found.text


def amount(some: Noun) -> tuple[int, str]:
    """How many of what "three apples" are; 0 of one thing."""
    first, *rest = some.name.split(" ")
    number = int(first) if first.isdecimal() else NUMBER.get(first, 0)
    return number, kind_of(" ".join(rest))


def kind_of(things: str) -> str:
    *before, last = things.split(" ")
    return " ".join([*before, lemma(last, "NOUN")])


def test_told_stories_count_what_people_have(tell: Tell) -> None:
    checked = 0
    for seed in range(200):
        has: Counter[tuple[str, str]] = Counter()
        told: set[tuple[str, str]] = set()
        for line in tell("mixture", seed, "everyday", "varied").lines:
            ((meaning, parts), *_) = line.said
            if line.answer is None and meaning in CHANGE:
                number, kind = amount(parts[1])
                told |= {(parts[0].name, kind)} if meaning == "has_many" else set()
                has[parts[0].name, kind] += CHANGE[meaning] * number
                if meaning == "give" and (parts[2].name, kind) in told:
                    has[parts[2].name, kind] += number
            elif meaning in ("how_many_of", "how_many_both"):
                keys = [(who.name, kind_of(parts[-1].name)) for who in parts[:-1]]
                known = all(key in told for key in keys)
                assert line.answer == (NUMBERS[sum(has[key] for key in keys)] if known else UNKNOWN)
                checked += known
    assert checked > 30


def test_the_sentences_that_an_amount_needs_are_all_that_change_it(tell: Tell) -> None:
    several = 0
    for seed in range(100):
        lines = tell("mixture", seed, "everyday", "varied").lines
        told = [line for line in lines if line.answer is None]
        for line in lines:
            if line.answer and line.said[0].meaning == "how_many_of" and line.supports:
                who = line.said[0].parts[0].name
                for support in line.supports:
                    assert who in told[support].facts
                several += len(line.supports) > 1
    assert several > 5


def test_who_is_with_somebody_are_the_others_there(state: State) -> None:
    people = state.people
    people.move(ANN, PARK, 0)
    assert asked(state, "company", ANN) is None
    people.move(BEN, PARK, 1)
    people.move(CAT, BANK, 2)
    assert asked(state, "company", ANN) == "Ben"
    assert asked(state, "company", CAT) == "nobody"
    people.move(CAT, PARK, 3)
    assert asked(state, "company", BEN) == "Ann,Cat"


def test_who_went_somewhere_with_somebody_went_in_the_same_sentence(state: State) -> None:
    people = state.people
    for who in (ANN, BEN):
        people.move(who, PARK, 0)
    people.move(CAT, PARK, 1)
    people.move(ANN, BANK, 2)
    assert asked(state, "went_with", ANN, PARK) == "Ben"
    assert asked(state, "went_with", CAT, PARK) is None
    assert asked(state, "went_with", ANN, BANK) is None


def test_where_somebody_was_before_is_the_visit_before_the_last(state: State) -> None:
    people = state.people
    people.move(ANN, PARK, 0)
    assert asked(state, "where_was", ANN) is None
    people.move(ANN, BANK, 1)
    assert asked(state, "where_was", ANN) == "park"
    people.leave(ANN, BANK, HALL, 2)
    assert asked(state, "where_was", ANN) == "bank"


def test_whether_a_place_is_north_of_another_follows_from_the_map(state: State) -> None:
    north, south = nouns.plain("north"), nouns.plain("south")
    state.map.tell(PARK, STEPS["north"], HALL, 0)
    state.map.tell(BANK, STEPS["north"], PARK, 1)
    assert asked(state, "is_heading", BANK, north, HALL) == "yes"
    assert asked(state, "is_heading", BANK, south, HALL) == "no"
    assert asked(state, "is_heading", HALL, south, BANK) == "yes"
    assert asked(state, "is_heading", HALL, north, nouns.place("shop")) is None


def test_who_feels_so_are_those_of_whom_it_is_told(state: State) -> None:
    hungry, tired = (load_lexicon("everyday").motives[place] for place in (2, -1))
    assert asked(state, "who_feels", hungry.feeling) is None
    state.feels[ANN], state.feels[BEN] = Felt(hungry, 0), Felt(tired, 1)
    assert asked(state, "who_feels", hungry.feeling) == "Ann"


def test_what_no_story_tells_is_unknown(tell: Tell) -> None:
    answers = [
        line.answer
        for seed in range(60)
        for line in tell("mixture", seed, "everyday", "varied").lines
        if line.answer and line.said[0].meaning == "other"
    ]
    assert answers
    assert set(answers) == {UNKNOWN}


def test_things_are_put_in_bags_and_no_bag_into_itself(tell: Tell) -> None:
    in_bags = 0
    for seed in range(200):
        teller = tell("mixture", seed, "everyday", "varied")
        for line in teller.lines:
            for meaning, parts in line.said:
                if meaning == "put":
                    in_bags += parts[2].name == teller.things[0].name
                    assert parts[1].name != parts[2].name
    assert in_bags > 5


def test_figures_are_read_as_words() -> None:
    assert [word.base for word in words(tokenize("Tom has 3 apples."))][2] == "three"


def test_a_person_may_take_what_was_put_in_their_bag(state: State) -> None:
    bag, key = nouns.thing("bag"), nouns.thing("key")
    inside, people = nouns.inside(bag), state.people
    for thing in (bag, key):
        people.place_thing(thing, HALL)
    people.take(ANN, bag, 0)
    people.put(ANN, key, inside, 1)
    people.move(ANN, PARK, 2)
    assert (asked(state, "where", key), asked(state, "where", bag)) == ("bag", "park")
    people.take_from(ANN, key, inside, 3)
    assert asked(state, "where", key) == "park"
