"""The conversation at a terminal: takes lines, lets the session act, shows what came of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import RenderableType

from relmem_cli.chat.commands import SlashCommand, find_command
from relmem_cli.chat.line.terminal import hold_input
from relmem_cli.chat.model.loader import Models, models_for
from relmem_cli.chat.story.answers import CannotReadError, error_text
from relmem_cli.chat.story.lines import (
    AGAIN,
    CommandLine,
    Utterance,
    UtteranceKind,
    begins_like_question,
    clean,
)
from relmem_cli.chat.story.log import Log
from relmem_cli.chat.story.memory_maps import map_of_latest
from relmem_cli.chat.story.session import Session, SessionTurn
from relmem_cli.chat.story.word_lookup import WordLookup, lexicon_of
from relmem_cli.chat.story.words import parse_typed
from relmem_cli.chat.view import render
from relmem_cli.chat.view.heatmaps import Strip
from relmem_cli.chat.view.panels import Panels
from relmem_cli.chat.view.render import Picture
from relmem_cli.console import Console
from relmem_cli.door import doors
from relmem_cli.errors import RelmemError
from relmem_cli.library import NoModelError, model_names, task_model
from relmem_cli.plain import brief_line

if TYPE_CHECKING:
    from relmem_cli.chat.model.reader import Reader
    from relmem_cli.chat.story.autosave import Autosave


@dataclass(frozen=True, slots=True)
class _Expected:
    """A question whose answer is the next line, as long as the story stays as it is."""

    question: RenderableType
    answered: Callable[[str], RenderableType]
    story: list[Utterance]


class Repl:
    """Everything between the prompt and the session; `autosave` keeps it as it goes.

    models    the model to talk to, loading, and others
    commands  the slash commands by name
    console   where it is shown
    test_stories  the stories of a task's test file
    saved     the conversation to go on with
    panels    what plugins show after an answer or a sentence
    log       where the conversation is kept, if anywhere
    slots     whether a line shows the slots that a sentence opened, or the sentences that an
              answer was read from
    """

    def __init__(  # noqa: PLR0913  # what a conversation is made of
        self,
        *,
        models: Models,
        commands: Mapping[str, SlashCommand],
        console: Console,
        test_stories: Callable[[int], list[list[Utterance]]] | None = None,
        saved: Sequence[Utterance] = (),
        panels: Panels | None = None,
        log: Log | None = None,
        slots: bool = True,
    ) -> None:
        self.commands = commands
        self._models = models
        self._console = console
        self._test_stories = test_stories
        self.autosave: Autosave | None = None
        self._saved = saved
        self._lexicon = models.lexicon
        self._panels = panels or Panels()
        self._log = log or Log(None, warn=self._warn)
        self._session: Session | None = None
        self._typed = ""
        self._expected: _Expected | None = None
        self._slots = slots
        self.picture: Picture | None = None

    @property
    def session(self) -> Session:
        """The conversation; the first use waits for the model. Raises what loading it raised."""
        if self._session is None:
            with self._loading():
                self._session = Session(self._models.first.result())
                self._session.load(self._saved)
        return self._session

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

    def type(self, text: str) -> None:
        """Have the next prompt begin with this text."""
        self._typed = text

    def lexicon(self) -> WordLookup:
        """The words of the present model; the first one's are there before it is loaded."""
        if self._session and self._session.reader.vocabulary is not self._lexicon.vocabulary:
            card = self._session.reader.card
            self._lexicon = lexicon_of(card)
        if self._session:
            self._lexicon.stand_ins = self._session.reader.stand_ins
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
        return [said.text for said in self._saved if said.kind is UtteranceKind.sentence]

    def status_line(self) -> str:
        """What the toolbar says: the model, its device, how many sentences it was told."""
        if self._session is None and not self._models.first.future.done():
            return f"{brief_line(self._models.name, 40)} | loading..."
        reader = self._session.reader if self._session else self._models.first.result()
        count = len(self.sentences())
        plural = "" if count == 1 else "s"
        return f"{brief_line(reader.name, 40)} | {reader.device} | {count} sentence{plural}"

    def run(self, ask: Callable[[str], str]) -> None:
        """Talk until `ask` raises EOFError; `ask(waiting)` returns lines, `waiting` typed already.

        Raises what loading the model raised.
        """
        waiting = ""
        with hold_input(), suppress(EOFError):
            while True:
                try:
                    text = ask(waiting)
                except KeyboardInterrupt:
                    waiting = ""
                else:
                    waiting = self._take_unless_stopped(text)

    def _take_unless_stopped(self, text: str) -> str:
        try:
            return self.take(text)
        except KeyboardInterrupt:
            self._console.print(render.note("stopped; Up brings the line back"))
            return ""

    def take(self, text: str) -> str:
        """Act on each line in turn; returns those from the first that waits to be mended."""
        self._typed = ""
        lines = text.splitlines()
        for index, line in enumerate(lines):
            if clean(line).strip() == AGAIN:
                self._ask_again()
                continue
            parsed = parse_typed(line, self.lexicon().vocabulary, typed=True)
            if isinstance(parsed, CommandLine):
                self._command(parsed)
                if self._typed:
                    self._keep()
                    return "\n".join([self._typed, *lines[index + 1 :]])
            elif self._expected and line.strip():
                self._answered(self._expected, line)
            elif parsed and not self._say(parsed, slots=self._slots and index == len(lines) - 1):
                self._keep()
                return "\n".join(lines[index:])
        self._keep()
        return ""

    def _story(self) -> list[Utterance]:
        return [turn.said for turn in self.session.turns]

    def _keep(self) -> None:
        if self.autosave and self._session:
            self.autosave.keep(self._session.reader.source, self._story())

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
        self._show(turn, slots=self._slots)

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
        word = utterances[0].tokens[0]
        name = "quit" if word == "exit" else word
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

    def _command(self, typed: CommandLine) -> None:
        expected, model, error = self._expected, self.model_name, "stopped"
        try:
            error = self._run(typed)
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

    def _run(self, typed: CommandLine) -> str:
        """Do what a command says and show what it returns; returns why not, "" where it is done.

        A line with words that the model does not know comes back to be mended.
        """
        try:
            command = find_command(self.commands, typed.name)
        except RelmemError as error:
            return error_text(error)
        if command.needs_model:
            _ = self.session  # a model that cannot be loaded ends chat, not just this command
        try:
            shown = command(self, typed.argument)
            if shown is not None:
                self._console.print(shown)
        except EOFError:
            raise
        except Exception as error:
            if isinstance(error, CannotReadError):
                self._typed = f"/{typed.name} {typed.argument}"
            return error_text(error)
        return ""

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
