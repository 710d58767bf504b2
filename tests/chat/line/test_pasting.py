from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys

from relmem_cli.chat.line.pasting import LEAST_PASTE, join_pastes

ENTER = KeyPress(Keys.ControlM, "\r")


def presses(text: str) -> list[KeyPress]:
    return [KeyPress(character, character) for character in text]


def test_characters_that_nobody_types_so_fast_are_one_paste() -> None:
    line = "a" * LEAST_PASTE
    paste = KeyPress(Keys.BracketedPaste, line)
    read = [*presses(line), ENTER, *presses(line), ENTER]
    assert list(join_pastes(read)) == [paste, ENTER, paste, ENTER]


def test_what_can_have_been_typed_stays_keys() -> None:
    read = [*presses("b" * (LEAST_PASTE - 1)), ENTER, *presses("c"), ENTER]
    assert list(join_pastes(read)) == read


def test_a_paste_that_the_terminal_names_stays_as_it_is() -> None:
    read = [KeyPress(Keys.BracketedPaste, "d" * 1_000), ENTER]
    assert list(join_pastes(read)) == read


def test_the_tabs_of_a_paste_without_brackets_stay_in_its_lines() -> None:
    tab = KeyPress(Keys.ControlI, "\t")
    told, asked = presses("1 Mary went to the kitchen and took the football."), presses("2 Where?")
    read = [*told, ENTER, *asked, tab, *presses("kitchen"), tab, *presses("1"), ENTER]
    line = KeyPress(Keys.BracketedPaste, "2 Where?\tkitchen\t1")
    assert list(join_pastes(read)) == [*told, ENTER, line, ENTER]


def test_a_tab_that_was_typed_is_a_key() -> None:
    read = [*presses("2 Where"), KeyPress(Keys.ControlI, "\t")]
    assert list(join_pastes(read)) == read
