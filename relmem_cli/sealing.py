"""Calling code that is not relmem's: what it raises can be told, what it prints is no answer.

A plugin may raise what passes every `except Exception`, such as SystemExit or a KeyboardInterrupt
of its own, and would then end relmem in the name of the user. Within `sealed` that becomes an
ordinary exception, and only the user's own Ctrl-C is an interrupt.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from types import FrameType


class EscapedError(Exception):
    """What would have passed for something else than an error; its cause is what was raised."""


class Terminated(SystemExit):  # no error, as SystemExit is none
    """The process ends, whosever code is at work: SIGTERM or SIGHUP came, or nobody reads on."""


@contextmanager
def sealed(spared: Callable[[BaseException], bool] = lambda _: False) -> Iterator[None]:
    """Have what is no Exception, or steers a loop or chat, raised as EscapedError from it.

    The user's own Ctrl-C passes, `Terminated` does, and so does what `spared` is true of.
    """
    with _interrupts() as came:
        try:
            yield
        except BaseException as error:
            ordinary = isinstance(error, Exception) and not isinstance(error, _STEERING)
            if ordinary or came or isinstance(error, Terminated) or spared(error):
                raise
            raise EscapedError(named(error)) from error


_STEERING = (EOFError, StopIteration, StopAsyncIteration)
"""Exceptions that say "no more" to who calls: chat ends at the first, a generator at the others."""


def origin(error: BaseException) -> BaseException:
    """What was raised at first, of what `sealed` or a generator made another error of."""
    cause = error.__cause__
    made = isinstance(error, EscapedError) or isinstance(cause, StopIteration)
    return cause if made and cause else error


def named(error: BaseException) -> str:
    """The kind of what was raised at first, and its text if it has any, on one line.

    Of a long text it is the beginning.
    """
    error = origin(error)
    text = " ".join(text_of(error).split())
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


_LONGEST = 400
"""Characters that are told of an exception."""


def text_of(error: BaseException) -> str:
    """An exception's text, whatever asking for it does."""
    try:
        with sealed():
            return str(error)
    except Exception as fault:
        return f"its text cannot be told, which raises {type(origin(fault)).__name__}"


@contextmanager
def off_stdout() -> Iterator[None]:
    """Have what is written to stdout meanwhile go to stderr, so that it is in nobody's answers.

    That holds for descriptors too. On a terminal, where both are one, and in another thread than
    the main one, whose stdout it is not, this does nothing.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or sys.stdout is None or sys.stdout.isatty():
        yield
        return
    with _descriptor_off(), redirect_stdout(sys.stderr):
        yield


@contextmanager
def _descriptor_off() -> Iterator[None]:
    """The same for what writes past Python's stdout."""
    _flush()
    try:
        kept = os.dup(1)
    except OSError:  # it is closed
        yield
        return
    try:
        with suppress(OSError):
            os.dup2(2, 1)
        yield
    finally:
        _flush()
        os.dup2(kept, 1)
        os.close(kept)


def _flush() -> None:
    if sys.stdout is not None:
        with suppress(OSError, ValueError):  # it is said when the command ends
            sys.stdout.flush()


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """The signals of the user's Ctrl-C that came so far; their handler does what it does.

    Handlers run in the main thread, so that in others no KeyboardInterrupt is the user's.
    """
    came: list[int] = []
    main = threading.current_thread() is threading.main_thread()
    usual = signal.getsignal(signal.SIGINT) if main else None
    if not callable(usual):
        yield came
        return

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)
        usual(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, usual)
