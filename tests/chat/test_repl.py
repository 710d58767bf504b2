import io
import json
import signal
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from relmem_cli.chat.commands import slash_commands
from relmem_cli.chat.model.loader import Background, Models
from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.repl import Repl
from relmem_cli.chat.story.autosave import Saved, latest_conversation
from relmem_cli.chat.story.conversations import Conversations
from relmem_cli.chat.story.log import Log
from relmem_cli.chat.story.story_files import split_stories
from relmem_cli.chat.story.word_lookup import lexicon_of
from relmem_cli.chat.view.panels import Panels
from relmem_cli.chat.view.preferences import Preferences
from relmem_cli.chat.view.theme import Theme, styled_console
from relmem_cli.contract import ChatCommand, ChatPanel
from relmem_cli.errors import RelmemError
from relmem_cli.library import NoModelError
from relmem_cli.training.checkpoints import TrainedModel


class Talk:
    """A REPL that is given lines in place of a prompt.

    typed    what each line began with
    waiting  what waited in grey beside each
    """

    def __init__(
        self,
        reader: Reader,
        load: "Callable[[], Reader] | None" = None,
        plugins: Iterable[ChatCommand] = (),
        *,
        slots: bool = False,
        folder: Path | None = None,
        **more: Any,
    ) -> None:
        self.out = io.StringIO()
        self.typed: list[str] = []
        self.waiting: list[str] = []
        self.models = Models(
            name="walks",
            lexicon=lexicon_of(reader.card),
            first=Background(load or (lambda: reader)),
            open=lambda name: reader,
        )
        self.repl = Repl(
            models=self.models,
            commands=slash_commands(plugins),
            console=styled_console(Theme.dark, file=self.out, width=80),
            preferences=Preferences(slots=slots),
            conversations=Conversations(folder=folder, record=folder is not None),
            **more,
        )

    def say(self, *lines: str | type[BaseException]) -> str:
        """What was shown; an exception stands for the key that raises it."""
        rest = iter([*lines, EOFError])

        def ask(typed: str, refused: str) -> str:
            self.typed.append(typed)
            self.waiting.append(refused)
            line = next(rest)
            if isinstance(line, str):
                return line
            raise line

        self.repl.run(ask)
        return self.out.getvalue()


@pytest.fixture
def talk(reader: Reader) -> Talk:
    return Talk(reader)


def test_a_question_shows_its_answer(talk: Talk) -> None:
    assert talk.say("Mary went to the kitchen.", "Where is Mary?").startswith("  kitchen  9")


def test_several_lines_are_read_in_order(talk: Talk) -> None:
    shown = talk.say("Mary went to the kitchen.\n\nWhere is Mary?\nJohn went to the attic.")
    assert shown.startswith("  kitchen")
    assert len(talk.repl.session.sentences) == 2


def test_after_a_sentence_a_line_shows_the_slots_that_it_opened_and_their_words(
    reader: Reader,
) -> None:
    shown = Talk(reader, slots=True).say("Mary went to the kitchen.", "Where is Mary?")
    strip, answer = shown.splitlines()
    assert answer.startswith("  kitchen")
    drawn, words = strip.strip().split("  ")
    assert len(drawn) == 5
    assert set(words.split(", ")) <= set(reader.vocabulary.items)


def test_of_several_lines_only_the_last_shows_what_it_opened(reader: Reader) -> None:
    told = "Mary went to the kitchen.\nJohn went to the attic. Mary went to the attic."
    assert Talk(reader, slots=True).say(told).count("\n") == 2
    assert Talk(reader, slots=True).say(f"{told}\nWhere is Mary?").count("\n") == 1


