"""A terminal's screen, as people see it: what a program writes, through a terminal emulator."""

import os
import time
from collections.abc import Callable
from contextlib import suppress

import pexpect
import pyte

FEW = 200
"""Keys that a pseudoterminal takes at once, whatever chat does."""

WAIT = 60
"""Seconds after which a screen that does not show something has failed."""


class Screen:
    """A program's screen: type, wait for what it shows, look at it, change its size."""

    def __init__(self, child: "pexpect.spawn[str]", size: tuple[int, int]) -> None:
        rows, columns = size
        self.child = child
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._screen.write_process_input = child.send  # what a terminal answers when it is asked
        self._stream.feed(f"{child.before}{child.after}")

    @property
    def lines(self) -> list[str]:
        """The rows from the top, without blanks at their ends."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The rows, one below the other."""
        return "\n".join(self.lines)

    @property
    def colours(self) -> set[str]:
        """Every colour of a character or its background but the terminal's own."""
        cells = [cell for row in self._screen.buffer.values() for cell in row.values()]
        return {colour for cell in cells for colour in (cell.fg, cell.bg)} - {"default"}

    def underlined(self) -> str:
        """The underlined characters, in order."""
        rows = (self._screen.buffer[row] for row in range(self._screen.lines))
        return "".join(cell.data for row in rows for cell in row.values() if cell.underscore)

    def type(self, keys: str) -> None:
        """Press keys; where chat has yet to read so many, what it writes is taken in meanwhile."""
        if len(keys) < FEW:
            self.child.send(keys)
            return
        left = keys.encode()
        os.set_blocking(self.child.child_fd, False)
        while left:
            try:
                left = left[os.write(self.child.child_fd, left) :]
            except BlockingIOError:
                self.look(0.1)
        os.set_blocking(self.child.child_fd, True)

    def until(self, *texts: str) -> None:
        """Wait until all of these are on the screen."""
        self.wait(lambda: all(text in self.text for text in texts), f"never saw {texts}")

    def wait(self, seen: Callable[[], bool], otherwise: str) -> None:
        """Wait until the screen is as wanted."""
        end = time.monotonic() + WAIT
        while not seen():
            assert time.monotonic() < end, f"{otherwise}:\n{self.text}"
            self.look(0.1)

    def look(self, seconds: float = 0) -> None:
        """Take in what has been written since, if anything is within that time."""
        with suppress(pexpect.TIMEOUT):
            self._stream.feed(self.child.read_nonblocking(1 << 16, timeout=seconds))

    def resize(self, rows: int, columns: int) -> None:
        """As if the window were drawn at."""
        self._screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)
