"""The conversation at a terminal: takes lines, lets the session act, shows what came of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import RenderableType

from relmem_cli.chat.commands import SlashCommand, find_command
from relmem_cli.chat.line.editor import edit_text
from relmem_cli.chat.line.terminal import hold_input, lend_input
from relmem_cli.chat.model.loader import Models, models_for
from relmem_cli.chat.story.answers import CannotReadError, error_text
from relmem_cli.chat.story.autosave import Saved
from relmem_cli.chat.story.conversations import Conversation, Conversations
from relmem_cli.chat.story.lines import (
    AGAIN,
    CommandLine,
    Utterance,
    begins_like_question,
    clean,
    command_alone,
)
from relmem_cli.chat.story.log import Log
from relmem_cli.chat.story.memory_maps import map_of_latest
from relmem_cli.chat.story.scenes import Scenes
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.turns import SessionTurn, sentences_of
from relmem_cli.chat.story.word_lookup import WordLookup, lexicon_of
from relmem_cli.chat.story.words import parse_typed
from relmem_cli.chat.view import render
from relmem_cli.chat.view.heatmaps import Strip
from relmem_cli.chat.view.panels import Panels
from relmem_cli.chat.view.preferences import Preferences
from relmem_cli.chat.view.render import Picture
from relmem_cli.chat.view.theme import restyle
from relmem_cli.console import Console
from relmem_cli.door import doors
from relmem_cli.errors import RelmemError
from relmem_cli.library import NoModelError, model_names, task_model
from relmem_cli.plain import brief_line

if TYPE_CHECKING:
    from relmem_cli.chat.model.reader import Reader


@dataclass(frozen=True, slots=True)
class _Expected:
    """A question whose answer is the next line, as long as the story stays as it is."""

    question: RenderableType
    answered: Callable[[str], RenderableType]
    story: list[Utterance]


class Repl:
    """Everything between the prompt and the session.

    models    the model to talk to, loading, and others
    commands  the slash commands by name
    console   where it is shown
    test_stories  the stories of a task's test file
    conversations  those that are open or kept, this one among them
    saved     the conversation to go on with
    panels    what plugins show after an answer or a sentence
    log       where the conversation is kept, if anywhere
    preferences  what /set changes
    save_setting  writes an option for good; returns sentences that say so
    """

    def __init__(  # noqa: PLR0913  # what a conversation is made of
        self,
        *,
        models: Models,
        commands: Mapping[str, SlashCommand],
        console: Console,
        test_stories: Callable[[int], list[list[Utterance]]] | None = None,
        conversations: Conversations | None = None,
        saved: Saved | None = None,
        panels: Panels | None = None,
        log: Log | None = None,
        preferences: Preferences | None = None,
        save_setting: Callable[[str, str], list[str]] | None = None,
    ) -> None:
        self.commands = commands
        self._models = models
        self._console = console
        self._test_stories = test_stories
        self.conversations = conversations or Conversations()
        self._saved = saved
        self._lexicon = models.lexicon
        self._panels = panels or Panels()
        self._log = log or Log(None, warn=self._warn)
        self._typed = ""
        self._refused = ""
        self._mended = ""
        self._written: list[str] = []
        self._expected: _Expected | None = None
        self.preferences = preferences or Preferences()
        self._save_setting = save_setting
        self.picture: Picture | None = None

    @property
    def session(self) -> Session:
        """What is told and asked; waits for the model, and raises what loading it raised."""
        return self.conversation.session

    @property
    def conversation(self) -> Conversation:
        """The present one; waits for the model likewise."""
        if (present := self.conversations.present) is not None:
            return present
        with self._loading():
            session = Session(self._models.first.result())
            session.load(self._saved.story if self._saved else ())
            return self.conversations.add(session, self._saved)

    @property
    def _session(self) -> Session | None:
        """The same, where the model is loaded."""
        present = self.conversations.present
        return present.session if present else None

    @property
    def unicode(self) -> bool:
        """Whether the terminal shows more than ASCII."""
        return self._console.encoding.startswith("utf")

    @property
    def model_name(self) -> str:
        """The present model's."""
        return self._session.reader.name if self._session else self._models.name

    def model_names(self) -> list[str]:
        """The models that there are."""
        return model_names()

    def open_model(self, name: str) -> "Reader":
        """Another model; raises RelmemError where it cannot be opened."""
        try:
            with self._loading():
                return self._models.open(name)
        except NoModelError as error:
            raise RelmemError(f"{error.what}; /model lists them.") from error

    def models_for(self, story: Sequence[Utterance]) -> list[str]:
        """The names of the models that know every word of a story."""
        return models_for(story)

    def task_model(self, task: int) -> str:
        """The name of the model of a bAbI task."""
        return task_model(task)

    def test_stories(self, task: int) -> list[list[Utterance]]:
        """The stories of a task's test file; raises RelmemError where bAbI is not there."""
        if self._test_stories is None:
            raise RelmemError("there are no bAbI stories here.")
        return self._test_stories(task)

    def recolour(self) -> None:
        """Take over the colours of the preferences."""
        restyle(self._console, self.preferences.theme)

    def save_setting(self, name: str, value: str) -> list[str]:
        """Have an option of chat's for good; raises RelmemError where it cannot be written."""
        if self._save_setting is None:
            raise RelmemError("there is no file of settings here.")
        return self._save_setting(name, value)

    def mark(self, right: bool) -> str:
        """A mark for what is right or wrong that the terminal can show."""
        if self.unicode:
            return "✓" if right else "✗"
        return "+" if right else "-"

    def draw(self, view: RenderableType) -> RenderableType:
        """The view itself, kept as the picture that /export writes."""
        self.picture = Picture(view, self.model_name)
        return view

    def expect(self, question: RenderableType, answered: Callable[[str], RenderableType]) -> None:
        """Give the next line that answers to `answered`, and show what it returns.

        A command does not, nor does a question: that shows the one asked again, as a question mark
        alone does. A change of the story calls it off.
        """
        self._expected = _Expected(question, answered, self._story())

    def copy(self, text: str) -> None:
        """Send a text to the terminal's clipboard; raises RelmemError where it has none."""
        self._console.copy(text)

    def write_lines(self) -> bool:
        """Have lines written in an editor, to be taken next; returns whether there are any.

        It begins with what was refused last. Raises RelmemError where there is no editor.
        """
        with lend_input():
            text = edit_text(self._mended)
        if text.strip():
            self._console.print(render.note(text))
        self._written = text.splitlines()
        return bool(text.strip())

    def type(self, text: str) -> None:
        """Have the next prompt begin with this text."""
        self._typed = text

    def watch(self, scenes: Scenes) -> None:
        """Show the scenes of the session on a full screen, until that is left.

        Raises RelmemError where there is no terminal that can show one.
        """
        if not self._console.is_terminal or self._console.is_dumb_terminal:
            raise RelmemError(
                "there is no full screen here; /watch N shows the memory after N lines."
            )
        from relmem_cli.chat.line.watch import Watch  # noqa: PLC0415  # seldom needed

        Watch(scenes=scenes, draw=self._drawn, tell=self._hear).run()
        self.conversations.keep()

    def _drawn(self, view: RenderableType, width: int, height: int) -> str:
        """A view in so many columns and rows, with its colours as escapes."""
        with self._console.capture() as captured:
            self._console.print(view, width=width, height=height)
        return captured.get().rstrip("\n")

    def _hear(self, line: str) -> None:
        """Tell or ask what a line says, and show nothing; raises what is wrong with it."""
        parsed = parse_typed(line, self.lexicon().vocabulary, typed=True)
        if isinstance(parsed, CommandLine):
            raise RelmemError("commands are for the chat: q leaves this screen.")
        for turn in self.session.hear(parsed):
            self._log.log_turn(turn.said, model=self.model_name, answer=turn.answer)

    def lexicon(self) -> WordLookup:
        """The words of the present model; the first one's are there before it is loaded."""
        reader = self._session.reader if self._session else None
        if reader and reader.vocabulary is not self._lexicon.vocabulary:
            self._lexicon = lexicon_of(reader.card)
        if reader:
            self._lexicon.stand_ins = reader.stand_ins
        return self._lexicon

    def show_help(self) -> None:
        """Print what /help prints."""
        self._command(CommandLine(name="help", argument=""))

    def refuse(self, text: str) -> None:
        """Print why something was not done."""
        self._console.print(render.problem(text))

    def sentences(self) -> list[str]:
        """The story so far, as it was typed."""
        if self._session:
            return [said.text for said in self._session.sentences]
        return [said.text for said in sentences_of(self._saved.story)] if self._saved else []

    def conversation_names(self) -> list[str]:
        """The titles of the conversations that there are; of those without one the first lines."""
        return [one.title or one.story[0].text for one in self.conversations.listed()]

    def status_line(self) -> str:
        """What the toolbar says: the model, its device, how many sentences it was told, a title."""
        if self._session is None and not self._models.first.future.done():
            return f"{brief_line(self._models.name, 40)} | loading..."
        reader = self._session.reader if self._session else self._models.first.result()
        count = len(self.sentences())
        told = f"{count} sentence{'' if count == 1 else 's'}"
        if self._session and (more := self._session.left_out):
            told = f"after sentence {count} of {count + more}"
        parts = [brief_line(reader.name, 40), reader.device, told, self._title]
        return " | ".join(filter(None, parts))

    @property
    def _title(self) -> str:
        present = self.conversations.present
        return present.title if present else self._saved.title if self._saved else ""

    def run(self, ask: Callable[[str, str], str]) -> None:
        """Talk until `ask` raises EOFError; `ask(typed, refused)` returns lines.

        typed    what the line begins with
        refused  what was not read, and waits to be mended

        Raises what loading the model raised.
        """
        with hold_input(), suppress(EOFError):
            while True:
                try:
                    text = ask(self._typed, self._refused)
                except KeyboardInterrupt:
                    self._typed = self._refused = ""
                else:
                    self._take_unless_stopped(text)

    def _take_unless_stopped(self, text: str) -> None:
        try:
            self.take(text)
        except KeyboardInterrupt:
            self._console.print(render.note("stopped; Up brings the line back"))

    def take(self, text: str) -> None:
        """Act on each line in turn; those from the first that was not read on wait to be mended."""
        self._mended, self._typed, self._refused = self._refused, "", ""
        lines = text.splitlines()
        while lines:
            line, *lines = lines
            if not self._take_line(line, last=not lines):
                self._refused = "\n".join([line, *lines])
                break
            lines = [*self._written, *lines]
            self._written = []
            if self._typed:
                self._typed = "\n".join([self._typed, *lines])
                break
        self.conversations.keep()

    def _take_line(self, line: str, *, last: bool) -> bool:
        """Whether the line was taken; one that was not can be mended."""
        if clean(line).strip() == AGAIN:
            self._ask_again()
            return True
        parsed = command_alone(line) or parse_typed(line, self.lexicon().vocabulary, typed=True)
        if isinstance(parsed, CommandLine):
            return self._command(parsed)
        if self._expected and line.strip():
            self._answered(self._expected, line)
            return True
        return not parsed or self._say(parsed, slots=self.preferences.slots and last)

    def _story(self) -> list[Utterance]:
        return [turn.said for turn in self.session.whole]

    def _answered(self, expected: "_Expected", line: str) -> None:
        if begins_like_question(line):
            self._console.print(render.note("that asks something; here the question is for you"))
            self._console.print(expected.question)
            return
        self._expected = None
        before = len(self.session.turns)
        try:
            self._console.print(expected.answered(clean(line)))
        except BaseException as error:
            self._expected = expected
            if not isinstance(error, Exception):
                raise
            self._report("not answered", error)
        for turn in self.session.turns[before:]:
            self._log.log_turn(turn.said, model=self.model_name, answer=turn.answer)

    def _ask_again(self) -> None:
        if self._expected:
            self._console.print(self._expected.question)
            return
        try:
            turn = self.session.ask_again()
        except Exception as error:
            self._report(AGAIN, error)
            return
        self._console.print(render.note(turn.said.text))
        self._show(turn, slots=self.preferences.slots)

    def _say(self, utterances: list[Utterance], *, slots: bool) -> bool:
        """Whether the utterances of one line were read: all of them, or none."""
        session = self.session
        if session.reader.open_words and (meant := self._command_meant(utterances)):
            self._console.print(render.problem(f"not read:{meant}"))
            return True
        heard = session.hear(utterances)
        for said in utterances:
            begins = said.begins_story and bool(session.turns)
            try:
                turn = next(heard)
                if begins:
                    self._console.print(render.note("new story"))
                self._show(turn, slots=slots)
            except CannotReadError as error:
                self._console.print(
                    render.problem(f"not read: {error}{self._command_meant(utterances)}")
                )
                for each in utterances:
                    self._log.log_turn(each, model=self.model_name, error=error_text(error))
                return False
            except Exception as error:
                self._report("not answered", error)
                self._log.log_turn(said, model=self.model_name, error=error_text(error))
                break
        return True

    def _command_meant(self, utterances: Sequence[Utterance]) -> str:
        """Where a line is a command's name without its slash, the command."""
        name = utterances[0].tokens[0]
        alone = len(utterances) == 1 and len(utterances[0].tokens) == 2
        return f" The command is /{name}." if alone and name in self.commands else ""

    def _show(self, turn: SessionTurn, *, slots: bool) -> None:
        """What comes of a sentence or a question, at the terminal and in the log."""
        if turn.said.read_as:
            self._console.print(render.read_as(turn.said))
        if names := self.session.new_names():
            self._console.print(render.stands_for(names))
        if turn.answer is not None:
            self._console.print(render.answer(turn.answer, self._console.width))
        self._log.log_turn(turn.said, model=self.model_name, answer=turn.answer)
        if slots:
            self._show_opened()
        for shown in self._panels.shown_after(turn.said.kind, self.session):
            self._console.print(shown)

    def _show_opened(self) -> None:
        """A line about the memory; a variant that cannot explain itself can answer all the same."""
        try:
            if heat := map_of_latest(self.session):
                self._console.print(Strip(heat))
        except Exception as error:
            self._report("what was opened cannot be shown", error)

    def _command(self, typed: CommandLine) -> bool:
        """Whether it can stay as it was typed: it has no words that the model does not know."""
        expected, model, error, known = self._expected, self.model_name, "stopped", True
        try:
            error, known = self._run(typed)
        except EOFError:
            error = ""
            raise
        finally:
            self._log.log_command(typed, model=model, error=error)
        if error:
            self._warn(f"/{brief_line(typed.name, 40)}: {error}")
        if expected and expected is self._expected and expected.story != self._story():
            self._expected = None
            self._console.print(render.note("the quiz is over"))
        return known

    def _run(self, typed: CommandLine) -> tuple[str, bool]:
        """Do what a command says and show what it returns.

        Returns why not, "" where it is done, and whether the model knows all of its words.
        """
        try:
            command = find_command(self.commands, typed.name)
        except RelmemError as error:
            return error_text(error), True
        if command.needs_model:
            _ = self.session  # a model that cannot be loaded ends chat, not just this command
        try:
            shown = command(self, typed.argument)
            if shown is not None:
                self._console.print(shown)
        except EOFError:
            raise
        except Exception as error:
            return error_text(error), not isinstance(error, CannotReadError)
        return "", True

    def _report(self, what: str, error: Exception) -> None:
        """One line for an error; a variant's or a plugin's must not end the conversation."""
        self._warn(f"{what}: {error_text(error)}")

    def _warn(self, text: str) -> None:
        self._console.print(render.problem(text))

    @contextmanager
    def _loading(self) -> Iterator[None]:
        if self._console.is_dumb_terminal:  # it shows neither a spinner nor a toolbar
            self._console.print(render.note("loading the model..."))
        spinner = "dots" if self.unicode else "line"
        with self._console.status("loading the model", spinner=spinner), doors():
            yield
