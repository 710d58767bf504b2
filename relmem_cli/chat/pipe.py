"""The conversation without a terminal: lines in, one answer a line out."""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, TextIO

from relmem_cli.chat.story.answers import Answer, error_text
from relmem_cli.chat.story.lines import (
    AGAIN,
    ONE_WORD,
    CommandLine,
    Utterance,
    UtteranceKind,
    clean,
    command_alone,
    is_word_told,
)
from relmem_cli.chat.story.log import Log, reply_fields, to_line
from relmem_cli.chat.story.long_lines import LONGEST, LinePart, line_parts, question_cut
from relmem_cli.chat.story.model_input import ModelInput
from relmem_cli.chat.story.words import parse_typed
from relmem_cli.door import one_line
from relmem_cli.errors import RelmemError
from relmem_cli.plain import brief_line, counted

MOST_UNKNOWN = 100
"""Unknown words of one story that are kept to be listed, so that memory stays constant."""

NO_ANSWER = "?"
"""What stands in an answer's place where there is none, so that answers and questions align."""


class Pipe:
    """Answers questions as they come; it keeps the state of the present story and nothing more.

    out       where answers go, each flushed at once, and NO_ANSWER for a question without; None
              where nothing is to be written
    warn      takes one line about something that was not read as it stands
    log       where the conversation is kept, if anywhere
    answered  how many questions were answered so far
    failed    how many were not; and sentences that the model could not take, or were cut short
    """

    def __init__(
        self,
        reader: ModelInput,
        *,
        out: TextIO | None,
        warn: Callable[[str], None],
        as_json: bool = False,
        log: Log | None = None,
    ) -> None:
        self.answered = 0
        self.failed = 0
        self._reader = reader
        self._out = out
        self._warn = warn
        self._as_json = as_json
        self._log = log or Log(None, warn=warn)
        self.begin()

    def run(self, stream: BinaryIO) -> int:
        """Read the stream to its end; returns how many questions were answered."""
        for part in line_parts(stream):
            if part.end:
                self._take_cut(part)
            else:
                self.take(part.text, part.number)
        return self.answered

    def _take_cut(self, part: LinePart) -> None:
        """Read the beginning of a sentence that is too long; a question is not answered."""
        asked = question_cut(part)
        if asked:
            self.hear(asked, f"line {part.number}", fault=f"it is {_TOO_LONG}.")
            return
        self._warn(f"line {part.number}: a sentence is {_TOO_LONG}; its end is lost")
        self.failed += 1
        self.take(f"{part.text}.", part.number)

    def take(self, line: str, number: int) -> None:
        """Act on one line; `number` is its place in the stream, from 1."""
        if clean(line).strip() == AGAIN:
            self.hear(_AGAIN, f"line {number}", fault=_NOTHING_ASKED)
            return
        parsed = command_alone(line) or parse_typed(line, self._reader.vocabulary)
        if isinstance(parsed, list):
            lone = self._reader.open_words and is_word_told(parsed)
            for said in parsed:
                self.hear(said, f"line {number}", fault=ONE_WORD if lone else "")
            return
        skipped = "" if parsed == CommandLine(name="clear", argument="") else _why_skipped(parsed)
        self._log.log_command(parsed, model=self._reader.name, error=skipped)
        if skipped:
            self._warn(f"line {number}: {skipped}; it is skipped here")
        else:
            self.begin()

    def hear(self, said: Utterance, place: str, *, fault: str = "") -> Answer | None:
        """Read a sentence, or answer a question, whose answer is returned.

        What the model cannot take costs a warning, and counts as failed.

        place  where it stands, for people
        fault  why it cannot be answered, where that is known already
        """
        if said.begins_story:
            self.begin()
        for typed, read in said.read_as:
            self._warn(f"{place}: {brief_line(typed, 40)}: read as {read}")
        answer, error = None, ""
        try:
            if fault:
                raise RelmemError(fault)
            if said.kind is UtteranceKind.question:
                self._reader.check(said)
                answer = self._reader.answer(self._state, said)
                self._warn_of_stand_ins(place, answer.read_as)
            else:
                self._read(said, place)
        except Exception as raised:
            error = error_text(raised)
            self.failed += 1
            asked = said.kind is UtteranceKind.question
            self._warn(f"{place}: {'not answered' if asked else 'not read'}: {error}")
        if said.kind is UtteranceKind.question:
            self._reply(said, answer, error)
        self._log.log_turn(said, model=self._reader.name, answer=answer, error=error)
        return answer

    def begin(self) -> None:
        """Begin a new story."""
        self._state: Any = self._reader.begin()
        self._unknown: dict[str, None] = {}

    def _read(self, sentence: Utterance, place: str) -> None:
        """Unknown words are read as blanks: one of them must not lose a long story."""
        unknown = self._reader.unknown(sentence)
        if unknown:
            words = ", ".join(brief_line(word, 40) for word in unknown)
            self._warn(f"{place}: the model does not know and leaves blank: {words}")
        excess = self._reader.tokens_over_limit(sentence)
        if excess > 0:
            self._warn(f"{place}: too long for the model; {counted(excess, 'token')} cut off")
        before, self._state = self._state, self._reader.read(self._state, sentence)
        self._warn_of_stand_ins(place, self._reader.new_names(before, self._state))
        for word in unknown:
            if len(self._unknown) < MOST_UNKNOWN:
                self._unknown.setdefault(word)

    def _warn_of_stand_ins(self, place: str, names: Mapping[str, str]) -> None:
        for name, read in names.items():
            self._warn(f"{place}: {brief_line(name, 40)} is read as {read}")

    def _reply(self, question: Utterance, answer: Answer | None, error: str) -> None:
        self.answered += answer is not None
        if self._out is None:
            return
        if self._as_json:
            asked = self._reader.unknown(question)
            unknown = list(dict.fromkeys([*asked, *self._unknown]))
            self._out.write(
                to_line(reply_fields(question.text, answer, unknown=unknown, error=error))
            )
        else:
            self._out.write(f"{one_line(answer.answer) if answer else NO_ANSWER}\n")
        self._out.flush()


_AGAIN = Utterance(text=AGAIN, kind=UtteranceKind.question, tokens=(AGAIN,))
"""A question mark alone, which asks again at a terminal."""

_TOO_LONG = f"longer than {LONGEST:,} characters"

_NOTHING_ASKED = "there are no words before the question mark."


def _why_skipped(command: CommandLine) -> str:
    from relmem_cli.chat.commands import slash_commands  # noqa: PLC0415  # seldom needed here
    from relmem_cli.plugins import registry  # noqa: PLC0415

    name = f"/{brief_line(command.name, 40)}"
    if command.name not in slash_commands(registry().chat_commands.values()):
        return f"there is no command {name}"
    if command.name == "clear":
        return f"nothing may follow {name}"
    return f"{name} is for a terminal"
