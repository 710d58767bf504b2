"""Ctrl-C waits until machine code has handed over its results.

Numba makes arrays and named tuples of them by calling Python code, and does not expect that to
raise: an interrupt in there crashes the process, or becomes a SystemError. What calls compiled
functions that return either belongs within `uninterrupted`; numbers and None are safe.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core.compiler_lock import global_compiler_lock

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Have signals that came meanwhile handled at the end of this, as their handlers would.

    While Numba compiles they are handled at once: that takes seconds, and is safe. Python handles
    signals in its main thread; in others this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    found = {number: signal.getsignal(number) for number in _SIGNALS}
    handlers = {number: handler for number, handler in found.items() if callable(handler)}
    came: list[int] = []
    held = True

    def handle(number: int, frame: Any) -> None:
        if held and not global_compiler_lock.is_locked():  # type: ignore[no-untyped-call]
            came.append(number)
        else:
            handlers[signal.Signals(number)](number, frame)

    try:
        for number in handlers:
            signal.signal(number, handle)
        yield
    finally:
        held = False  # a signal that comes just now may keep the lines below from being run
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for late in came:
            signal.raise_signal(late)
