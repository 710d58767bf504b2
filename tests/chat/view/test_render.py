import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import RenderableType

from relmem_cli.chat.story.answers import Answer, Given
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.turns import Change, SessionTurn
from relmem_cli.chat.view import render
from relmem_cli.chat.view.theme import Theme, styled_console

ANSWER = Answer(
    answer="kitchen",
    probability=0.9,
    alternatives=(Given("garden", 0.06), Given("attic", 0.03), Given("cellar", 0.01)),
    unknown=(),
    seconds=0.001,
)
HOSTILE = "[bold red]:smile: 你好 [/] [link=x]"


def shown(what: RenderableType, **options: Any) -> str:
    file = io.StringIO()
    styled_console(Theme.dark, file=file, **({"width": 80} | options)).print(what)
    return file.getvalue()


def turn(text: str) -> SessionTurn:
    return SessionTurn(
        said=Utterance(text=text, kind=UtteranceKind.sentence, tokens=("x", ".")), state=None
    )


def test_an_answer_shows_its_probability_the_next_best_and_its_time() -> None:
    assert shown(render.answer(ANSWER, 80)) == (
        "  kitchen  90.0%   garden 6.0%   attic 3.0%   cellar 1.0%   1.0 ms\n"
    )


@pytest.mark.parametrize("width", [12, 20, 40])
def test_on_a_narrow_terminal_an_answer_still_takes_one_line(width: int) -> None:
    text = shown(render.answer(ANSWER, width), width=max(width, 16))
    assert text.count("\n") == 1
    assert text.startswith("  kitchen  90.0%")


def test_where_there_is_little_room_the_next_best_goes_before_the_time_and_the_rest() -> None:
    assert shown(render.answer(ANSWER, 32)) == "  kitchen  90.0%   garden 6.0%\n"
    assert shown(render.answer(ANSWER, 45)) == "  kitchen  90.0%   garden 6.0%   1.0 ms\n"


def test_wide_letters_take_the_room_that_they_need() -> None:
    wide = replace(ANSWER, alternatives=(Given("厨房厨房", 0.06), Given("garden", 0.04)))
    assert shown(render.answer(wide, 33)) == "  kitchen  90.0%   厨房厨房 6.0%\n"
    assert shown(render.answer(wide, 31)) == "  kitchen  90.0%\n"


def test_what_is_all_but_impossible_is_no_alternative() -> None:
    sure = replace(
        ANSWER, alternatives=(Given("garden", 0.0006), Given("attic", 0.0004)), seconds=0.0123
    )
    assert shown(render.answer(sure, 80)) == "  kitchen  90.0%   garden 0.1%   12 ms\n"


def test_a_change_that_changes_nothing_says_so() -> None:
    assert "the story is as it was" in shown(render.change(Change(gone=(), came=())))


def test_the_present_model_is_listed_even_where_it_has_no_name_in_the_library() -> None:
    assert shown(render.models(["one"], present="two")).split() == ["one", "*", "two"]


def test_no_line_is_wider_than_the_terminal() -> None:
    story = render.story([turn("word " * 30)])
    assert max(map(len, shown(story, width=40).splitlines())) <= 40


def test_what_people_typed_is_never_markup() -> None:
    for text in (
        shown(render.story([turn(HOSTILE)])),
        shown(render.problem(HOSTILE)),
        shown(render.titled_list("took back", [turn(HOSTILE).said])),
        shown(render.models([HOSTILE], present="other")),
    ):
        assert HOSTILE in text


def test_of_many_sentences_the_first_are_named_and_the_rest_counted() -> None:
    lines = shown(
        render.titled_list("took back", [turn(f"{n}.").said for n in range(50)])
    ).splitlines()
    assert lines[0].strip() == "took back:"
    assert lines[1].strip() == "0."
    assert lines[-1].strip() == f"and {50 - render.MOST_LISTED} more"
    assert len(lines) == render.MOST_LISTED + 2


def test_a_way_is_told_in_words() -> None:
    said = Answer(
        answer="n,w",
        probability=0.98,
        alternatives=(Given("n,e", 0.02),),
        unknown=(),
        seconds=0.001,
    )
    drawn = render.answer(said, 80).plain
    assert "north, west  98.0%" in drawn
    assert "north, east 2.0%" in drawn


def test_that_the_story_does_not_say_it_is_told_in_words() -> None:
    unsaid = replace(ANSWER, answer=render.UNKNOWN, probability=0.9)
    assert "The story does not say.  90.0%" in shown(render.answer(unsaid, 80))
    assert "perhaps not said  30.0%" in shown(render.answer(replace(unsaid, probability=0.3), 80))
    other = replace(ANSWER, alternatives=(Given(render.UNKNOWN, 0.2),))
    assert "not said 20.0%" in shown(render.answer(other, 80))
