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
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    own = {number: handler for number, handler in handlers.items() if callable(handler)}
    came: list[int] = []

    def handle(number: int, frame: Any) -> None:
        if global_compiler_lock.is_locked():  # type: ignore[no-untyped-call]
            own[signal.Signals(number)](number, frame)
        else:
            came.append(number)

    try:
        for number in own:
            signal.signal(number, handle)
        yield
    finally:
        for number, handler in own.items():
            signal.signal(number, handler)
        for late in came:
            signal.raise_signal(late)
