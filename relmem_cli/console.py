"""The console that relmem draws on: Rich's, but no text brings colours or commands of its own."""

from base64 import b64encode
from collections.abc import Iterable
from typing import IO, Any

import rich.console
from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment

from relmem_cli.door import behind, end_quietly, printable
from relmem_cli.errors import RelmemError

MOST_COPIED = 74_994
"""Bytes of a text on the clipboard; terminals take 100,000 of the sequence that brings it."""


class Console(rich.console.Console):
    """Shows text as it is: no markup in it, and nothing that steers a terminal.

    `options` are Rich's.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    @property
    def file(self) -> IO[str]:
        """Where it draws: behind the door, which would show Rich's own colours as text."""
        return behind(super().file)

    @file.setter
    def file(self, new_file: IO[str]) -> None:
        self._file = new_file

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of anything, all of them harmless."""
        for segment in super().render(renderable, options):
            text, style, control = segment
            yield segment if control or text.isprintable() else Segment(printable(text), style)

    def copy(self, text: str) -> None:
        """Ask the terminal to put a text on its clipboard; it may refuse, and does not answer.

        Raises RelmemError for a terminal that would show the text instead, and for a long text.
        """
        data = printable(text).encode()
        if self.is_dumb_terminal or not self.is_terminal:
            raise RelmemError("this terminal has no clipboard.")
        if len(data) > MOST_COPIED:
            raise RelmemError(f"a clipboard takes {MOST_COPIED:,} bytes, not {len(data):,}.")
        self.file.write(f"\x1b]52;c;{b64encode(data).decode()}\x07")
        self.file.flush()

    def on_broken_pipe(self) -> None:
        """End without a word where the reader of a pipe has gone."""
        self.quiet = True
        end_quietly(self.file)
