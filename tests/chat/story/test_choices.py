"""Questions that name their answers are asked without them."""

import pytest

from relmem_cli.chat.story.answers import Answer, Given
from relmem_cli.chat.story.choices import without_choice
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.stories.tokens import tokenize


def asked(text: str) -> Utterance:
    tokens = tuple(tokenize(text))
    return without_choice(Utterance(text=text, kind=UtteranceKind.question, tokens=tokens))


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Where is Ann, at home or at work?", "where is ann ?"),
        ("Is Ann in the old mill or the park?", "where is ann ?"),
        ("Is my sister at home or at work?", "where is my sister ?"),
        ("Did Ann go to the mill or to the park?", "where did ann go ?"),
        ("Who has the cup, Ann or my boss?", "who has the cup ?"),
        ("Who is the oldest, Ann or Tom?", "who is the oldest ?"),
        ("Who is older, Ann, my boss or Tom?", "who is older ?"),
        ("Is Ann in the hut or upstairs?", "where is ann ?"),
        ("Is Ann in the hut or not?", "is ann in the hut or not ?"),
        ("Is Ann in the hut happy or sad?", "is ann in the hut happy or sad ?"),
        ("Is Ann with Tom or Kim?", "is ann with tom or kim ?"),
        ("Did Tom give the cup to Ann or Kim?", "did tom give the cup to ann or kim ?"),
        ("Is Ann or Tom in the park?", "is ann or tom in the park ?"),
        ("Is Ann hungry or tired?", "is ann hungry or tired ?"),
        ("Is it the mill, the hut or the park?", "is it the mill, the hut or the park ?"),
        ("Where is Ann?", "where is ann ?"),
        ("or?", "or ?"),
        ("Who, or?", "who, or ?"),
    ],
)
def test_a_choice_is_left_out(text: str, read: str) -> None:
    said = asked(text)
    assert " ".join(said.tokens) == read
    assert said.text == text
    assert said.versus is None


@pytest.mark.parametrize(
    ("text", "read", "versus"),
    [
        ("Who is older, Tom or my aunt?", "is tom older than my aunt ?", ("tom", "my aunt")),
        (
            "Which is more expensive, the car or the bike?",
            "is the car more expensive than the bike ?",
            ("the car", "the bike"),
        ),
        ("Who is older , Tom or Ann?", "is tom older than ann ?", ("tom", "ann")),
        ("Who's bigger, Ann or Tom?", "is ann bigger than tom ?", ("ann", "tom")),
    ],
)
def test_which_of_two_has_more_is_whether_the_first_one_has(
    text: str, read: str, versus: tuple[str, str]
) -> None:
    said = asked(text)
    assert " ".join(said.tokens) == read
    assert said.versus == versus


def test_yes_and_no_are_those_two() -> None:
    given = Answer(
        answer="no", probability=0.7, alternatives=(Given("yes", 0.2), Given("unknown", 0.1)),
        unknown=(), seconds=0.0,
    )  # fmt: skip
    named = given.renamed({"yes": "tom", "no": "my aunt"})
    assert (named.answer, named.probability) == ("my aunt", 0.7)
    assert named.alternatives == (Given("tom", 0.2), Given("unknown", 0.1))
