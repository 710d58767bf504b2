"""The conversation without a terminal: lines in, one answer a line out."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

from relmem_cli.chat.answers import Answer, shortened
from relmem_cli.chat.lines import Command, Kind, Utterance, clean, parse_line

if TYPE_CHECKING:
    from relmem_cli.chat.reader import Reader

LONGEST_LINE = 1 << 16
"""Bytes of a line that are read; a story's sentence has fewer than a hundred."""

MOST_UNKNOWN = 100
"""Unknown words of one story that are kept to be listed, so that memory stays constant."""


class Pipe:
    """Answers questions as they come; it keeps the state of the present story and nothing more.

    out   where answers go, each flushed at once
    warn  takes one line about something that was not read as it stands
    """

    def __init__(
        self, reader: "Reader", *, out: TextIO, warn: Callable[[str], None], as_json: bool = False
    ) -> None:
        self.answered = 0
        self._reader = reader
        self._out = out
        self._warn = warn
        self._as_json = as_json
        self._begin()

    def run(self, stream: BinaryIO) -> int:
        """Read the stream to its end; returns how many questions were answered."""
        for number, (line, whole) in enumerate(_lines(stream), start=1):
            if not whole:
                self._warn(f"line {number} is longer than {LONGEST_LINE:,} bytes; its end is lost")
            self.take(line, number)
        return self.answered

    def take(self, line: str, number: int) -> None:
        """Act on one line; `number` is its place in the stream, from 1."""
        parsed = parse_line(line)
        if isinstance(parsed, list):
            for said in parsed:
                self._say(said, number)
        elif parsed == Command(name="clear", argument=""):
            self._begin()
        else:
            name = shortened(parsed.name)
            self._warn(f"line {number}: /{name} is for a terminal, and is skipped here")

    def _begin(self) -> None:
        self._state: Any = self._reader.begin()
        self._unknown: dict[str, None] = {}

    def _say(self, said: Utterance, number: int) -> None:
        if said.begins_story:
            self._begin()
        self._check(said, number)
        if said.kind is Kind.question:
            self._print(said, self._reader.answer(self._state, said))
            return
        self._state = self._reader.read(self._state, said)
        for word in self._reader.unknown(said):
            if len(self._unknown) < MOST_UNKNOWN:
                self._unknown.setdefault(word)

    def _check(self, said: Utterance, number: int) -> None:
        unknown = self._reader.unknown(said)
        if unknown:
            words = ", ".join(map(shortened, unknown))
            self._warn(f"line {number}: the model does not know and leaves blank: {words}")
        excess = self._reader.excess(said)
        if excess > 0:
            plural = "" if excess == 1 else "s"
            self._warn(f"line {number}: too long for the model; {excess:,} token{plural} cut off")

    def _print(self, question: Utterance, answer: Answer) -> None:
        self.answered += 1
        text = self._json(question, answer) if self._as_json else answer.answer
        self._out.write(f"{text}\n")
        self._out.flush()

    def _json(self, question: Utterance, answer: Answer) -> str:
        """ASCII, so that it is the same whatever the locale."""
        return json.dumps(
            {
                "question": question.text,
                "answer": answer.answer,
                "probability": answer.probability,
                "alternatives": [
                    {"answer": item, "probability": p} for item, p in answer.alternatives
                ],
                "unknown": list(dict.fromkeys([*answer.unknown, *self._unknown])),
            }
        )


def _lines(stream: BinaryIO) -> Iterator[tuple[str, bool]]:
    """Each line without its end, and whether it was read as a whole; bad UTF-8 is replaced."""
    encoding = "utf-8-sig"  # the first line may start with a byte-order mark
    while data := stream.readline(LONGEST_LINE):
        whole = data.endswith(b"\n") or len(data) < LONGEST_LINE
        yield clean(data.decode(encoding, errors="replace")), whole
        encoding = "utf-8"
        while not whole and (rest := stream.readline(LONGEST_LINE)):
            whole = rest.endswith(b"\n")
