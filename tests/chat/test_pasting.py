from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from relmem_cli.chat.line.pasting import LEAST_PASTE, pastes_joined

ENTER = KeyPress(Keys.ControlM, "\r")


def presses(text: str) -> list[KeyPress]:
    return [KeyPress(character, character) for character in text]


def test_characters_that_nobody_types_so_fast_are_one_paste() -> None:
    line = "a" * LEAST_PASTE
    paste = KeyPress(Keys.BracketedPaste, line)
    read = [*presses(line), ENTER, *presses(line), ENTER]
    assert list(pastes_joined(read)) == [paste, ENTER, paste, ENTER]


def test_what_can_have_been_typed_stays_keys() -> None:
    read = [*presses("b" * (LEAST_PASTE - 1)), ENTER, *presses("c"), ENTER]
    assert list(pastes_joined(read)) == read


def test_a_paste_that_the_terminal_names_stays_as_it_is() -> None:
    read = [KeyPress(Keys.BracketedPaste, "d" * 1_000), ENTER]
    assert list(pastes_joined(read)) == read
