"""What /set changes, for now and for good."""

import pytest

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.view.preferences import Keys
from relmem_cli.chat.view.theme import Theme
from relmem_cli.errors import RelmemError
from tests.chat.commands.test_commands import Chat, named, rows


def test_set_lists_what_there_is_to_choose(reader: Reader) -> None:
    listed = rows(Chat(reader).do("set"))
    assert listed[0] == ["theme", "auto", "auto,", "dark,", "light,", "plain"]
    assert [row[0] for row in listed[:4]] == ["theme", "keys", "slots", "model"]


def test_set_changes_for_now_and_says_how_to_keep_it(reader: Reader) -> None:
    chat = Chat(reader)
    assert "theme is light; /set --save theme keeps that" in chat.do("set", "theme light")
    chat.do("set", "keys  vi")
    chat.do("set", "slots off")
    assert chat.recoloured == [Theme.light]
    assert (chat.preferences.keys, chat.preferences.slots) == (Keys.vi, False)
    assert chat.saved == []


@pytest.mark.parametrize("argument", ["--save slots off", "slots off --save", "slots --save off"])
def test_set_with_save_changes_for_now_and_for_good(reader: Reader, argument: str) -> None:
    chat = Chat(reader)
    assert "chat.slots is off in a file" in chat.do("set", argument)
    assert not chat.preferences.slots
    assert chat.saved == [("slots", "off")]


def test_set_with_save_and_no_value_keeps_what_holds_now(reader: Reader) -> None:
    chat = Chat(reader)
    chat.do("set", "theme plain")
    chat.do("set", "--save theme")
    assert chat.saved == [("theme", "plain")]
    assert "keys is emacs" in chat.do("set", "keys")


def test_set_reads_the_story_into_another_model_and_keeps_what_opens_it(reader: Reader) -> None:
    (other,) = named(reader, "one")
    other.source = "/models/one"
    chat = Chat(reader, other).tell("Mary went to the kitchen.")
    assert "one has read the story" in chat.do("set", "--save model one")
    assert chat.session.reader is other
    assert chat.saved == [("model", "/models/one")]
    with pytest.raises(RelmemError, match="'nix'"):
        chat.do("set", "--save model nix")
    assert len(chat.saved) == 1


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        ("colour red", "/set takes theme, keys, slots, model, not 'colour'"),
        ("theme red", "theme is auto or dark or light or plain, not 'red'"),
        ("keys vi now", "not 'vi now'"),
        ("--save", "say which"),
    ],
)
def test_what_cannot_be_set_is_refused(reader: Reader, argument: str, why: str) -> None:
    chat = Chat(reader)
    with pytest.raises(RelmemError, match=why):
        chat.do("set", argument)
    assert (chat.saved, chat.recoloured) == ([], [])
