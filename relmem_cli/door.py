"""The door through which all text goes to a person, so that none of it steers a terminal.

Files, models, settings and plugins hold text that is not relmem's own. `doors` puts one before
stdout and one before stderr. What relmem draws in colours goes through `console.Console`, which
does the same to the text and leaves Rich's own colours and movements of the cursor.
"""

import io
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, NoReturn, TextIO, cast

from relmem_cli.errors import RelmemError
from relmem_cli.sealing import Terminated

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories that steer a terminal, or that it cannot show."""

TURNING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""What has text run from right to left, or back."""

_PERHAPS = re.compile(r"[^ -~\n\t]")


def printable(text: str) -> str:
    r"""The text with escapes for what steers a terminal, line breaks and tabs excepted.

    They are "\x1b" and the like below a blank and "\u202e" above, as JSON has it: what is JSON
    stays the same JSON.
    """
    return _PERHAPS.sub(lambda found: _shown(found[0]), text)


def one_line(text: str) -> str:
    """The same, with a blank for each line break: it is one line, whatever it holds."""
    return printable(" ".join(text.splitlines()))


def _shown(letter: str) -> str:
    if unicodedata.category(letter) not in UNSEEN:
        return letter
    if letter < " ":
        return f"\\x{ord(letter):02x}"
    pairs = letter.encode("utf-16-be", "surrogatepass").hex(" ", 2).split()
    return "".join(f"\\u{pair}" for pair in pairs)


class Door:
    """A stream whose text is made harmless; in all else but bytes it is the stream itself.

    Where the reader of a pipe has gone, the command ends without a word.
    """

    def __init__(self, stream: IO[str]) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write the text as `printable` has it; returns how many characters of it there were."""
        try:
            self.stream.write(printable(text))
        except BrokenPipeError:
            end_quietly(self.stream)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Have all of it written."""
        try:
            self.stream.flush()
        except BrokenPipeError:
            end_quietly(self.stream)

    def __getattr__(self, name: str) -> Any:
        if name == "buffer":  # Click would write to it where the locale is ASCII
            raise AttributeError("text alone goes through a door")
        return getattr(self.stream, name)


@contextmanager
def doors() -> Iterator[None]:
    """Doors before the stdout and stderr of the moment, for as long as the block lasts.

    Where stdout is closed, writing to it raises RelmemError; what is said to a closed stderr is
    said to nobody.
    """
    before = sys.stdout, sys.stderr
    if None in before:
        _take_free_descriptors()
    for stream in before:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a letter that a terminal lacks is no error
    sys.stdout = cast("TextIO", Door(sys.stdout or cast("TextIO", _Closed())))
    sys.stderr = cast("TextIO", Door(sys.stderr or cast("TextIO", _Nobody())))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def no_doors() -> Iterator[None]:
    """The streams themselves, for as long as the block lasts: what is written there is its own."""
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast("TextIO", behind(stream)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def behind(stream: IO[str]) -> IO[str]:
    """The stream that a door stands before; any other one is itself."""
    while isinstance(stream, Door):
        stream = stream.stream
    return stream


def end_quietly(stream: IO[str]) -> NoReturn:
    """End the command because the reader of the pipe has gone; what is left goes nowhere."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    raise Terminated(0)


class _Nobody(io.TextIOBase):
    """A stderr that was closed before relmem began."""

    def write(self, text: str) -> int:
        return len(text)


class _Closed(io.TextIOBase):
    """A stdout that was closed before relmem began."""

    def write(self, text: str) -> int:
        del text
        raise RelmemError(
            "stdout is closed, so nothing can be printed; send it to a file, or to /dev/null."
        )


def _take_free_descriptors() -> None:
    """Have no file that is opened from now on take the number of a standard stream."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
