"""Calling code that is not relmem's: what it raises can be told, what it prints is no answer.

A plugin may raise what passes every `except Exception`, such as SystemExit or a KeyboardInterrupt
of its own, and would then end relmem in the name of the user. Within `sealed` that becomes an
ordinary exception, and only the user's own Ctrl-C is an interrupt.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import (
    AbstractContextManager,
    contextmanager,
    nullcontext,
    redirect_stdout,
    suppress,
)
from pathlib import Path
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


def frames_of(error: BaseException) -> list[tuple[FrameType, int]]:
    """Where an error passed, the outermost first, with line numbers; its origin's then."""
    raised = origin(error)
    return [*_frames(error), *(_frames(raised) if raised is not error else ())]


def _frames(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    trace = error.__traceback__
    while trace:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def last_within(
    packages: Collection[str], frames: list[tuple[FrameType, int]]
) -> tuple[str, str] | None:
    """Which of the packages was reached last, and where, as " (model.py, line 3)"; or None."""
    for frame, line in reversed(frames):
        package = package_of(frame.f_globals.get("__name__"))
        if package in packages:
            return package, f" ({Path(frame.f_code.co_filename).name}, line {line})"
    return None


def told_with_place(error: BaseException, package: str) -> str:
    """As `named` tells it, with the file and line of a package that was reached last, if any."""
    found = last_within([package], frames_of(error))
    return named(error) + (found[1] if found else "")


def package_of(module: object) -> str:
    """The first part of a module's name."""
    return str(module or "").partition(".")[0]


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
    if _stays():
        yield
        return
    with _descriptor_at(2), redirect_stdout(sys.stderr):
        yield


@contextmanager
def kept_stdout() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """A way back from within `off_stdout`: what it yields has stdout be for a while what it is now.

    It is for the caller's own code, which is called from relmem's.
    """
    stream = sys.stdout
    if _stays():
        yield nullcontext
        return
    kept = -1
    with suppress(OSError):  # it is closed, and stays so
        kept = os.dup(1)

    @contextmanager
    def back() -> Iterator[None]:
        with redirect_stdout(stream), _descriptor_at(kept):
            yield

    try:
        yield back
    finally:
        with suppress(OSError):
            os.close(kept)


def _stays() -> bool:
    """Whether `off_stdout` has nothing to do."""
    main = threading.current_thread() is threading.main_thread()
    return not main or sys.stdout is None or sys.stdout.isatty()


@contextmanager
def _descriptor_at(descriptor: int) -> Iterator[None]:
    """What writes past Python's stdout writes to another descriptor meanwhile."""
    _flush()
    try:
        kept = os.dup(1)
    except OSError:  # it is closed
        yield
        return
    try:
        with suppress(OSError):
            os.dup2(descriptor, 1)
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
