"""What the terminal does while nobody reads from it."""

import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead


@contextmanager
def hold_input() -> Iterator[None]:
    """Keep what is typed for the next prompt, as typed and unseen; Ctrl-C still interrupts."""
    try:
        import termios  # noqa: PLC0415  # Windows has none, and does not echo by itself

        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
    except (ImportError, OSError, ValueError, termios.error):
        yield
        return
    held = termios.tcgetattr(terminal)
    held[0] &= ~termios.ICRNL
    held[3] &= ~(termios.ECHO | termios.ICANON)
    try:
        termios.tcsetattr(terminal, termios.TCSANOW, held)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def keys_are_waiting(source: Input) -> bool:
    """Whether keys are waiting that the next prompt will read."""
    keys = get_typeahead(source)
    store_typeahead(source, keys)
    if keys:
        return True
    try:
        return bool(select.select([source.fileno()], [], [], 0)[0])
    except (OSError, ValueError, NotImplementedError):  # an input without a file: nothing to ask
        return False
