"""Things in drawers and under beds, and where told stories say that they are."""

from collections.abc import Sequence

import pytest

from relmem_cli.world import nouns
from relmem_cli.world.answers import answer
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.nouns import SPOT, Noun
from relmem_cli.world.state import State
from relmem_cli.world.teller import Line

from .conftest import Tell

ANN, BEN = nouns.person("Ann", "she"), nouns.person("Ben", "he")
KITCHEN, GARDEN = nouns.place("kitchen"), nouns.place("garden")
MAT, DRAWER = nouns.spot("mat", at="under", off="from under"), nouns.spot("drawer")
KEY = nouns.thing("key")


@pytest.fixture
def state() -> State:
    state = State()
    for who in (ANN, BEN):
        state.people.place_person(who, KITCHEN)
    state.people.place_thing(KEY, KITCHEN)
    state.people.named = dict.fromkeys(range(9), (KEY,))
    return state


def asked(state: State, meaning: str, *parts: Noun) -> str | None:
    found = answer(state, meaning, *parts)
    return found and found.text


def test_a_thing_is_at_its_spot_wherever_the_one_who_put_it_there_goes(state: State) -> None:
    people = state.people
    people.move(ANN, KITCHEN, 0)
    people.take(ANN, KEY, 1)
    people.put(ANN, KEY, MAT, 2)
    people.move(ANN, GARDEN, 3)
    assert asked(state, "where", KEY) == "mat"
    assert asked(state, "where", ANN) == "garden"
    assert asked(state, "where_before", KEY, MAT) == "kitchen"
    assert asked(state, "holder", KEY) == "nobody"
    assert asked(state, "what_at", MAT) == "key"


def test_a_spot_says_nothing_of_where_somebody_is(state: State) -> None:
    state.people.put(ANN, KEY, MAT, 0)
    assert asked(state, "where", KEY) == "mat"
    assert asked(state, "where", ANN) is None
    state.people.take(BEN, KEY, 1)
    assert asked(state, "where", BEN) is None
    assert asked(state, "has", BEN, KEY) == "yes"


def test_who_takes_a_thing_from_its_spot_has_it_with_them(state: State) -> None:
    people = state.people
    people.lie(KEY, MAT, 0)
    people.take_from(BEN, KEY, MAT, 1)
    people.move(BEN, GARDEN, 2)
    assert asked(state, "where", KEY) == "garden"
    assert asked(state, "where_before", KEY, GARDEN) is None  # where Ben was is not told
    people.put(BEN, KEY, DRAWER, 3)
    assert asked(state, "where_before", KEY, DRAWER) == "garden"


def test_a_thing_is_taken_from_a_spot_that_was_not_told(state: State) -> None:
    state.people.take_from(BEN, KEY, MAT, 0)
    assert asked(state, "holder", KEY) == "Ben"
    assert [stay.place for stay, _ in state.people.trail(KEY)][-2] is MAT


def test_who_put_what_where(state: State) -> None:
    people = state.people
    people.put(ANN, KEY, MAT, 0)
    people.take(BEN, KEY, 1)
    people.put(BEN, KEY, DRAWER, 2)
    assert asked(state, "who_put", KEY, MAT) == "Ann"
    assert asked(state, "who_put", KEY, DRAWER) == "Ben"
    assert asked(state, "what_put", BEN, DRAWER) == "key"
    assert asked(state, "what_put", BEN, MAT) is None
    assert asked(state, "where_dropped", ANN, KEY) == "mat"
    assert asked(state, "where_dropped", BEN, KEY) == "drawer"


def test_who_hides_at_a_spot_may_be_in_any_room(state: State) -> None:
    people = state.people
    people.move(ANN, MAT, 0)
    people.move(BEN, GARDEN, 1)
    assert asked(state, "where", ANN) == "mat"
    assert asked(state, "is_at", ANN, MAT) == "yes"
    assert asked(state, "is_at", ANN, GARDEN) is None
    assert asked(state, "with", ANN, BEN) is None
    assert asked(state, "did_go", ANN, GARDEN) is None
    assert asked(state, "is_at", ANN, DRAWER) == "no"


def test_what_is_dropped_before_its_holder_goes_stays(state: State) -> None:
    people = state.people
    people.move(ANN, KITCHEN, 0)
    people.take(ANN, KEY, 1)
    people.drop(ANN, KEY, 2)
    people.move(ANN, GARDEN, 2)  # in the same sentence
    assert asked(state, "where_dropped", ANN, KEY) == "kitchen"


def test_who_only_drops_a_thing_where_they_hide_has_not_put_it_there(state: State) -> None:
    people = state.people
    people.take(ANN, KEY, 0)
    people.move(ANN, MAT, 1)
    people.drop(ANN, KEY, 2)
    assert asked(state, "who_put", KEY, MAT) is None
    found = answer(state, "where_dropped", ANN, KEY)
    assert found
    assert set(found.lines) == {1, 2}


def test_a_spot_may_be_somebodys() -> None:
    hers = nouns.owned(DRAWER, "her")
    assert (hers.at, hers.off, hers.name) == ("in her drawer", "out of her drawer", "drawer")


def told_place(lines: Sequence[Line], thing: str) -> str | None:
    """Where a thing is by the last sentence that names it, if that says so of a spot or a place."""
    place = None
    for line in lines:
        for meaning, parts in line.said if line.answer is None else ():
            names = [part.name for part in parts]
            if thing in (names[:1] if meaning == "lies" else names[1:2]):
                place = names[-1] if meaning in ("put", "lies", "drop_at") else None
    return place


def test_told_stories_know_where_things_are_put(tell: Tell) -> None:
    checked = spots = 0
    for seed in range(250):
        lines = tell("mixture", seed, "everyday", "varied").lines
        for place, line in enumerate(lines):
            ((meaning, parts), *_) = line.said
            if line.answer is None or meaning != "where":
                continue
            expected = told_place(lines[:place], parts[0].name)
            if expected is not None:
                assert line.answer == expected, [one.text for one in lines[: place + 1]]
                checked += 1
                spots += expected in SPOTS
    assert checked > 100
    assert spots > 60


SPOTS = {noun.name for noun in load_lexicon("everyday").roles["spot"]}


def test_a_question_about_a_put_thing_is_never_about_the_room(tell: Tell) -> None:
    for seed in range(150):
        lines = tell("mixture", seed, "everyday", "varied").lines
        for place, line in enumerate(lines):
            ((meaning, parts), *_) = line.said
            if line.answer is None or meaning != "is_at":
                continue
            if told_place(lines[:place], parts[0].name) in SPOTS:
                assert parts[1].scene == SPOT


def test_styles_that_the_solver_reads_have_no_spots(tell: Tell) -> None:
    for seed in range(30):
        for line in tell("mixture", seed, "everyday", "everyday").lines:
            assert not {"put", "take_from", "hide"} & {meaning for meaning, _ in line.said}


def test_what_is_taken_from_a_spot_has_its_preposition() -> None:
    spots = load_lexicon("everyday").roles["spot"]
    forms = {noun.at.split(" the ")[0]: noun.off.split(" the ")[0] for noun in spots}
    assert forms["under"] == "from under"
    assert forms["in"] == "out of"
    assert forms["on"] == "off"
    assert len({noun.name for noun in spots}) == len(spots)
