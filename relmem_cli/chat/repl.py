"""The conversation at a terminal: takes lines, lets the session act, shows what came of it."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from relmem_cli.chat.commands import find_command
from relmem_cli.chat.line.terminal import hold_input
from relmem_cli.chat.state import ConversationState, Expected
from relmem_cli.chat.story.answers import CannotReadError, error_text
from relmem_cli.chat.story.lines import (
    AGAIN,
    ONE_WORD,
    CommandLine,
    Utterance,
    begins_like_question,
    clean,
    command_alone,
    is_word_told,
)
from relmem_cli.chat.story.memory_maps import map_of_latest
from relmem_cli.chat.story.turns import SessionTurn
from relmem_cli.chat.story.words import parse_typed
from relmem_cli.chat.view import render
from relmem_cli.chat.view.heatmaps import Strip
from relmem_cli.errors import RelmemError
from relmem_cli.plain import brief_line


class Repl(ConversationState):
    """Everything between the prompt and the session."""

    def show_help(self) -> None:
        """Print what /help prints."""
        self._command(CommandLine(name="help", argument=""))

    def refuse(self, text: str) -> None:
        """Print why something was not done."""
        self._console.print(render.problem(text))

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

    def _answered(self, expected: "Expected", line: str) -> None:
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
        if session.reader.open_words and is_word_told(utterances):
            meant = self._command_meant(utterances) or " Say who did what; /examples shows how."
            self._console.print(render.problem(f"not read: {ONE_WORD}{meant}"))
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
        meant = is_word_told(utterances) and name in self.commands
        return f" The command is /{name}." if meant else ""

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
        """A line about the memory; that a variant cannot explain itself is told once a story."""
        try:
            if heat := map_of_latest(self.session):
                self._console.print(Strip(heat))
        except Exception as error:
            first = self.session.turns[0]
            if first is not self._unexplained:
                self._report("what was opened cannot be shown", error)
            self._unexplained = first

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
