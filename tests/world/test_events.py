"""What people do otherwise, and whose animals are called what, in told stories."""

from collections import Counter
from collections.abc import Iterable, Iterator

import pytest

from relmem_cli.stories.open_words import OpenWords
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import OTHER_VERB, PAD, Vocabulary
from relmem_cli.world import nouns
from relmem_cli.world.answers import UNKNOWN, answer
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.mixture import MIXTURE
from relmem_cli.world.nouns import Noun, Verb
from relmem_cli.world.open_vocabulary import open_words
from relmem_cli.world.phrases import load_style
from relmem_cli.world.state import Event, State
from relmem_cli.world.story_stream import tell_stories
from relmem_cli.world.teller import Level, Line, Said, Voice
from relmem_cli.world.traits import Trait

from .conftest import Tell

ANN, BEN = nouns.person("Ann", "she"), nouns.person("Ben", "he")
PAINT, MEND = nouns.to_do("paint"), nouns.to_do("mend")
FENCE, CHAIR = nouns.thing("fence"), nouns.thing("chair")
GARDEN, TIRED = nouns.place("garden"), nouns.plain("tired")
EXTRA = {"did_at": "where", "did_when": "when", "did_why": "why", "did_feeling": "why"}
DID = {"did", "did_not", *EXTRA}
ASKED = {"who_did": 0, "what_did": 2, "whom_did": 2}


def asked(state: State, meaning: str, *parts: Noun) -> str | None:
    found = answer(state, meaning, *parts)
    return found and found.text


def test_who_did_what_is_answered_by_its_sentence() -> None:
    state = State()
    state.events += [
        Event(ANN, PAINT, FENCE, 0, where=GARDEN),
        Event(BEN, PAINT, CHAIR, 1, why=TIRED),
        Event(BEN, MEND, FENCE, 2, happened=False),
    ]
    assert asked(state, "who_did", PAINT, FENCE) == "Ann"
    assert asked(state, "what_did", BEN, PAINT) == "chair"
    assert asked(state, "where_did", ANN, PAINT, FENCE) == "garden"
    assert asked(state, "why_did", BEN, PAINT, CHAIR) == "tired"
    assert asked(state, "did_it", BEN, MEND, FENCE) == "no"
    assert asked(state, "did_it", BEN, PAINT, CHAIR) == "yes"


def test_what_was_not_told_is_not_known() -> None:
    state = State()
    state.events += [Event(ANN, PAINT, FENCE, 0), Event(BEN, MEND, FENCE, 1, happened=False)]
    assert asked(state, "who_did", MEND, FENCE) is None
    assert asked(state, "what_did", BEN, MEND) is None
    assert asked(state, "did_it", BEN, PAINT, FENCE) is None
    for meaning in ("where_did", "when_did", "why_did"):
        assert asked(state, meaning, ANN, PAINT, FENCE) is None


def test_an_animal_is_called_as_its_owner_says() -> None:
    state, dog = State(), nouns.species("dog", "dogs")
    rex = nouns.person("Rex", "he")
    state.called[ANN, dog] = Trait(rex, 4)
    assert asked(state, "what_called", ANN, dog) == "Rex"
    assert asked(state, "what_called", BEN, dog) is None
    assert asked(state, "whose", dog, rex) == "Ann"


def test_who_buys_something_has_it() -> None:
    state = State()
    state.people.place_person(ANN, GARDEN)
    state.people.place_thing(CHAIR, nouns.place("shop"))
    state.people.get(ANN, CHAIR, 0)
    assert asked(state, "holder", CHAIR) == "Ann"
    assert asked(state, "who_took", CHAIR) is None
    state.people.move(ANN, GARDEN, 1)
    assert asked(state, "where", CHAIR) == "garden"


def told(lines: Iterable[Line]) -> Iterator[Said]:
    return (one for line in lines if line.answer is None for one in line.said)


def names(one: Said) -> list[str]:
    return [part.name for part in one.parts]


def expected(events: list[Said], meaning: str, parts: list[str]) -> str:
    """The answer, from what the sentences say alone."""
    for event in events:
        of = names(event)
        if meaning in ASKED:
            rest = [name for place, name in enumerate(of[:3]) if place != ASKED[meaning]]
            if rest == parts and event.meaning != "did_not":
                return of[ASKED[meaning]]
        elif of[:3] == parts and meaning == "did_it":
            return "no" if event.meaning == "did_not" else "yes"
        elif of[:3] == parts:
            extra = EXTRA.get(event.meaning, "")
            return of[3].removeprefix("on ") if meaning == f"{extra}_did" else UNKNOWN
    return UNKNOWN


