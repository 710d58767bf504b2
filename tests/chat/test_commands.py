from collections.abc import Callable, Mapping

import pytest
from rich.console import Console

from relmem_cli.chat.commands import SlashCommand, find_command, slash_commands
from relmem_cli.chat.lines import parse_line
from relmem_cli.chat.reader import Reader
from relmem_cli.chat.session import Session
from relmem_cli.contract import ChatCommand
from relmem_cli.errors import RelmemError


class Chat:
    """A conversation without a terminal."""

    def __init__(
        self, reader: Reader, *others: Reader, plugins: tuple[ChatCommand, ...] = ()
    ) -> None:
        self.session = Session(reader)
        self.commands: Mapping[str, SlashCommand] = slash_commands(plugins)
        self.unicode = True
        self._others = {other.name: other for other in others}

    def model_names(self) -> list[str]:
        return list(self._others)

    def open_model(self, name: str) -> Reader:
        if name not in self._others:
            raise RelmemError(f"there is no model {name!r}.")
        return self._others[name]

    def tell(self, *lines: str) -> "Chat":
        for line in lines:
            parsed = parse_line(line)
            assert isinstance(parsed, list)
            self.session.say(parsed[0])
        return self

    def do(self, name: str, argument: str = "") -> str:
        """What a command shows."""
        console = Console(width=80, no_color=True)
        with console.capture() as capture:
            console.print(find_command(self.commands, name).run(self, argument) or "")
        return capture.get()


def test_help_lists_every_command_with_its_summary(reader: Reader) -> None:
    shown = Chat(reader).do("help")
    for command in slash_commands().values():
        assert f"/{command.name}" in shown
        assert command.summary in shown


def test_the_commands_that_the_guide_names_are_there() -> None:
    assert list(slash_commands()) == ["help", "story", "undo", "clear", "why", "model", "quit"]


def test_story_shows_sentences_by_number_and_questions_with_answers(reader: Reader) -> None:
    chat = Chat(reader).tell(
        "Mary went to the kitchen.", "Where is Mary?", "John went to the attic."
    )
    lines = [line.split() for line in chat.do("story").splitlines()]
    assert lines == [
        ["1", "Mary", "went", "to", "the", "kitchen."],
        ["Where", "is", "Mary?", "kitchen"],
        ["2", "John", "went", "to", "the", "attic."],
    ]


def test_an_empty_story_says_how_to_begin(reader: Reader) -> None:
    assert "the story is empty" in Chat(reader).do("story")


def test_undo_names_what_it_took_back(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.", "John went to the attic.")
    assert "John went to the attic." in chat.do("undo")
    assert "Mary went to the kitchen." in chat.do("undo", "1")
    assert chat.session.turns == ()


@pytest.mark.parametrize("argument", ["x", "-1", "1.5", "²", "9" * 5000])
def test_undo_of_what_is_no_number_is_refused(reader: Reader, argument: str) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.")
    with pytest.raises(RelmemError):
        chat.do("undo", argument)
    assert len(chat.session.turns) == 1


def test_clear_begins_a_new_story(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.")
    chat.do("clear")
    assert chat.session.turns == ()


def test_why_lists_sentences_with_a_bar_and_a_share(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.", "Where is Mary?")
    assert "████████  100.0%  1  Mary went to the kitchen." in chat.do("why")


def test_why_has_bars_where_a_terminal_has_ascii_only(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.", "Where is Mary?")
    chat.unicode = False
    assert "########  100.0%" in chat.do("why")
    assert chat.do("why").isascii()


def test_why_sums_up_the_sentences_of_a_long_story(reader: Reader) -> None:
    chat = Chat(reader).tell(*["Mary went to the kitchen."] * 30, "Where is Mary?")
    shown = chat.do("why").splitlines()
    assert len(shown) == 22
    assert shown[-1].rstrip().endswith("10 more")


def test_model_alone_lists_the_models_and_marks_the_present_one(
    reader: Reader, stranger: Reader
) -> None:
    lines = Chat(reader, stranger, reader).do("model").splitlines()
    assert [line.split() for line in lines] == [["relation-slot"], ["*", "walks"]]


def test_model_reads_the_story_into_another_and_lists_what_it_cannot_read(
    reader: Reader, stranger: Reader
) -> None:
    chat = Chat(reader, stranger).tell("Mary went to the kitchen.", "Mary went to the attic.")
    assert "relation-slot cannot read: Mary went to the attic." in chat.do("model", "relation-slot")
    assert chat.session.reader is stranger
    assert "cannot read this" in chat.do("story")


def test_a_model_that_is_not_there_leaves_the_present_one(reader: Reader) -> None:
    chat = Chat(reader)
    with pytest.raises(RelmemError, match="'nix'"):
        chat.do("model", "nix")
    assert chat.session.reader is reader


def test_quit_leaves(reader: Reader) -> None:
    with pytest.raises(EOFError):
        Chat(reader).do("quit")


def test_an_unknown_command_names_the_nearest_one(reader: Reader) -> None:
    with pytest.raises(RelmemError, match="/story"):
        Chat(reader).do("storry")
    with pytest.raises(RelmemError, match="/help"):
        Chat(reader).do("xyzzy")


def plugin(run: Callable[[Session, str], str], name: str = "count") -> ChatCommand:
    return ChatCommand(name=name, summary="count things", run=run)


def test_a_plugins_command_shows_its_text_as_text(reader: Reader) -> None:
    counted = plugin(lambda session, argument: f"[red]{len(session.turns)}[/red] {argument}\x1b[1m")
    chat = Chat(reader, plugins=(counted,)).tell("Mary went to the kitchen.")
    assert chat.do("count", "sentences") == "[red]1[/red] sentences[1m\n"
    assert "count things" in chat.do("help")


def test_a_plugin_cannot_take_the_name_of_a_built_in_command(reader: Reader) -> None:
    chat = Chat(reader, plugins=(plugin(lambda session, argument: "mine", name="story"),))
    assert "mine" not in chat.do("story")
