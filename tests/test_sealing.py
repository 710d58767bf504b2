import io
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from relmem_cli.door import end_quietly
from relmem_cli.sealing import EscapedError, Terminated, named, origin, sealed, text_of


class MuteError(Exception):
    def __str__(self) -> str:
        raise SystemExit


@pytest.mark.parametrize(
    "error", [SystemExit(0), KeyboardInterrupt(), GeneratorExit(), EOFError(), StopIteration()]
)
def test_what_is_called_ends_in_an_exception_at_worst(error: BaseException) -> None:
    with pytest.raises(EscapedError) as caught, sealed():
        raise error
    assert origin(caught.value) is error


def test_an_ordinary_exception_stays_what_it_is() -> None:
    error = ValueError("one")
    with pytest.raises(ValueError, match="one") as caught, sealed():
        raise error
    assert caught.value is error


def test_what_ends_the_process_passes() -> None:
    with pytest.raises(Terminated), sealed():
        raise Terminated(143)
    with pytest.raises(SystemExit), sealed():
        end_quietly(io.StringIO())  # as where the reader of a pipe has gone
    with pytest.raises(SystemExit), sealed(lambda error: isinstance(error, SystemExit)):
        raise SystemExit(3)


def test_ctrl_c_is_the_users_where_it_came_whatever_was_made_of_it() -> None:
    @sealed()
    def work() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise SystemExit(1) from None

    with pytest.raises(SystemExit):
        work()


def test_ctrl_c_is_handled_as_before_and_afterwards_too() -> None:
    handled = []
    before = signal.signal(signal.SIGINT, lambda *_: handled.append("mine"))
    try:
        with sealed():
            signal.raise_signal(signal.SIGINT)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)
    assert handled == ["mine", "mine"]


def test_in_another_thread_no_interrupt_is_the_users() -> None:
    @sealed()
    def work() -> None:
        raise KeyboardInterrupt

    with ThreadPoolExecutor() as pool:
        assert isinstance(pool.submit(work).exception(), EscapedError)


def test_an_exception_is_told_on_one_line_whatever_its_text_does() -> None:
    assert named(ValueError("no\n such")) == "ValueError: no such"
    assert named(KeyboardInterrupt()) == "KeyboardInterrupt"
    assert text_of(MuteError()) == "its text cannot be told, which raises SystemExit"
