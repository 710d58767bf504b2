"""What the terminal does while nobody reads from it."""

import select
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import get_typeahead, store_typeahead


def hold_input() -> AbstractContextManager[None]:
    """Keep what is typed for the next prompt, as typed and unseen; Ctrl-C still interrupts."""
    return _terminal(lends=False)


def lend_input() -> AbstractContextManager[None]:
    """Leave the terminal to another program, as it is for any."""
    return _terminal(lends=True)


@contextmanager
def _terminal(*, lends: bool) -> Iterator[None]:
    try:
        import termios  # noqa: PLC0415  # Windows has none, and does not echo by itself

        terminal = sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
    except (ImportError, OSError, ValueError, termios.error):
        yield
        return
    now = termios.tcgetattr(terminal)
    enter, lines = termios.ICRNL, termios.ECHO | termios.ICANON
    now[0] = now[0] | enter if lends else now[0] & ~enter
    now[3] = now[3] | lines if lends else now[3] & ~lines
    try:
        termios.tcsetattr(terminal, termios.TCSANOW, now)
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
