"""/watch in a conversation: its number, what it refuses, and its full screen in a terminal."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relmem_cli.chat.commands import slash_commands
from relmem_cli.chat.model.loader import find_models
from relmem_cli.chat.repl import Repl
from relmem_cli.chat.view.theme import Theme, styled_console
from relmem_cli.errors import RelmemError
from tests.chat.screen import Screen


@pytest.fixture
def repl(model_file: Path) -> Repl:
    console = styled_console(Theme.plain, file=io.StringIO(), width=80, height=24)
    return Repl(
        models=find_models(str(model_file), "cpu"), commands=slash_commands(), console=console
    )


@pytest.fixture
def say(repl: Repl) -> Callable[[str], str]:
    """What comes of a line."""

    def take(line: str) -> str:
        with repl._console.capture() as captured:
            repl.take(line)
        return captured.get()

    return take


def test_with_a_number_it_shows_the_memory_after_so_many_lines(say: Callable[[str], str]) -> None:
    say("Mary went to the kitchen. Mary went to the attic. Where is Mary?")
    assert "Where is Mary?  kitchen" in say("/watch 1")
    assert "Where is Mary?  attic" in say("/watch 2")
    assert "walks  line 3 of 3" in say("/watch 3")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/watch 2", "the story has 1 line, questions among them, not 2"),
        ("/watch x", "a number from 1 is needed here, not 'x'"),
        ("/watch", "there is no full screen here; /watch N"),
    ],
)
def test_what_it_cannot_show_is_told(say: Callable[[str], str], typed: str, told: str) -> None:
    say("Mary went to the kitchen.")
    assert told in say(typed)


def test_on_the_full_screen_commands_change_the_story(repl: Repl) -> None:
    def after(line: str) -> list[str]:
        assert repl._hear(line) == ""
        return [said.text for said in repl.session.sentences]

    assert after("Mary went to the kitchen. Mary went to the attic.")[1:] == [
        "Mary went to the attic."
    ]
    assert after("/undo") == ["Mary went to the kitchen."]
    assert after("/edit 1 Mary went to the garden.") == ["Mary went to the garden."]
    assert after("/undo 2") == []
    assert after("/redo") == ["Mary went to the kitchen."]
    assert repl._hear("/edit 1") == "/edit 1 Mary went to the kitchen."
    assert repl._typed == ""
    after("Where is Mary?")
    after("?")
    assert [turn.said.text for turn in repl.session.turns[1:]] == ["Where is Mary?"] * 2
    assert after("/clear") == []


@pytest.mark.parametrize("line", ["/q", "/quit", "exit", "quit"])
def test_the_full_screen_is_left_by_name_too(repl: Repl, line: str) -> None:
    with pytest.raises(EOFError):
        repl._hear(line)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/help", "/help needs the chat (q leaves); /undo, /redo, /edit, /clear work here."),
        ("help", "/help needs the chat"),
        ("/model other", "/model needs the chat"),
        ("/undo", "there is nothing to undo."),
        ("/edit 7 Mary slept.", "there is no sentence 7"),
        ("?", "nothing has been asked yet"),
    ],
)
def test_what_cannot_be_done_on_the_full_screen_is_told_and_is_no_sentence(
    repl: Repl, line: str, told: str
) -> None:
    with pytest.raises(RelmemError, match=re.escape(told)):
        repl._hear(line)
    assert not repl.session.turns


@pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
def test_in_a_terminal_a_story_is_told_on_the_full_screen_and_goes_on_in_chat(
    start: Callable[..., Any],
) -> None:
    child = start("--no-history", size=(15, 40), PROMPT_TOOLKIT_NO_CPR="0")
    screen = Screen(child, (15, 40))
    screen.type("Mary went to the kitchen.\r")
    screen.until("| 1 sentence")
    screen.type("/watch\r")
    screen.until("line 1 of 1", "▶  1 Mary went to the kitchen.")
    screen.type("Mary went to the attic. Where is Mary?\r")
    screen.until("line 3 of 3", "Where is Mary?  attic")
    screen.resize(24, 80)
    screen.until("q: leave", "slot        gate")
    screen.type("/undo\r")
    screen.until("line 1 of 1", "▶  1 Mary went to the kitchen.")
    screen.type("/help\r")
    screen.until("/help needs the chat")
    screen.type("/q\r")
    screen.until("walks | cpu | 1 sentence")
    assert "line 3" not in screen.text
