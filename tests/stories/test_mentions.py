"""Things are mentioned as people do: "it" where that can mean nothing else, "a" thing at first."""

from random import Random

import pytest

from relmem_cli.stories import mentions
from relmem_cli.stories.mentions import as_mentioned
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import tokenize

NAMES = {"mary", "fred", "football", "milk", "camera", "bag", "park"}


def told(*lines: str) -> list[str]:
    story = Story(sentences=tuple(tuple(tokenize(line)) for line in lines), questions=())
    return [" ".join(said) for said in as_mentioned(story, NAMES, Random(0)).sentences]


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "OFTEN", 1.0)
    monkeypatch.setattr(mentions, "AT_FIRST", 0.0)
    monkeypatch.setattr(mentions, "JOINED", 0.0)
    monkeypatch.setattr(mentions, "OTHERWISE", 0.0)


def test_a_thing_that_was_just_told_of_is_it() -> None:
    said = told("Mary took the football there.", "She put the football down.")
    assert said == ["mary took the football there .", "she put it down ."]


def test_a_thing_that_a_sentence_tells_of_twice_is_it_the_second_time() -> None:
    said = told("Mary took the milk and put the milk in the park.")
    assert said == ["mary took the milk and put it in the park ."]


def test_a_name_of_several_words_and_somebodys_thing_is_it_too() -> None:
    said = told("Fred got my camera bag.", "He carried my camera bag to the park.")
    assert said[1] == "he carried it to the park ."


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Mary took the football and put down the milk.", "Fred left the football."),
        ("Mary went to the park.", "Fred left the park."),
        ("Mary took the football.", "Fred took the milk."),
        ("Mary and Fred went to the park.", "Mary left the park."),
    ],
)
def test_what_could_mean_something_else_is_said_as_it_is(before: str, now: str) -> None:
    assert told(before, now)[1] == " ".join(tokenize(now))


def test_whom_the_sentence_before_begins_with_too_is_he_or_she_and_a_thing_it() -> None:
    said = told("Mary went to the park.", "Mary took the milk.", "Mary left the park.")
    assert said[1:] == ["he took the milk .", "he left the park ."] or said[1:] == [
        "she took the milk .", "she left the park .",
    ]  # fmt: skip
    assert told("The milk is here.", "The milk is white.")[1] == "it is white ."


def test_sentences_may_be_joined_to_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "JOINED", 1.0)
    first, second = told("Mary went to the park.", "Fred took the milk.")
    assert first == "mary went to the park ."
    assert second in ("and fred took the milk .", "but fred took the milk .")


def test_somebody_may_be_the_one_throughout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "OTHERWISE", 1.0)
    question = Question(text=("where", "is", "fred", "?"), answer="park", position=2)
    lines = ("Fred went to the park.", "My mary and Fred took the milk.")
    story = Story(sentences=tuple(tuple(tokenize(line)) for line in lines), questions=(question,))
    said = as_mentioned(story, NAMES, Random(0))
    assert " ".join(said.sentences[0]) == "the fred went to the park ."
    owner, *others = said.sentences[1]
    assert owner in mentions._OWNERS
    assert " ".join(others) == "mary and the fred took the milk ."
    assert " ".join(said.questions[0].text) == "where is the fred ?"


@pytest.mark.parametrize(
    ("told", "asked", "expected"),
    [
        ("Mary took the football.", "Who has the football ?", {"who has it ?"}),
        (
            "Mary took the football.",
            "Where is Mary now ?",
            {"where is he now ?", "where is she now ?"},
        ),
        ("My fred went to the park.", "Where is my fred ?", {"where is he ?", "where is she ?"}),
        ("Mary went to the park.", "Who is in the park ?", {"who is in the park ?"}),
        ("Mary took the football.", "Where is Fred ?", {"where is fred ?"}),
        ("Mary and Fred went home.", "Where is Mary ?", {"where is mary ?"}),
    ],
)
def test_what_was_just_told_of_is_asked_for_by_a_pronoun(
    told: str, asked: str, expected: set[str]
) -> None:
    question = Question(text=tuple(tokenize(asked)), answer="x", position=1)
    story = Story(sentences=(tuple(tokenize(told)),), questions=(question,))
    said = as_mentioned(story, NAMES, Random(0)).questions[0]
    assert " ".join(said.text) in expected
    assert (said.answer, said.position) == ("x", 1)


def test_not_everything_is_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "OFTEN", 0.0)
    assert "it" not in " ".join(told("Mary took the milk.", "Mary drank the milk.")).split()


def test_what_is_new_may_be_a_thing_and_what_is_known_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "OFTEN", 0.0)
    monkeypatch.setattr(mentions, "AT_FIRST", 1.0)
    monkeypatch.setattr(mentions, "_FIRST", ("a",))
    assert told("Mary took the milk to the park.", "Fred took the milk.", "My bag is here.") == [
        "mary took a milk to a park .", "fred took the milk .", "my bag is here .",
    ]  # fmt: skip
    monkeypatch.setattr(mentions, "_FIRST", ("",))
    assert told("Mary took the milk.") == ["mary took milk ."]