def test_a_variant_without_slots_shows_after_an_answer_which_sentences_it_read(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("relation-transformer", ["mary slept .", "is mary ?"])
    assert Talk(reader, slots=True).say("Mary slept. Mary slept.") == ""
    answer, strip = Talk(reader, slots=True).say("Mary slept. Mary slept. Is Mary?").splitlines()
    assert "█" in strip
    assert "2 Mary slept" in strip
    assert "█" not in answer
    assert Talk(reader, slots=False).say("Mary slept. Is Mary?").count("\n") == 1
    assert Talk(reader, slots=True).say("Is Mary?").count("\n") == 1


def test_a_line_with_an_unknown_word_is_not_read_and_waits(talk: Talk) -> None:
    shown = talk.say("Mary went to the kitchn.")
    assert shown == "  not read: the model does not know 'kitchn' (kitchen?).\n"
    assert talk.waiting == ["", "Mary went to the kitchn."]
    assert talk.typed == ["", ""]
    assert talk.repl.session.turns == []


def test_everyday_spelling_is_read_and_shown_in_the_models_words(talk: Talk) -> None:
    shown = talk.say('"Mary" went to the kitchen! Where\'s Mary?', "/story")
    assert "kitchen  9" in shown
    assert "1  Mary went to the kitchen.\n" in shown
    assert "Where is Mary?" in shown
    talk.say("/edit 1 Mary, went to the garden!")
    assert talk.repl.sentences() == ["Mary went to the garden."]


@pytest.mark.parametrize("line", ["exit", "quit", " Quit ", "/exit", "/quit"])
def test_a_word_that_leaves_other_programs_leaves_chat(talk: Talk, line: str) -> None:
    talk.say(line, "Mary went to the kitchen.")
    assert len(talk.waiting) == 1


def test_help_alone_on_a_line_is_obeyed_but_not_in_a_sentence(talk: Talk) -> None:
    assert "/undo" in talk.say("help")
    assert "not read" in talk.say("exit the kitchen")


def test_another_command_without_its_slash_is_named(talk: Talk) -> None:
    assert talk.say("undo").endswith("The command is /undo.\n")


def test_lines_after_one_that_cannot_be_read_come_back_with_it(talk: Talk) -> None:
    talk.say("Mary went to the kitchen.\nZog slept.\nWhere is Mary?")
    assert talk.waiting[-1] == "Zog slept.\nWhere is Mary?"
    assert len(talk.repl.session.sentences) == 1


def test_a_line_of_several_sentences_is_read_as_a_whole_or_not(talk: Talk) -> None:
    talk.say("Mary went to the kitchen. Zog slept.")
    assert talk.repl.session.turns == []


def test_ctrl_c_drops_the_line_that_waits(talk: Talk) -> None:
    talk.say("Zog slept.", KeyboardInterrupt)
    assert talk.waiting == ["", "Zog slept.", ""]


def test_line_1_of_a_babi_story_says_that_a_story_begins(talk: Talk) -> None:
    shown = talk.say("Mary went to the kitchen.", "1 John went to the garden.")
    assert shown == "  new story\n"
    assert len(talk.repl.session.sentences) == 1


def test_the_first_story_is_no_new_one(talk: Talk) -> None:
    assert talk.say("1 Mary went to the kitchen.") == ""


def test_an_answer_takes_one_line_of_a_narrow_window(talk: Talk) -> None:
    repl, out = another(talk, width=30)
    repl.take("Mary went to the kitchen. Where is Mary?")
    assert out().count("\n") == 1


def another(talk: Talk, encoding: str = "utf-8", **options: Any) -> tuple[Repl, Callable[[], str]]:
    """A conversation at another terminal, and what it shows."""
    data = io.BytesIO()
    file = io.TextIOWrapper(data, encoding=encoding, write_through=True)
    console = styled_console(Theme.dark, file=file, **options)
    repl = Repl(
        models=talk.models,
        commands=slash_commands(),
        console=console,
        preferences=Preferences(slots=False),
    )
    return repl, lambda: data.getvalue().decode(encoding)


def test_right_and_wrong_have_marks_that_the_terminal_can_show(talk: Talk) -> None:
    assert [talk.repl.mark(right) for right in (True, False)] == ["✓", "✗"]
    ascii_only, _ = another(talk, encoding="ascii")
    assert [ascii_only.mark(right) for right in (True, False)] == ["+", "-"]


def test_a_panel_is_shown_after_what_it_is_for(reader: Reader) -> None:
    count = ChatPanel(name="n", summary="", show=lambda session: f"{len(session.turns)} said")
    shown = Talk(reader, panels=Panels([count])).say("Mary went to the kitchen.", "Where is Mary?")
    assert shown.splitlines()[1:] == ["  2 said"]


def test_help_and_why_a_paste_was_refused_are_printed(talk: Talk) -> None:
    talk.repl.refuse("too [red]much")
    talk.repl.show_help()
    first, *rest = talk.out.getvalue().splitlines()
    assert first == "  too [red]much"
    assert any("/undo" in line for line in rest)


def test_an_endless_command_is_named_by_its_beginning(talk: Talk) -> None:
    assert len(talk.say("/" + "z" * 1_000)) < 200


def test_sentences_to_edit_are_those_that_edit_counts(talk: Talk) -> None:
    talk.say("Mary went to the kitchen.", "Where is Mary?", "John went to the attic.")
    assert talk.repl.sentences() == ["Mary went to the kitchen.", "John went to the attic."]


def test_a_command_that_fails_says_why_in_one_line(talk: Talk) -> None:
    assert talk.say("/why") == "  /why: nothing has been asked yet: ask a question first.\n"


def test_an_unknown_command_is_no_sentence(talk: Talk) -> None:
    assert talk.say("/storry") == "  /storry: there is no such command; did you mean /story?\n"
    assert talk.repl.session.turns == []


def test_quit_leaves(talk: Talk) -> None:
    talk.say("/quit", "Mary went to the kitchen.")
    assert len(talk.waiting) == 1


def broken(session: object, argument: str) -> str:
    raise ValueError("no such\n\x1b[31mcolour")


def test_a_plugins_command_that_raises_costs_one_line(reader: Reader) -> None:
    talk = Talk(reader, plugins=[ChatCommand(name="paint", summary="paint", run=broken)])
    shown = talk.say("Mary went to the kitchen.", "/paint red", "Where is Mary?")
    assert shown.splitlines()[0] == "  /paint: ValueError: no such [31mcolour"
    assert shown.splitlines()[1].startswith("  kitchen")


@pytest.mark.parametrize(
    "error", [SystemExit(0), KeyboardInterrupt(), GeneratorExit(), EOFError(), StopIteration()]
)
def test_a_plugins_command_that_raises_what_would_end_chat_costs_one_line(
    reader: Reader, error: BaseException
) -> None:
    def end(*_: object) -> str:
        raise error

    talk = Talk(reader, plugins=[ChatCommand(name="paint", summary="paint", run=end)])
    shown = talk.say("Mary went to the kitchen.", "/paint", "Where is Mary?").splitlines()
    assert shown[0].startswith(f"  /paint: {type(error).__name__}")
    assert shown[1].startswith("  kitchen  9")


def test_ctrl_c_stops_a_plugins_command(reader: Reader) -> None:
    def paint(*_: object) -> str:
        signal.raise_signal(signal.SIGINT)
        return "painted"

    talk = Talk(reader, plugins=[ChatCommand(name="paint", summary="paint", run=paint)])
    assert talk.say("/paint") == "  stopped; Up brings the line back\n"


def test_a_plugins_command_that_returns_no_text_costs_one_line(reader: Reader) -> None:
    wrong = ChatCommand(name="paint", summary="paint", run=lambda session, argument: 7)  # type: ignore[arg-type,return-value]
    assert "TypeError: returned int; expected text" in Talk(reader, plugins=[wrong]).say("/paint")


def test_with_debug_a_plugins_error_is_raised(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELMEM_DEBUG", "1")
    talk = Talk(reader, plugins=[ChatCommand(name="paint", summary="paint", run=broken)])
    with pytest.raises(ValueError, match="no such"):
        talk.say("/paint")


def test_a_model_that_raises_does_not_end_the_conversation(
    untrained: Callable[..., Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = untrained("entnet", ["mary slept .", "is mary ?"])
    monkeypatch.setattr(reader._model, "answer", broken)
    shown = Talk(reader).say("Mary slept.", "Is mary?", "/story")
    assert "not answered: ValueError: no such [31mcolour" in shown
    assert "1  Mary slept." in shown


def fail() -> Reader:
    raise RelmemError("no such device")


def test_a_model_that_cannot_be_loaded_ends_the_conversation(reader: Reader) -> None:
    with pytest.raises(RelmemError, match="no such device"):
        Talk(reader, fail).say("Mary went to the kitchen.")
    with pytest.raises(RelmemError, match="no such device"):
        Talk(reader, fail).say("/why")


def test_help_does_not_wait_for_the_model(reader: Reader) -> None:
    assert "/undo" in Talk(reader, fail).say("/help")


def test_the_toolbar_says_what_is_loaded_and_how_much_was_told(talk: Talk) -> None:
    assert talk.repl.status_line() == "walks | loading..."
    talk.models.first.result()
    assert talk.repl.status_line() == "walks | cpu | 0 sentences"
    talk.say("Mary went to the kitchen.")
    assert talk.repl.status_line() == "walks | cpu | 1 sentence"
    talk.say("/among attic, garden")
    assert talk.repl.status_line() == "walks | cpu | 1 sentence | among attic, garden"


def test_words_can_be_completed_before_the_model_is_there(reader: Reader) -> None:
    assert Talk(reader, fail).repl.lexicon().words_beginning("", "kit") == ["kitchen"]


def test_after_another_model_its_words_are_completed(reader: Reader, stranger: Reader) -> None:
    talk = Talk(reader, lambda: stranger)
    talk.say("/story")
    assert talk.repl.lexicon().words_beginning("", "att") == []
    talk.say("/model walks")
    assert talk.repl.lexicon().words_beginning("", "att") == ["attic"]


def test_a_question_mark_alone_asks_the_last_question_again(talk: Talk) -> None:
    shown = talk.say("Where is Mary?", "Mary went to the kitchen.", "?", " ?\x00 ")
    assert shown.count("  Where is Mary?\n") == 2
    asked = [turn.said.text for turn in talk.repl.session.turns if turn.answer]
    assert asked == ["Where is Mary?"] * 3


def test_a_question_mark_alone_says_where_nothing_was_asked(talk: Talk) -> None:
    assert "nothing has been asked yet" in talk.say("Mary went to the kitchen.", "?")


def test_a_question_of_a_loaded_story_is_asked_again_within_that_story(talk: Talk) -> None:
    talk.say("1 Where is Mary?\tkitchen", "?")
    first, again = talk.repl.session.turns
    assert first.said.truth == "kitchen"
    assert (again.said.text, again.said.truth) == ("Where is Mary?", "")


def test_words_are_completed_by_what_followed_them_in_training(reader: Reader) -> None:
    card = replace(
        reader.card,
        record={"follows": {"the": ["garden"]}},
        vocabulary=replace(reader.vocabulary),
    )
    other = Reader(TrainedModel(card=card, model=reader._model), name="other")
    talk = Talk(reader)
    first = lexicon_of(replace(reader.card, record={"follows": {"the": ["attic"]}}))
    talk.models = replace(talk.models, lexicon=first, open=lambda name: other)
    repl, _ = another(talk)
    assert repl.lexicon().words_beginning("to the ", "") == ["attic"]
    repl.take("/model other")
    assert repl.lexicon().words_beginning("to the ", "") == ["garden"]


STORY = ["1 Mary went to the kitchen.", "2 Where is Mary?\tkitchen\t1"]
STORY += ["3 John went to the attic.", "4 Where is John?\tattic\t3"]


def test_what_is_typed_in_a_quiz_is_an_answer(reader: Reader) -> None:
    talk = Talk(reader, test_stories=lambda task: split_stories(STORY))
    shown = talk.say("/quiz 1", " ", "\x1b[31mkitchen", "nowhere", "Anna went to the attic.")
    assert "you: [31mkitchen" in shown
    assert "you: nowhere" in shown
    assert "of 2; /quiz is another one" in shown
    assert talk.repl.session.sentences[-1].text == "Anna went to the attic."


def test_a_quiz_goes_on_after_a_look_and_a_question_mark_shows_its_question(
    reader: Reader,
) -> None:
    talk = Talk(reader, test_stories=lambda task: split_stories(STORY))
    before = talk.say("/quiz 1").count("Where is Mary?")
    shown = talk.say("/story", "?", "kitchen")
    assert shown.count("Where is Mary?") == before + 1
    assert "you: kitchen" in shown


@pytest.mark.parametrize("asked", ["Where is Mary?", "where is mary", "Who is in the attic?"])
def test_a_question_is_no_answer_to_a_quiz(reader: Reader, asked: str) -> None:
    talk = Talk(reader, test_stories=lambda task: split_stories(STORY))
    talk.say("/quiz 1")
    shown = talk.say(asked)
    assert "here the question is for you" in shown
    assert "Where is Mary?" in shown
    assert "you:" not in shown
    assert "you: kitchen?" in talk.say("kitchen?")


def test_what_was_not_read_or_done_is_logged_with_its_reason(
    reader: Reader, tmp_path: Path
) -> None:
    log = Log(tmp_path / "log.jsonl", warn=pytest.fail)
    talk = Talk(reader, log=log, test_stories=lambda task: split_stories(STORY))
    talk.say("Zog slept.", "/nonsense", "/undo 7", "/quiz 1", "kitchen")
    kept = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    shown = [(each["kind"], each["text"], bool(each["error"])) for each in kept]
    assert shown[:4] == [
        ("sentence", "Zog slept.", True),
        ("command", "/nonsense", True),
        ("command", "/undo 7", True),
        ("command", "/quiz 1", False),
    ]
    assert shown[4][:2] == ("question", "Where is Mary?")
    assert kept[4]["answer"]


def test_the_toolbar_counts_what_is_brought_back_before_the_model_is_there(
    reader: Reader,
) -> None:
    story = split_stories(["Mary went to the kitchen.", "Where is Mary?"])[0]
    saved = Saved(model="walks", story=story, path=Path("x"), changed=0)
    talk = Talk(reader, saved=saved)
    talk.models.first.start()
    talk.models.first.result()
    assert talk.repl.status_line().endswith("| 1 sentence")
    assert talk.repl.sentences() == ["Mary went to the kitchen."]


def test_a_quiz_whose_answer_fails_or_is_stopped_asks_it_again(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Talk(reader, test_stories=lambda task: split_stories(STORY))
    for error in (ValueError("broken"), KeyboardInterrupt()):

        def fail(*_: object, error: BaseException = error) -> None:
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(reader, "answer", fail)
            talk.say("/quiz 1", "kitchen")
        assert "you: kitchen" in talk.say("kitchen")


def test_another_model_does_not_end_a_quiz(reader: Reader) -> None:
    talk = Talk(reader, test_stories=lambda task: split_stories(STORY))
    shown = talk.say("/quiz 1", "/model other", "kitchen")
    assert "the quiz is over" not in shown
    assert "you: kitchen" in shown


def test_a_variant_that_cannot_explain_itself_reads_the_rest_of_the_line(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("nothing to see")

    monkeypatch.setattr(reader, "gates", fail)
    shown = Talk(reader, slots=True).say("Mary went to the kitchen. Where is Mary?")
    assert "what was opened cannot be shown: ValueError: nothing to see" in shown
    assert "kitchen  9" in shown


def test_that_a_variant_cannot_explain_itself_is_told_once_a_story(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("relation-slot", ["mary went home .", "where is mary ?"])
    reader._model.explain = lambda *_: []
    talk = Talk(reader, slots=True)
    lines = ["Mary went home.", "Where is Mary?", "Mary went home.", "Where is Mary?"]
    told = [talk.say(line).count("cannot be shown") for line in lines]
    assert told == [1, 1, 1, 1]
    talk.say("/clear")
    assert [talk.say(line).count("cannot be shown") for line in lines] == [2, 2, 2, 2]
    assert talk.say("/clear", lines[0] + "\n" + lines[1]).count("cannot be shown") == 3


def test_leaving_is_logged(reader: Reader, tmp_path: Path) -> None:
    Talk(reader, log=Log(tmp_path / "log.jsonl", warn=pytest.fail)).say("/quit")
    (kept,) = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert (kept["text"], kept["error"]) == ("/quit", None)


def test_a_change_of_the_story_ends_a_quiz_and_says_so(reader: Reader) -> None:
    talk = Talk(reader, test_stories=lambda task: split_stories(STORY))
    shown = talk.say("/quiz 1", "/clear", "Where is Mary?")
    assert "the quiz is over" in shown
    assert "you:" not in shown
    assert talk.repl.session.turns[-1].said.text == "Where is Mary?"


def test_an_edit_with_an_unknown_word_waits_to_be_mended(talk: Talk) -> None:
    talk.say("Mary went to the kitchen.", "/edit 1 Mary went to the kitchn.")
    assert talk.waiting[-1] == "/edit 1 Mary went to the kitchn."


def test_lines_after_a_command_that_waits_to_be_mended_wait_with_it(talk: Talk) -> None:
    talk.say("Mary went to the kitchen.\n/edit 1 Zog slept.\nWhere is Mary?")
    assert talk.waiting[-1] == "/edit 1 Zog slept.\nWhere is Mary?"
    talk.say("/edit 1\n/story")
    assert talk.typed[-1] == "/edit 1 Mary went to the kitchen.\n/story"


def test_a_line_that_is_stopped_is_named_and_the_conversation_goes_on(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Talk(reader)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(reader, "answer", stop)
        shown = talk.say("Mary went to the kitchen.", "Where is Mary?")
    assert "stopped; Up brings the line back" in shown
    assert len(talk.repl.session.turns) == 1
    assert "kitchen  9" in talk.say("Where is Mary?")


def test_a_command_that_takes_nothing_refuses_what_follows_it(talk: Talk) -> None:
    assert "/why: /why stands alone; '3' is too much." in talk.say("/why 3")


def test_a_chat_without_babi_says_so(reader: Reader) -> None:
    assert "/task: there are no bAbI stories here." in Talk(reader).say("/task 1")


def test_edit_has_the_sentence_typed_at_the_next_prompt(talk: Talk) -> None:
    talk.say("Mary went to the kitchen.", "/edit 1", "Where is Mary?")
    assert talk.typed == ["", "", "/edit 1 Mary went to the kitchen.", ""]


def test_a_conversation_is_kept_with_the_model_that_is_talked_to(
    reader: Reader, stranger: Reader, tmp_path: Path
) -> None:
    talk = Talk(reader, lambda: stranger, folder=tmp_path)
    talk.say("Mary went to the kitchen.")
    assert latest_conversation(tmp_path).model == "relation-slot"
    talk.say("/model walks")
    assert latest_conversation(tmp_path).model == "walks"


def test_a_conversation_is_kept_after_every_line_and_can_be_gone_on_with(
    reader: Reader, tmp_path: Path
) -> None:
    talk = Talk(reader, folder=tmp_path)
    talk.say("Mary went to the kitchen.\nZog slept.", KeyboardInterrupt)
    assert len(latest_conversation(tmp_path).story) == 1
    talk.say("Where is Mary?", "/quit")
    again = Talk(reader, saved=latest_conversation(tmp_path))
    again.say("/undo", "/redo")
    assert [turn.said.text for turn in again.repl.session.turns] == [
        "Mary went to the kitchen.",
        "Where is Mary?",
    ]


def edited(monkeypatch: pytest.MonkeyPatch, *texts: str) -> list[str]:
    """Has the editor leave these texts; returns what it was given."""
    given: list[str] = []
    left = iter(texts)
    monkeypatch.setattr(
        "relmem_cli.chat.state.edit_text", lambda text: given.append(text) or next(left)
    )
    return given


def test_what_is_written_in_an_editor_is_read_like_a_paste(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = edited(monkeypatch, "Mary went to the kitchen.\nZog slept.\nWhere is Mary?", "\n")
    talk.say("/editor")
    assert talk.waiting[-1] == "Zog slept.\nWhere is Mary?"
    assert len(talk.repl.session.turns) == 1
    talk.say("/editor")
    assert given == ["", "Zog slept.\nWhere is Mary?"]


def test_lines_after_editor_follow_what_was_written(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(monkeypatch, "Mary went to the kitchen.\nJohn went to the attic.")
    talk.say("/editor\nMary went to the garden.")
    assert talk.repl.sentences()[1:] == ["John went to the attic.", "Mary went to the garden."]


def test_an_editor_that_fails_costs_one_line(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")
    assert "/editor: there is no editor 'no-such-editor'" in talk.say("/editor")


def test_the_toolbar_says_which_conversation_and_which_place_it_is(talk: Talk) -> None:
    talk.say("Mary went to the kitchen.", "John went to the attic.", "/title home", "/goto 1")
    assert talk.repl.status_line() == "walks | cpu | after sentence 1 of 2 | home"
    shown = talk.say("Anna went to the attic.", "/goto end", "Anna went to the attic.")
    assert "not read: this is the story after sentence 1: /goto end comes back" in shown
    assert len(talk.repl.session.turns) == 3


def test_an_earlier_place_is_no_end_of_what_is_kept(reader: Reader, tmp_path: Path) -> None:
    talk = Talk(reader, folder=tmp_path)
    talk.say("Mary went to the kitchen.", "John went to the attic.", "/goto 1", "Where is Mary?")
    assert len(latest_conversation(tmp_path).story) == 2


def test_an_unknown_model_is_told_with_where_chat_lists_them(reader: Reader) -> None:
    talk = Talk(reader)

    def fail(name: str) -> Reader:
        raise NoModelError(f"there is no model {name!r}")

    talk.repl._models = replace(talk.models, open=fail)
    assert talk.say("/model foo") == "  /model: there is no model 'foo'; /model lists them.\n"


def test_a_question_mark_after_clear_says_that_nothing_was_asked(talk: Talk) -> None:
    talk.say("Mary went to the kitchen.", "Where is Mary?", "/clear")
    before = talk.say("?")
    assert before.endswith("  ?: nothing has been asked yet: ask a question first.\n")
    talk.say("/undo")
    assert "  kitchen  9" in talk.say("?").removeprefix(before)
