import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from pathlib import Path

import pytest
from rich.console import RenderableType

from relmem_cli.chat.commands import SlashCommand, find_command, slash_commands
from relmem_cli.chat.commands.listings import MOST
from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.conversations import Conversation, Conversations
from relmem_cli.chat.story.lines import Utterance, parse_line
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.story_files import split_stories
from relmem_cli.chat.view.preferences import Preferences
from relmem_cli.chat.view.render import Picture
from relmem_cli.chat.view.theme import Theme, styled_console
from relmem_cli.contract import ChatCommand
from relmem_cli.errors import RelmemError
from relmem_cli.stories.story import Story
from tests.chat.conftest import walks


class Chat:
    """A conversation without a terminal."""

    def __init__(
        self,
        reader: Reader,
        *others: Reader,
        plugins: tuple[ChatCommand, ...] = (),
        stories: str = "",
    ) -> None:
        self.preferences = Preferences()
        self.recoloured: list[Theme] = []
        self.copied: list[str] = []
        self.saved: list[tuple[str, str]] = []
        self.conversations = Conversations()
        self.conversations.add(Session(reader))
        self.commands: Mapping[str, SlashCommand] = slash_commands(plugins)
        self.unicode = True
        self.typed = ""
        self.expected: Callable[[str], RenderableType] | None = None
        self.question: RenderableType = ""
        self._stories = split_stories(stories.splitlines())
        self.picture: Picture | None = None
        self._others = {other.name: other for other in others}

    @property
    def conversation(self) -> Conversation:
        present = self.conversations.present
        assert present is not None
        return present

    @property
    def session(self) -> Session:
        return self.conversation.session

    def model_names(self) -> list[str]:
        return list(self._others)

    def models_for(self, story: Sequence[Utterance]) -> list[str]:
        return [
            name
            for name, reader in self._others.items()
            if all(reader.can_read(said) for said in story)
        ]

    def open_model(self, name: str) -> Reader:
        if name not in self._others:
            raise RelmemError(f"there is no model {name!r}.")
        return self._others[name]

    def task_model(self, task: int) -> str:
        return f"model-{task}"

    def test_stories(self, task: int) -> list[list[Utterance]]:
        return self._stories

    def mark(self, right: bool) -> str:
        return "right" if right else "wrong"

    def draw(self, view: RenderableType) -> RenderableType:
        self.picture = Picture(view, self.session.reader.name)
        return view

    def expect(self, question: RenderableType, answered: Callable[[str], RenderableType]) -> None:
        self.question, self.expected = question, answered

    def type(self, text: str) -> None:
        self.typed = text

    def copy(self, text: str) -> None:
        self.copied.append(text)

    def write_lines(self) -> bool:
        return False

    def recolour(self) -> None:
        self.recoloured.append(self.preferences.theme)

    def save_setting(self, name: str, value: str) -> list[str]:
        self.saved.append((name, value))
        return [f"chat.{name} is {value} in a file"]

    def reply(self, text: str) -> str:
        """What is shown to a line that a command waits for."""
        answered, self.expected = self.expected, None
        assert answered is not None
        return shown(answered(text))

    def tell(self, *lines: str) -> "Chat":
        for line in lines:
            parsed = parse_line(line)
            assert isinstance(parsed, list)
            self.session.say(parsed[0])
        return self

    def do(self, name: str, argument: str = "") -> str:
        """What a command shows."""
        return shown(find_command(self.commands, name).run(self, argument) or "")


def shown(what: RenderableType) -> str:
    console = styled_console(Theme.dark, width=80, no_color=True)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


def test_help_lists_every_command_with_its_summary(reader: Reader) -> None:
    shown = Chat(reader).do("help")
    for command in slash_commands().values():
        assert f"/{command.name}" in shown
        assert command.summary in shown


def test_the_commands_that_the_guide_names_are_there() -> None:
    named = "help story undo redo edit editor among clear save save! load goto fork conversations"
    named += " title why memory export export! copy watch model compare params task quiz"
    named += " words examples set quit"
    assert list(slash_commands()) == named.split()


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


