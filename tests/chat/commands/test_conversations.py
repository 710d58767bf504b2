"""Going from conversation to conversation, and from place to place in a story."""

import json
from pathlib import Path

import pytest

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.conversations import Conversations
from relmem_cli.chat.story.session import Session
from relmem_cli.errors import RelmemError
from tests.chat.commands.test_commands import Chat, rows

MARY, JOHN, ANNA = (
    "Mary went to the kitchen.",
    "John went to the attic.",
    "Anna went to the garden.",
)


class Kept(Chat):
    """A conversation that is kept in a folder as it goes."""

    def __init__(self, reader: Reader, *others: Reader, folder: Path) -> None:
        super().__init__(reader, *others)
        self.conversations = Conversations(folder=folder, record=True)
        self.conversations.add(Session(reader))

    def tell(self, *lines: str) -> "Kept":
        super().tell(*lines)
        self.conversations.keep()
        return self

    def do(self, name: str, argument: str = "") -> str:
        shown = super().do(name, argument)
        self.conversations.keep()
        return shown

    def told(self) -> list[str]:
        return [turn.said.text for turn in self.session.turns]


def in_folder(folder: Path) -> dict[str, list[str]]:
    """What the files hold, by title."""
    kept = [json.loads(path.read_text()) for path in folder.iterdir()]
    return {one.get("title", ""): one["lines"] for one in kept}


def test_the_list_marks_the_present_conversation_and_names_a_title_or_the_first_line(
    reader: Reader, tmp_path: Path
) -> None:
    Kept(reader, folder=tmp_path).tell(JOHN).do("title", "In the  attic")
    chat = Kept(reader, folder=tmp_path).tell(MARY, "Where is Mary?")
    assert rows(chat.do("conversations"))[:2] == [
        ["*", "1", *MARY.split(), "2", "lines", "now"],
        ["2", "In", "the", "attic", "1", "line", "now"],
    ]


def test_without_any_the_list_says_so(reader: Reader, tmp_path: Path) -> None:
    assert "no conversation is kept yet" in Kept(reader, folder=tmp_path).do("conversations")
    with pytest.raises(RelmemError, match="no conversation is kept yet"):
        Kept(reader, folder=tmp_path).do("conversations", "1")


def test_another_conversation_is_gone_on_with_in_its_own_file(
    reader: Reader, tmp_path: Path
) -> None:
    Kept(reader, folder=tmp_path).tell(JOHN).do("title", "attic")
    chat = Kept(reader, folder=tmp_path).tell(MARY)
    assert JOHN in chat.do("conversations", "ATTIC")
    chat.tell(ANNA)
    assert in_folder(tmp_path) == {"attic": [f"1 {JOHN}", f"2 {ANNA}"], "": [f"1 {MARY}"]}
    chat.do("conversations", "2")
    assert chat.told() == [MARY]
    chat.do("undo")
    assert chat.told() == []


def test_a_cleared_story_is_gone_on_with_from_its_file_and_keeps_its_title(
    reader: Reader, tmp_path: Path
) -> None:
    chat = Kept(reader, folder=tmp_path).tell(MARY)
    chat.do("title", "kitchen")
    chat.do("clear")
    assert rows(chat.do("conversations"))[0] == ["1", "kitchen", "1", "line", "now"]
    chat.do("conversations", "1")
    assert chat.told() == [MARY]
    chat.do("clear")
    chat.tell(JOHN)
    assert in_folder(tmp_path) == {"kitchen": [f"1 {MARY}"], "": [f"1 {JOHN}"]}
    assert chat.conversation.title == ""


@pytest.mark.parametrize("wanted", ["0", "2", "nix", "9" * 5000])
def test_a_conversation_that_is_not_there_leaves_the_present_one(
    reader: Reader, tmp_path: Path, wanted: str
) -> None:
    chat = Kept(reader, folder=tmp_path).tell(MARY)
    with pytest.raises(RelmemError, match="there is no conversation"):
        chat.do("conversations", wanted)
    assert chat.told() == [MARY]


def test_a_conversation_is_gone_on_with_by_its_own_model(
    reader: Reader, stranger: Reader, tmp_path: Path
) -> None:
    stranger.source = stranger.name
    Kept(stranger, folder=tmp_path).tell(MARY)
    chat = Kept(reader, stranger, folder=tmp_path)
    chat.do("conversations", "1")
    assert chat.session.reader is stranger


def test_where_nothing_is_kept_those_of_this_chat_are_listed(reader: Reader) -> None:
    chat = Chat(reader).tell(MARY)
    chat.do("fork", "other")
    chat.tell(JOHN)
    assert rows(chat.do("conversations"))[:2] == [
        ["*", "1", "other", "2", "lines", "not", "kept"],
        ["2", *MARY.split(), "1", "line", "not", "kept"],
    ]


def test_a_fork_and_what_it_came_from_both_go_on(reader: Reader, tmp_path: Path) -> None:
    chat = Kept(reader, folder=tmp_path).tell(MARY)
    assert "from here on this is what if" in chat.do("fork", "what if")
    chat.tell(JOHN)
    chat.do("conversations", "2")
    chat.tell(ANNA)
    assert in_folder(tmp_path) == {
        "what if": [f"1 {MARY}", f"2 {JOHN}"],
        "": [f"1 {MARY}", f"2 {ANNA}"],
    }
    chat.do("conversations", "What If")
    chat.do("undo")
    assert chat.told() == [MARY]


def test_a_fork_needs_a_new_name_and_a_story(reader: Reader, tmp_path: Path) -> None:
    chat = Kept(reader, folder=tmp_path)
    with pytest.raises(RelmemError, match="the story is empty"):
        chat.do("fork", "other")
    chat.tell(MARY).do("fork", "other")
    for name, why in (("", "a name is needed"), ("Other", "of that name"), ("7", "a letter")):
        with pytest.raises(RelmemError, match=why):
            chat.do("fork", name)
    with pytest.raises(RelmemError, match="at most 60 characters, not 61"):
        chat.do("title", "x" * 61)


def test_a_title_is_shown_and_kept_without_what_steers_a_terminal(
    reader: Reader, tmp_path: Path
) -> None:
    chat = Kept(reader, folder=tmp_path).tell(MARY)
    assert "no title yet" in chat.do("title")
    chat.do("title", "a\x1b[31m\u202eb")
    assert "the title is: a[31mb" in chat.do("title")
    assert list(in_folder(tmp_path)) == ["a[31mb"]


def test_goto_shows_the_story_as_it_was_and_comes_back(reader: Reader) -> None:
    chat = Chat(reader).tell(MARY, "Mary went to the attic.", JOHN)
    shown = chat.do("goto", "1")
    assert "1  Mary went to the kitchen." in shown
    assert "attic" not in shown
    assert "2 more after this" in shown
    assert "back at the end of the story, after sentence 3" in chat.do("goto")
    assert "this is the end of the story" in chat.do("goto", "3")
    chat.do("goto", "2")
    chat.do("goto", "END")
    assert len(chat.session.turns) == 3


@pytest.mark.parametrize("argument", ["", "end", "x", "0", "2"])
def test_goto_of_no_place_is_refused(reader: Reader, argument: str) -> None:
    chat = Chat(reader).tell(MARY)
    with pytest.raises(RelmemError):
        chat.do("goto", argument)
