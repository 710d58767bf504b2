"""The conversation at a terminal: takes lines, lets the session act, shows what came of it."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from relmem_cli.chat import render
from relmem_cli.chat.answers import CannotReadError, shortened
from relmem_cli.chat.commands import SlashCommand, find_command
from relmem_cli.chat.lexicon import Lexicon, follows_of
from relmem_cli.chat.lines import AGAIN, Command, Utterance, clean, parse_line
from relmem_cli.chat.loader import Models
from relmem_cli.chat.session import Session, Turn
from relmem_cli.chat.terminal import held_back
from relmem_cli.errors import RelmemError
from relmem_cli.library import model_names

if TYPE_CHECKING:
    from relmem_cli.chat.reader import Reader


class Repl:
    """Everything between the prompt and the session.

    models    the model to talk to, loading, and others
    commands  the slash commands by name
    console   where it is shown
    """

    def __init__(
        self,
        *,
        models: Models,
        commands: Mapping[str, SlashCommand],
        console: Console,
    ) -> None:
        self.commands = commands
        self._models = models
        self._console = console
        self._lexicon = Lexicon(models.vocabulary, models.follows)
        self._session: Session | None = None
        self._typed = ""

    @property
    def session(self) -> Session:
        """The conversation; the first use waits for the model. Raises what loading it raised."""
        if self._session is None:
            with self._loading():
                self._session = Session(self._models.first.result())
        return self._session

    @property
    def unicode(self) -> bool:
        """Whether the terminal shows more than ASCII."""
        return self._console.encoding.startswith("utf")

    def model_names(self) -> list[str]:
        """The models that there are."""
        return model_names()

    def open_model(self, name: str) -> "Reader":
        """Another model; raises RelmemError where it cannot be opened."""
        with self._loading():
            return self._models.open(name)

    def type(self, text: str) -> None:
        """Have the next prompt begin with this text."""
        self._typed = text

    def lexicon(self) -> Lexicon:
        """The words of the present model; the first one's are there before it is loaded."""
        if self._session and self._session.reader.vocabulary is not self._lexicon.vocabulary:
            card = self._session.reader.card
            self._lexicon = Lexicon(card.vocabulary, follows_of(card.record, card.vocabulary))
        return self._lexicon

    def show_help(self) -> None:
        """Print what /help prints."""
        self._command(Command(name="help", argument=""))

    def refuse(self, text: str) -> None:
        """Print why something was not done."""
        self._console.print(render.problem(text))

    def sentences(self) -> list[str]:
        """The story so far, as it was typed."""
        return [said.text for said in self._session.sentences] if self._session else []

    def status(self) -> str:
        """What the toolbar says: the model, its device, how many sentences it was told."""
        if self._session is None and not self._models.first.future.done():
            return f"{shortened(self._models.name)} | loading..."
        reader = self._session.reader if self._session else self._models.first.result()
        told = len(self._session.sentences) if self._session else 0
        plural = "" if told == 1 else "s"
        return f"{shortened(reader.name)} | {reader.device} | {told} sentence{plural}"

    def run(self, ask: Callable[[str], str]) -> None:
        """Talk until `ask` raises EOFError; `ask(waiting)` returns lines, `waiting` typed already.

        Raises what loading the model raised.
        """
        waiting = ""
        with held_back():
            while True:
                try:
                    waiting = self.take(ask(waiting))
                except KeyboardInterrupt:
                    waiting = ""
                except EOFError:
                    return

    def take(self, text: str) -> str:
        """Act on each line in turn; returns those from the first that the model cannot read."""
        self._typed = ""
        lines = text.splitlines()
        for index, line in enumerate(lines):
            if clean(line).strip() == AGAIN:
                self._ask_again()
                continue
            parsed = parse_line(line)
            if isinstance(parsed, Command):
                self._command(parsed)
            elif parsed and not self._say(parsed):
                return "\n".join(lines[index:])
        return self._typed

    def _ask_again(self) -> None:
        try:
            turn = self.session.ask_again()
        except Exception as error:
            self._report(AGAIN, error)
            return
        self._console.print(render.note(turn.said.text))
        self._show_answer(turn)

    def _say(self, utterances: list[Utterance]) -> bool:
        """Whether the utterances of one line were read: all of them, or none."""
        session = self.session
        try:
            for said in utterances:
                session.reader.check(said)
            for said in utterances:
                self._say_one(session, said)
        except CannotReadError as error:
            self._console.print(render.problem(f"not read: {error}"))
            return False
        except Exception as error:
            self._report("not answered", error)
        return True

    def _say_one(self, session: Session, said: Utterance) -> None:
        if said.begins_story and session.turns:
            self._console.print(render.note("new story"))
        self._show_answer(session.say(said))

    def _show_answer(self, turn: Turn) -> None:
        if turn.answer is not None:
            self._console.print(render.answer(turn.answer, self._console.width))

    def _command(self, typed: Command) -> None:
        try:
            command = find_command(self.commands, typed.name)
        except RelmemError as error:
            self._report(f"/{shortened(typed.name)}", error)
            return
        if command.needs_model:
            _ = self.session  # a model that cannot be loaded ends chat, not just this command
        try:
            shown = command.run(self, typed.argument)
        except EOFError:
            raise
        except Exception as error:
            self._report(f"/{command.name}", error)
            return
        if shown is not None:
            self._console.print(shown)

    def _report(self, what: str, error: Exception) -> None:
        """One line for an error; a variant's or a plugin's must not end the conversation."""
        if os.environ.get("RELMEM_DEBUG") == "1" and not isinstance(error, RelmemError):
            raise error
        kind = "" if isinstance(error, RelmemError) else f"{type(error).__name__}: "
        message = " ".join(clean(str(error).replace("\n", " ")).split())
        self._console.print(render.problem(f"{what}: {kind}{message}"))

    @contextmanager
    def _loading(self) -> Iterator[None]:
        spinner = "dots" if self.unicode else "line"
        with self._console.status("loading the model", spinner=spinner):
            yield