def test_words_lists_some_of_a_large_group_and_all_of_one_that_is_named(
    untrained: Callable[..., Reader],
) -> None:
    words = [f"mary{'abcdefghij'[i // 10]}{'abcdefghij'[i % 10]}" for i in range(99)]
    chat = Chat(untrained("relation-slot", [" ".join([*words, "."])]))
    some, all_of_them = chat.do("words"), chat.do("words", "other")
    assert "more: /words other words" in " ".join(some.split())
    assert MOST / 2 < sum(word in some for word in words) <= MOST
    assert all(word in all_of_them for word in words)
    with pytest.raises(RelmemError, match=r"one of other words, or closed or open; not 'verbs'\."):
        chat.do("words", "verbs")


def test_an_empty_story_says_how_to_begin(reader: Reader) -> None:
    assert "the story is empty" in Chat(reader).do("story")


def test_undo_names_what_it_took_back(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.", "John went to the attic.")
    assert "John went to the attic." in chat.do("undo")
    assert "Mary went to the kitchen." in chat.do("undo", "1")
    assert chat.session.turns == []


@pytest.mark.parametrize("argument", ["x", "-1", "1.5", "²", "9" * 5000])
def test_undo_of_what_is_no_number_is_refused(reader: Reader, argument: str) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.")
    with pytest.raises(RelmemError):
        chat.do("undo", argument)
    assert len(chat.session.turns) == 1


def test_among_restricts_the_answers_to_further_questions(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.", "Where is Mary?")
    assert "attic or garden" in chat.do("among", " Attic,garden , attic")
    chat.tell("Where is Mary?")
    first, second = (turn.answer for turn in chat.session.turns if turn.answer)
    assert first.answer == "kitchen"
    assert {second.answer, *(item for item, _ in second.alternatives)} == {"attic", "garden"}
    assert second.probability + second.alternatives[0][1] == pytest.approx(1)
    assert chat.session.why().answer == second
    assert "any answer" in chat.do("among")
    chat.tell("Where is Mary?")
    assert chat.session.turns[-1].answer.answer == "kitchen"


@pytest.mark.parametrize("command", ["clear", "load"])
def test_another_story_may_have_any_answer(reader: Reader, tmp_path: Path, command: str) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.")
    chat.do("among", "attic, garden")
    (tmp_path / "story").write_text("Mary went to the kitchen.\n")
    chat.do(command, "" if command == "clear" else str(tmp_path / "story"))
    assert chat.session.among == ()


@pytest.mark.parametrize(
    ("argument", "fault"),
    [
        ("attic", "one answer leaves no choice"),
        ("attic, the moon", "knows no answer 'the moon'"),
        ("attic, gardn", "knows no answer 'gardn'; did you mean garden"),
    ],
)
def test_among_takes_several_answers_that_the_model_knows(
    reader: Reader, argument: str, fault: str
) -> None:
    chat = Chat(reader)
    with pytest.raises(RelmemError, match=fault):
        chat.do("among", argument)
    assert chat.session.among == ()


def test_clear_begins_a_new_story(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.")
    chat.do("clear")
    assert chat.session.turns == []


def test_redo_puts_back_what_undo_took(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.")
    chat.do("undo")
    assert "put in: Mary went to the kitchen." in chat.do("redo")
    assert len(chat.session.turns) == 1


def test_edit_changes_a_sentence_and_answers_again(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.", "Where is Mary?")
    shown = chat.do("edit", "1 Mary went to the garden.")
    assert "took back: Mary went to the kitchen." in shown
    assert "put in: Mary went to the garden." in shown
    assert "garden" in chat.do("story").splitlines()[1]


def test_edit_without_a_text_has_the_sentence_typed(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.")
    assert chat.do("edit", "1").strip() == ""
    assert chat.typed == "/edit 1 Mary went to the kitchen."


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "x",
        "0",
        "2",
        "1 Where is Mary?",
        "1 /undo",
        "1 ....",
        f"1 {'John went to the attic. ' * 2}",
    ],
)
def test_edit_of_what_is_not_there_or_no_sentence_is_refused(reader: Reader, argument: str) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.")
    with pytest.raises(RelmemError):
        chat.do("edit", argument)
    assert chat.do("story").split() == ["1", "Mary", "went", "to", "the", "kitchen."]


def test_a_saved_story_is_loaded_with_its_questions(reader: Reader, tmp_path: Path) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen", "where is mary", "John went to the attic.")
    told = chat.session.turns
    file = tmp_path / "my story.txt"
    shown = chat.do("save", str(file))
    assert "".join(str(file).split()) in "".join(shown.split())  # a long path is wrapped
    chat.do("clear")
    assert "kitchen" in chat.do("load", str(file))
    assert [turn.said.tokens for turn in chat.session.turns] == [t.said.tokens for t in told]
    assert file.read_text().splitlines()[1] == "2 where is mary?\t"


def test_save_writes_over_no_file_and_no_empty_story(reader: Reader, tmp_path: Path) -> None:
    file = tmp_path / "there.txt"
    with pytest.raises(RelmemError, match="empty"):
        Chat(reader).do("save", str(file))
    file.write_text("mine")
    with pytest.raises(RelmemError, match="already"):
        Chat(reader).tell("Mary went to the kitchen.").do("save", str(file))
    assert file.read_text() == "mine"


def test_save_with_a_mark_writes_over_a_file_and_keeps_its_rights_and_links(
    reader: Reader, tmp_path: Path
) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.")
    file, link = tmp_path / "there.txt", tmp_path / "link.txt"
    file.write_text("mine")
    file.chmod(0o640)
    link.symlink_to(file)
    assert "overwhatitwas" in "".join(chat.do("save!", str(link)).split())
    assert file.read_text() == "1 Mary went to the kitchen.\n"
    assert (file.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)
    assert "overwhat" not in "".join(chat.do("save!", str(tmp_path / "new.txt")).split())
    with pytest.raises(RelmemError, match="no file that can be written over"):
        chat.do("save!", str(tmp_path))
    with pytest.raises(RelmemError, match="empty"):
        Chat(reader).do("save!", str(file))
    assert file.read_text() == "1 Mary went to the kitchen.\n"


def test_copy_sends_the_last_answer_or_the_story(reader: Reader) -> None:
    chat = Chat(reader).tell(
        "Mary went to the kitchen.", "Where is Mary?", "John went to the attic."
    )
    assert "where the terminal allows it (OSC 52): kitchen" in chat.do("copy")
    assert "the story, 3 lines" in chat.do("copy", "story")
    assert chat.copied == [
        "kitchen", "Mary went to the kitchen.\nWhere is Mary?\nJohn went to the attic."
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("argument", "why"), [("", "nothing has been asked"), ("story", "empty"), ("x", "not 'x'")]
)
def test_copy_of_what_is_not_there_is_refused(reader: Reader, argument: str, why: str) -> None:
    chat = Chat(reader)
    with pytest.raises(RelmemError, match=why):
        chat.do("copy", argument)
    assert chat.copied == []


def test_an_editor_in_which_nothing_is_written_tells_nothing(reader: Reader) -> None:
    assert "nothing was written" in Chat(reader).do("editor")


def test_save_makes_no_folder(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(RelmemError, match="there is no folder"):
        Chat(reader).tell("Mary went to the kitchen.").do("save", str(tmp_path / "typo" / "x"))
    assert not list(tmp_path.iterdir())


def test_load_takes_a_story_of_a_babi_file_by_its_number(reader: Reader, tmp_path: Path) -> None:
    lines = ["1 Mary went to the kitchen.", "2 Where is Mary?\tkitchen\t1"]
    lines += ["1 John went to the attic.", "2 Zog slept."]
    file = tmp_path / "qa1_test.txt"
    file.write_text("\n".join(lines))
    chat = Chat(reader)
    assert "Where is Mary?" in chat.do("load", str(file))
    assert chat.session.turns[1].said.truth == "kitchen"
    shown = chat.do("load", f"{file} 2")
    assert "cannot read this" in shown
    assert chat.session.turns[0].said.text == "John went to the attic."
    with pytest.raises(RelmemError, match="stories 1 to 2, not 3"):
        chat.do("load", f"{file} 3")
    with pytest.raises(RelmemError, match="a number from 1 is needed here, not '0'"):
        chat.do("load", f"{file} 0")


def test_a_file_of_which_nothing_can_be_read_leaves_the_story(
    reader: Reader, tmp_path: Path
) -> None:
    (tmp_path / "notes.json").write_text('{"a": 1}\n{"b": 2}\n')
    chat = Chat(reader).tell("Mary went to the kitchen.")
    with pytest.raises(RelmemError, match=r"can read no line of .*notes\.json"):
        chat.do("load", str(tmp_path / "notes.json"))
    assert len(chat.session.turns) == 1


def test_a_file_may_end_in_a_number_or_lie_in_the_home_folder(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    chat = Chat(reader).tell("Mary went to the kitchen.")
    chat.do("save", "~/story 2")
    chat.do("export", "~/story.json")
    assert {file.name for file in tmp_path.iterdir()} == {"story 2", "story.json"}
    chat.do("clear")
    assert "kitchen" in chat.do("load", "~/story 2")


@pytest.mark.parametrize("content", [b"", b"\n \n", b"a\0b", b"/quit"])
def test_load_refuses_what_is_no_story(reader: Reader, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.txt"
    file.write_bytes(content)
    chat = Chat(reader).tell("Mary went to the kitchen.")
    with pytest.raises(RelmemError):
        chat.do("load", str(file))
    with pytest.raises(RelmemError):
        chat.do("load", str(tmp_path / "none.txt"))
    assert len(chat.session.turns) == 1


def test_why_shows_the_answer_and_what_it_was_read_from(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.", "Where is Mary?")
    head, sentence = chat.do("why").splitlines()
    assert head.split() == ["Where", "is", "Mary?", "kitchen"]
    assert "100.0%  1  Mary went to the *kitchen*." in sentence


def test_memory_shows_the_maps_that_there_are_or_the_one_that_is_named(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.", "Where is Mary?")
    both, one = chat.do("memory"), chat.do("memory", "Attention")
    assert "gates: " in both
    assert "attention: " in both
    assert "gates: " not in one
    assert one.split()[:4] == ["attention:", "what", '"Where', "is"]


def test_a_comparison_is_a_picture_and_keeps_its_models_name(
    reader: Reader, stranger: Reader, tmp_path: Path
) -> None:
    chat = Chat(reader, stranger).tell("Mary went to the kitchen.", "Where is Mary?")
    chat.do("why")
    chat.do("compare", stranger.name)
    chat.do("model", stranger.name)
    chat.do("export", str(tmp_path / "x.svg"))
    text = (tmp_path / "x.svg").read_text()
    assert "all&#160;agree&#160;on" in text
    assert "relmem:&#160;walks" in text


def test_a_map_that_there_is_none_of_is_named(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.")
    with pytest.raises(RelmemError, match="variant entnet has no relations"):
        chat.do("memory", "relations")
    with pytest.raises(RelmemError, match="ask one first"):
        chat.do("memory", "attention")
    with pytest.raises(RelmemError, match="'heat'"):
        chat.do("memory", "heat")
    with pytest.raises(RelmemError, match="no map 'x{37}...'"):
        chat.do("memory", "x" * 1_000)
    with pytest.raises(RelmemError, match="story is empty"):
        Chat(reader).do("memory")


def test_a_model_that_shows_something_of_questions_alone_asks_for_one(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("relation-transformer", ["mary slept ."])
    with pytest.raises(RelmemError, match="ask one first"):
        Chat(reader).tell("Mary slept.").do("memory")


def test_export_writes_the_last_picture(reader: Reader, tmp_path: Path) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.", "Where is Mary?")
    chat.do("memory")
    assert "written to" in chat.do("export", str(tmp_path / "memory.html"))
    chat.do("why")
    chat.do("export", str(tmp_path / "why.html"))
    assert "gates: " in (tmp_path / "memory.html").read_text()
    assert "100.0%" in (tmp_path / "why.html").read_text()
    with pytest.raises(RelmemError, match="name is missing"):
        chat.do("export")


@pytest.mark.parametrize("name", ["said.md", "said.json"])
def test_what_export_wrote_is_written_over_when_asked_and_is_no_story(
    reader: Reader, tmp_path: Path, name: str
) -> None:
    chat, file = Chat(reader).tell("Mary went to the kitchen."), str(tmp_path / name)
    chat.do("export", file)
    chat.tell("John went to the attic.")
    with pytest.raises(RelmemError, match="/export! writes over it"):
        chat.do("export", file)
    assert "John" not in Path(file).read_text()
    assert "over what it was" in " ".join(chat.do("export!", file).split())
    assert "John" in Path(file).read_text()
    with pytest.raises(RelmemError, match="/save wrote"):
        chat.do("load", file)
    assert len(chat.session.turns) == 2


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


ASKED = """\
1 Mary went to the kitchen.
2 Where is Mary?\tkitchen\t1
3 John went to the attic.
4 Where is John?\tgarden\t3
"""


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines() if line.strip()]


def test_task_tells_a_story_and_shows_true_answers_where_the_model_is_wrong(reader: Reader) -> None:
    lines = rows(Chat(reader, stories=ASKED).do("task", "1"))
    assert lines[1] == ["Where", "is", "Mary?", "kitchen"]
    assert lines[3][:3] + lines[3][4:] == ["Where", "is", "John?", "true:", "garden"]


def test_task_names_the_model_of_a_task_that_this_one_cannot_read(
    stranger: Reader, reader: Reader
) -> None:
    assert "/model model-7 can" in Chat(stranger, stories=ASKED).do("task", "7 1")


def test_task_takes_a_story_by_its_number_or_at_random(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = Chat(reader, stories=ASKED + "1 Anna went to the attic.\n")
    assert "Mary" in chat.do("task", "1 1")
    assert rows(chat.do("task", "1 2")) == [["1", "Anna", "went", "to", "the", "attic."]]
    for place, who in ((0, "Mary"), (-1, "Anna")):
        monkeypatch.setattr("random.choice", lambda stories, place=place: stories[place])
        assert who in chat.do("task", "1")


@pytest.mark.parametrize("argument", ["", "0", "21", "x", "1 0", "1 2", "1 x"])
def test_task_refuses_what_is_no_task_or_story(reader: Reader, argument: str) -> None:
    chat = Chat(reader, stories=ASKED).tell("Mary went to the kitchen.")
    with pytest.raises(RelmemError):
        chat.do("task", argument)
    assert len(chat.session.turns) == 1


def test_a_quiz_keeps_the_score_of_the_user_and_the_model(reader: Reader) -> None:
    chat = Chat(reader, stories=ASKED)
    begun = chat.do("quiz", "1")
    assert "Where is Mary?" in begun
    assert "John" not in begun
    assert not any(turn.answer for turn in chat.session.turns)
    first = chat.reply(" Kitchen ")
    assert "right you: Kitchen   right the model: kitchen" in first
    assert "you 1, the model 1, of 1" in first
    assert "John went to the attic." in first
    last = chat.reply("garden")
    assert re.search(r"right you: garden   wrong the model: \w+   true: garden", last)
    assert "you win: you 2, the model 1, of 2" in last
    assert last.count("of 2") == 1
    assert chat.expected is None


def test_a_quiz_picks_a_task_that_the_model_can_read(reader: Reader, stranger: Reader) -> None:
    assert "Where is Mary?" in Chat(reader, stories=ASKED).do("quiz")
    with pytest.raises(RelmemError, match="can read no bAbI story"):
        Chat(stranger, stories=ASKED).do("quiz")
    with pytest.raises(RelmemError, match="/model model-3 can"):
        Chat(stranger, stories=ASKED).do("quiz", "3")


def test_a_quiz_without_a_number_is_of_a_task_whose_words_the_model_knows(reader: Reader) -> None:
    class Seventh(Chat):
        def test_stories(self, task: int) -> list[list[Utterance]]:
            return self._stories if task == 7 else split_stories(["1 Zog slept."])

    assert "Where is Mary?" in Seventh(reader, stories=ASKED).do("quiz")


def test_compare_answers_every_question_by_each_model(
    reader: Reader, untrained_for: Callable[[list[Story]], Reader], stranger: Reader
) -> None:
    chat = Chat(reader, untrained_for(walks())).tell("John went to the attic.", "Where is John?")
    lines = rows(chat.do("compare"))
    assert lines[0] == ["question", "walks", "relation-slot"]
    assert lines[2][:4] == ["Where", "is", "John?", "attic"]
    assert lines[-1][:2] == ["all", "agree"]
    assert "cannot read it" in Chat(reader, stranger).tell(
        "John went to the attic.", "Where is John?"
    ).do("compare", "relation-slot")


def named(reader: Reader, *names: str) -> list[Reader]:
    """The same model by other names."""
    others = [copy(reader) for _ in names]
    for other, name in zip(others, names, strict=True):
        other.name = name
    return others


def test_compare_takes_three_models_unless_others_are_named_each_of_them_once(
    reader: Reader,
) -> None:
    chat = Chat(reader, reader, *named(reader, "one", "two", "three"))
    chat.tell("1 Mary went to the kitchen.", "2 Where is Mary?\tkitchen\t1")
    lines = rows(chat.do("compare"))
    assert lines[0] == ["question", "walks", "one", "two"]
    assert lines[2][2:].count("right") == 3
    assert rows(chat.do("compare", "three, one one,walks"))[0] == [
        "question", "walks", "three", "one"
    ]  # fmt: skip
    with pytest.raises(RelmemError, match="no other model"):
        Chat(reader, reader).tell("Where is Mary?").do("compare")


def test_model_says_whether_there_was_a_story_to_read(reader: Reader) -> None:
    chat = Chat(reader, *named(reader, "one"))
    assert "this is one" in chat.do("model", "one")
    chat.tell("Mary went to the kitchen.")
    assert "one has read the story" in chat.do("model", "one")


def test_compare_without_a_question_or_another_model_says_so(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.")
    with pytest.raises(RelmemError, match="nothing has been asked"):
        chat.do("compare")
    with pytest.raises(RelmemError, match="no other model"):
        chat.tell("Where is Mary?").do("compare")


def test_params_counts_what_a_model_has_and_times_the_story(reader: Reader) -> None:
    chat = Chat(reader).tell("Mary went to the kitchen.", "Where is Mary?")
    row = rows(chat.do("params"))[-1]
    assert row[:3] == ["walks", "entnet", f"{reader.parameters:,}"]
    assert row[-1] == row[-3] == "ms"
    assert "tell a story" in Chat(reader).do("params")


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
    assert chat.do("count", "sentences") == "  [red]1[/red] sentences[1m\n"
    assert "count things" in chat.do("help")


def test_a_plugins_command_is_found_whatever_its_case(reader: Reader) -> None:
    chat = Chat(reader, plugins=(plugin(lambda session, argument: "seven", name="Count"),))
    assert chat.do("count") == "  seven\n"


def test_a_plugin_cannot_take_the_name_of_a_built_in_command(reader: Reader) -> None:
    chat = Chat(reader, plugins=(plugin(lambda session, argument: "mine", name="story"),))
    assert "mine" not in chat.do("story")
