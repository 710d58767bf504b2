"""What comes faster than anybody types is a paste, from terminals that do not say so too."""

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.key_binding import KeyPress, KeyPressEvent
from prompt_toolkit.keys import Keys

LONGEST_TYPED = 1 << 14
"""Characters of a line that takes a paste; drawing many more takes seconds at every key."""

LEAST_PASTE = 64
"""Characters read at once that nobody has typed."""


def terminal_input() -> Input:
    """The terminal's keys, with `join_pastes` pastes."""
    if sys.platform == "win32":  # prompt-toolkit gathers them itself there
        return create_input()
    from prompt_toolkit.input.vt100 import Vt100Input  # noqa: PLC0415  # Windows cannot import it

    class GatheringInput(Vt100Input):
        def read_keys(self) -> list[KeyPress]:
            return list(join_pastes(super().read_keys()))

    return GatheringInput(sys.stdin)


def join_pastes(keys: Iterable[KeyPress]) -> Iterator[KeyPress]:
    """The keys of one reading; as many characters in a row as nobody types are one paste.

    One by one they take prompt-toolkit 0.4 ms each: a line of 1 MB would hold up chat for minutes.
    A tab among so many is one of bAbI's, and asks for no completion.
    """
    read = list(keys)
    pasted = sum(not isinstance(press.key, Keys) for press in read) >= LEAST_PASTE

    def is_text(press: KeyPress) -> bool:
        return not isinstance(press.key, Keys) or (pasted and press.key is Keys.ControlI)

    for text, run in groupby(read, is_text):
        presses = list(run)
        tabs = any(press.key is Keys.ControlI for press in presses)
        if text and (tabs or len(presses) >= LEAST_PASTE):
            yield KeyPress(Keys.BracketedPaste, "".join(press.data for press in presses))
        else:
            yield from presses


class Paste:
    """Puts a paste into the line; one that makes the line too long is left, and `refuse` says so.

    It says so once for a line: such a paste may come in many pieces.
    """

    def __init__(self, refuse: Callable[[str], None]) -> None:
        self._refuse = refuse
        self._refused: str | None = None

    def begin(self) -> None:
        """Another line begins."""
        self._refused = None

    def __call__(self, event: KeyPressEvent) -> None:
        """Act on a paste."""
        buffer = event.current_buffer
        text = event.data.replace("\r\n", "\n").replace("\r", "\n")
        if len(buffer.text) + len(text) <= LONGEST_TYPED:
            buffer.insert_text(text)
        elif self._refused is None or not buffer.text.startswith(self._refused):
            self._refused = buffer.text
            self._refuse(
                f"a line takes {LONGEST_TYPED:,} characters; a file is read with /load FILE."
            )
