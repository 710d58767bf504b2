"""What a conversation at a terminal is made of: for commands and the prompt to ask and change."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import RenderableType

from relmem_cli.chat.commands import SlashCommand
from relmem_cli.chat.commands.watch import command_while_watching
from relmem_cli.chat.line.editor import edit_text
from relmem_cli.chat.line.terminal import lend_input
from relmem_cli.chat.model.loader import Models, models_for
from relmem_cli.chat.story.answers import error_text
from relmem_cli.chat.story.autosave import Saved
from relmem_cli.chat.story.conversations import Conversation, Conversations
from relmem_cli.chat.story.lines import (
    AGAIN,
    ONE_WORD,
    CommandLine,
    Utterance,
    clean,
    command_alone,
    is_word_told,
)
from relmem_cli.chat.story.log import Log
from relmem_cli.chat.story.scenes import Scenes
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.turns import SessionTurn, sentences_of
from relmem_cli.chat.story.word_lookup import WordLookup, lexicon_of
from relmem_cli.chat.story.words import as_read, parse_typed
from relmem_cli.chat.view import render
from relmem_cli.chat.view.panels import Panels
from relmem_cli.chat.view.preferences import Preferences
from relmem_cli.chat.view.render import Picture
from relmem_cli.chat.view.theme import restyle
from relmem_cli.console import Console
from relmem_cli.door import doors
from relmem_cli.errors import RelmemError
from relmem_cli.library import NoModelError, model_names, task_model
from relmem_cli.plain import brief_line, counted

if TYPE_CHECKING:
    from relmem_cli.chat.model.reader import Reader


@dataclass(frozen=True, slots=True)
class Expected:
    """A question whose answer is the next line, as long as the story stays as it is."""

    question: RenderableType
    answered: Callable[[str], RenderableType]
    story: list[Utterance]


class ConversationState:
    """What a conversation is made of, and what commands and the prompt ask of it.

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
        self._expected: Expected | None = None
        self._unexplained: SessionTurn | None = None  # the first of a story whose fault was told
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
            reader = self._models.first.result()
            session = Session(reader)
            session.load(as_read(self._saved.story, reader.vocabulary) if self._saved else ())
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
        self._expected = Expected(question, answered, self._story())

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

    def _hear(self, line: str) -> str:
        """Act on a line of the full screen, and show nothing; returns what is to be typed next.

        Raises what is wrong with it, and EOFError where the screen is to be left.
        """
        parsed = command_alone(line) or parse_typed(line, self.lexicon().vocabulary, typed=True)
        if isinstance(parsed, CommandLine):
            return self._obey(parsed)
        if self.session.reader.open_words and is_word_told(parsed):
            raise RelmemError(ONE_WORD)
        asks_again = clean(line).strip() == AGAIN
        for turn in [self.session.ask_again()] if asks_again else self.session.hear(parsed):
            self._log.log_turn(turn.said, model=self.model_name, answer=turn.answer)
        return ""

    def _obey(self, typed: CommandLine) -> str:
        """Change the story as a command says; returns and raises what `_hear` does."""
        command = command_while_watching(self.commands, typed.name)
        error = ""
        try:
            command(self, typed.argument)
        except Exception as raised:
            error = error_text(raised)
            raise
        finally:
            self._log.log_command(typed, model=self.model_name, error=error)
        next_typed, self._typed = self._typed, ""
        return next_typed

    def lexicon(self) -> WordLookup:
        """The words of the present model; the first one's are there before it is loaded."""
        reader = self._session.reader if self._session else None
        if reader and reader.vocabulary is not self._lexicon.vocabulary:
            self._lexicon = lexicon_of(reader.card)
        if reader:
            self._lexicon.stand_ins = reader.stand_ins
        return self._lexicon

    def sentences(self) -> list[str]:
        """The story so far, as it was typed."""
        if self._session:
            return [said.text for said in self._session.sentences]
        return [said.text for said in sentences_of(self._saved.story)] if self._saved else []

    def conversation_names(self) -> list[str]:
        """The titles of the conversations that there are; of those without one the first lines."""
        return [one.title or one.story[0].text for one in self.conversations.listed()]

    def status_line(self) -> str:
        """What the toolbar says: the model, where it runs, what it was told, and a title."""
        if self._session is None and not self._models.first.future.done():
            return f"{brief_line(self._models.name, 40)} | loading..."
        reader = self._session.reader if self._session else self._models.first.result()
        count = len(self.sentences())
        told = counted(count, "sentence")
        if self._session and (more := self._session.left_out):
            told = f"after sentence {count} of {count + more}"
        among = self._session.among if self._session else ()
        left = f"among {brief_line(', '.join(among), 30)}" if among else ""
        parts = [brief_line(reader.name, 40), reader.device, told, left, self._title]
        return " | ".join(filter(None, parts))

    @property
    def _title(self) -> str:
        present = self.conversations.present
        return present.title if present else self._saved.title if self._saved else ""

    def _story(self) -> list[Utterance]:
        return [turn.said for turn in self.session.whole]

    def _warn(self, text: str) -> None:
        self._console.print(render.problem(text))

    @contextmanager
    def _loading(self) -> Iterator[None]:
        if self._console.is_dumb_terminal:  # it shows neither a spinner nor a toolbar
            self._console.print(render.note("loading the model..."))
        spinner = "dots" if self.unicode else "line"
        with self._console.status("loading the model", spinner=spinner), doors():
            yield
