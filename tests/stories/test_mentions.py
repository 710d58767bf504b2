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


def test_a_thing_that_was_just_told_of_is_it() -> None:
    said = told("Mary took the football there.", "Mary put the football down.")
    assert said == ["mary took the football there .", "mary put it down ."]


def test_a_name_of_several_words_and_somebodys_thing_is_it_too() -> None:
    said = told("Fred got my camera bag.", "He carried my camera bag to the park.")
    assert said[1] == "he carried it to the park ."


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Mary took the football and put down the milk.", "Mary left the football."),
        ("Mary went to the park.", "Fred left the park."),
        ("Mary took the football.", "Mary took the milk."),
    ],
)
def test_what_could_mean_something_else_is_said_as_it_is(before: str, now: str) -> None:
    assert told(before, now)[1] == " ".join(tokenize(now))


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
    assert told("Mary took the milk to the park.", "Fred took the milk.", "My bag is here.") == [
        "mary took a milk to a park .", "fred took the milk .", "my bag is here .",
    ]  # fmt: skip
