"""/watch in a conversation: its number, what it refuses, and its full screen in a terminal."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relmem_cli.chat.commands import slash_commands
from relmem_cli.chat.model.loader import find_models
from relmem_cli.chat.repl import Repl
from relmem_cli.chat.view.theme import Theme, styled_console
from tests.chat.screen import Screen


@pytest.fixture
def say(model_file: Path) -> Callable[[str], str]:
    """What comes of a line."""
    console = styled_console(Theme.plain, file=io.StringIO(), width=80, height=24)
    repl = Repl(
        models=find_models(str(model_file), "cpu"), commands=slash_commands(), console=console
    )

    def take(line: str) -> str:
        with console.capture() as captured:
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
    screen.type("q")
    screen.until("walks | cpu | 2 sentences")
    assert "line 3" not in screen.text