def test_told_stories_know_who_did_what_where_when_and_why(tell: Tell) -> None:
    checked: Counter[str] = Counter()
    for seed in range(250):
        lines = tell("mixture", seed, "everyday", "varied").lines
        for place, line in enumerate(lines):
            meaning = line.said[0].meaning
            if line.answer is not None and meaning in (*ASKED, "did_it", *WHERE_WHEN_WHY):
                events = [one for one in told(lines[:place]) if one.meaning in DID]
                wanted = expected(events, meaning, names(line.said[0]))
                assert line.answer == wanted, [one.text for one in lines[: place + 1]]
                checked[meaning] += line.answer != UNKNOWN
    assert min(checked.values()) >= 3
    assert checked.keys() == {*ASKED, "did_it", *WHERE_WHEN_WHY}


WHERE_WHEN_WHY = ("where_did", "when_did", "why_did")


def test_nobody_does_the_same_to_two_things_nor_two_do_it_to_the_same(tell: Tell) -> None:
    for seed in range(100):
        done = [names(one)[:3] for one in told(tell("mixture", seed, "everyday", "varied").lines)
                if one.meaning in DID]  # fmt: skip
        for left in (0, 2):
            keys = [tuple(name for place, name in enumerate(of) if place != left) for of in done]
            assert len(set(keys)) == len(keys), done


def test_two_who_go_together_are_at_one_place(tell: Tell) -> None:
    together = 0
    for seed in range(250):
        teller = tell("mixture", seed, "everyday", "varied")
        said = list(told(teller.lines))
        for place, one in enumerate(said):
            later = {part for more in said[place + 1 :] for part in people_of(more)}
            if one.meaning == "move_with" and not later.intersection(one.parts[:2]):
                assert asked(teller.state, "with", *one.parts[:2]) == "yes"
                together += 1
    assert together > 3


def people_of(one: Said) -> Iterator[Noun]:
    """Whom it is about, by name or in a group."""
    return (who for part in one.parts for who in (part, *part.members))


def test_how_many_there_are_at_a_place_is_counted(tell: Tell) -> None:
    changes = {"are_many": 1, "come_many": 1, "go_many": -1}
    asked_of = 0
    for seed in range(300):
        lines = tell("mixture", seed, "everyday", "varied").lines
        for place, line in enumerate(lines):
            if line.answer in (None, UNKNOWN) or line.said[0].meaning != "how_many_at":
                continue
            wanted, before = line.said[0].parts[0].name, lines[:place]
            if len({of.parts[1].name.split(" ", 1)[-1] for of in told(before)
                    if of.meaning in changes}) > 1:  # fmt: skip
                continue  # of two kinds, or one of a kind
            numbers = [
                changes[of.meaning] * NUMBERS[of.parts[1].name.split(" ")[0]]
                for of in told(before)
                if of.meaning in changes and of.parts[0].name == wanted
            ]
            assert NUMBERS[line.answer] == sum(numbers), [one.text for one in before]
            asked_of += 1
    assert asked_of > 5


WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
NUMBERS = {word: number for number, word in enumerate(WORDS)} | {str(n): n for n in range(11)}


@pytest.fixture(scope="module")
def verbs() -> list[Verb]:
    return [one for one in load_lexicon("everyday").roles["verb"] if isinstance(one, Verb)]


def test_open_verbs_are_left_out_of_a_vocabulary_and_others_are_not(verbs: list[Verb]) -> None:
    opened = open_words()
    assert {f"{one.name}~" in opened for one in verbs if one.open} == {True}
    assert {f"{one.name}~" in opened for one in verbs if not one.open} == {False}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("did ann mend the chair", "did <name> <verb> the <name>"),
        ("what did the dog lick", "what did the <name> <verb>"),
        ("ben did not mend it", "<name> did not <verb> it"),
        ("ben wanted to polish the chair", "<name> want~ to <verb> the <name>"),
        ("who mended the chair", "who <verb> the <name>"),
        ("ben went to market", "<name> go~ to <name>"),
        ("did the cook leave", "did the <name> leave"),
        ("ben mended the box upstairs", "<name> <verb> the <name> <name>"),
        ("did ben go to the park", "did <name> go to the <name>"),
    ],
)
def test_a_verb_that_nobody_knows_is_one_in_questions_too(text: str, read: str) -> None:
    known = sorted({"did", "the", "what", "not", "it", "to", "want~", "who", "go~", "go", "leave"})
    words = OpenWords(Vocabulary((PAD, "<end>", "<said>", OTHER_VERB, *known), frozenset()), None)
    ids = [number for number in words.encode(tokenize(text), 20) if number]
    closed = 4 + len(known)
    found = ["<name>" if number >= closed else words.item(number) for number in ids]
    assert " ".join(found) == read


def test_distractors_are_those_that_were_asked_for() -> None:
    voice = Voice(lexicon=load_lexicon("everyday"), style=load_style("varied"))
    level = Level(sentences=12, distractors=1)
    stories = tell_stories(MIXTURE, voice, seed=0, questions=100, level=level)
    meanings = {one.meaning for lines in stories for one in told(lines)}
    assert not meanings & {*DID, "called"}
    assert len(meanings) > 10
