"""The lines of a stream in little memory: one that is too long comes in parts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from relmem_cli.chat.story.lines import (
    CommandLine,
    Utterance,
    UtteranceKind,
    clean,
    parse_line,
    split_sentences,
    words_span,
)

LONGEST = 1 << 16
"""Characters of a sentence that are read, and bytes of a line that comes in one part."""

_END = 200
"""Characters of the end of a sentence that is too long: its mark, and bAbI's answer."""

_GOES_ON = ". "
"""What a later part of a line begins with: then a number or a slash is a word as any other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePart:
    """A line, or some sentences of one that is too long.

    number  the line's, from 1
    text    what was read; of one sentence that is too long its beginning
    end     the end of such a sentence, which tells whether it asks; "" for all others
    """

    number: int
    text: str
    end: str = ""


def line_parts(stream: BinaryIO) -> Iterator[LinePart]:
    """Each line, in parts of whole sentences where it is too long; bad UTF-8 is replaced."""
    number = 0
    while data := stream.readline(LONGEST + 1):
        number += 1
        if len(data) <= LONGEST or data.endswith(b"\n"):
            yield LinePart(number=number, text=clean(data.decode(errors="replace")))
        else:
            yield from _LongLine(stream, data, number).parts()


def question_cut(part: LinePart) -> Utterance | None:
    """The question, without its middle, that is too long; None where it is a sentence that is."""
    parsed = parse_line(part.text[:_END] + part.end)
    if isinstance(parsed, CommandLine):
        return None
    return next((said for said in parsed if said.kind is UtteranceKind.question), None)


class _LongLine:
    """A line whose beginning has been read.

    held     what was read and is in no part yet; bytes that are no UTF-8 as surrogates
    goes_on  whether there is more of the line in the stream
    is_one   whether it is a single sentence whatever marks it has, as a line of bAbI's is
    is_said  whether what follows is not read: the beginning is a command, or has a true answer
    """

    def __init__(self, stream: BinaryIO, data: bytes, number: int) -> None:
        self._stream = stream
        self._number = number
        self._held = data.decode(errors="surrogateescape")
        self._goes_on = True
        shown = _shown(self._held)
        begins, ends = words_span(shown)
        self._is_one = bool(shown[:begins].strip())
        self._is_said = ends < len(shown) or shown.lstrip().startswith("/")

    def parts(self) -> Iterator[LinePart]:
        """All of it; of a command, and after a question's true answer, what is held alone."""
        if self._is_said:
            yield self._part(self._held[:LONGEST])
            self._skip_sentence()
            return
        start = ""
        while self._goes_on or self._held:
            *sentences, last = self._sentences()
            if sentences:
                self._held = last
                yield self._part(start + " ".join(sentences))
            elif len(last) > LONGEST:
                beginning, self._held = last[:LONGEST], last[LONGEST:]
                yield self._part(start + beginning, self._skip_sentence())
            elif self._goes_on:
                self._read_on()
                continue
            else:
                self._held = ""
                yield self._part(start + last)
            start = _GOES_ON

    def _sentences(self) -> list[str]:
        """What is held; the last one may go on."""
        return [self._held] if self._is_one or self._is_said else split_sentences(self._held)

    def _skip_sentence(self) -> str:
        """Go to the end of the sentence, which is returned."""
        while len(found := self._sentences()) < 2 and self._goes_on:
            self._held = self._held[-_END:]
            self._read_on()
        self._held = self._held[len(found[0]) :].lstrip() if len(found) > 1 else ""
        return found[0][-_END:]

    def _read_on(self) -> None:
        data = self._stream.readline(LONGEST + 1)
        self._goes_on = bool(data) and not data.endswith(b"\n")
        self._held += data.decode(errors="surrogateescape")

    def _part(self, text: str, end: str = "") -> LinePart:
        return LinePart(number=self._number, text=_shown(text), end=_shown(end))


def _shown(text: str) -> str:
    return clean(text.encode(errors="surrogateescape").decode(errors="replace"))
