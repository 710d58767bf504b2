import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from prompt_toolkit.application import create_app_session, get_app
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from relmem_cli.chat.loader import Background
from relmem_cli.chat.prompt import Prompt, open_history
from relmem_cli.errors import RelmemError


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        yield keys


class Typist:
    """A toolbar that acts when it sees the line that it waits for."""

    def __init__(self, *steps: tuple[str, Callable[[], None]]) -> None:
        self.steps = list(steps)

    def __call__(self) -> str:
        if self.steps and get_app().current_buffer.text == self.steps[0][0]:
            self.steps.pop(0)[1]()
        return "model"


def prompt(
    work: Callable[[], object] = lambda: "a model", toolbar: Callable[[], str] = str
) -> Prompt:
    return Prompt(
        completer=WordCompleter(["garden"]),
        toolbar=toolbar,
        loading=Background(work),
        history=InMemoryHistory(["earlier"]),
    )


def test_a_line_ends_with_enter(keys: PipeInput) -> None:
    keys.send_text("Mary went home.\r")
    assert prompt()() == "Mary went home."


def test_a_line_that_waits_is_there_to_be_edited(keys: PipeInput) -> None:
    typist = Typist(("Mary went hom", lambda: keys.send_text("\x7fx\r")))
    assert prompt(toolbar=typist)("Mary went hom") == "Mary went hox"


def test_keys_typed_ahead_are_not_mixed_with_a_line_that_waits(keys: PipeInput) -> None:
    ask = prompt()
    keys.send_text("first\rsecond\r")
    assert ask() == "first"
    assert ask("waiting") == "second"


def test_pasted_lines_come_as_lines(keys: PipeInput) -> None:
    keys.send_text("\x1b[200~Mary slept.\r\nWhere is Mary?\x1b[201~\r")
    assert prompt()() == "Mary slept.\nWhere is Mary?"


def test_tab_completes_a_word(keys: PipeInput) -> None:
    typist = Typist(("", lambda: keys.send_text("gar\t")), ("garden", lambda: keys.send_text("\r")))
    assert prompt(toolbar=typist)() == "garden"


def test_up_brings_back_an_earlier_line(keys: PipeInput) -> None:
    typist = Typist(
        ("", lambda: keys.send_text("\x1b[A")), ("earlier", lambda: keys.send_text("\r"))
    )
    assert prompt(toolbar=typist)() == "earlier"


@pytest.mark.parametrize(("key", "error"), [("\x03", KeyboardInterrupt), ("\x04", EOFError)])
def test_ctrl_c_and_ctrl_d_are_told_apart(
    keys: PipeInput, key: str, error: type[BaseException]
) -> None:
    keys.send_text(key)
    with pytest.raises(error):
        prompt()()


def fail() -> None:
    raise RelmemError("no such device")


def test_a_model_that_fails_to_load_ends_the_prompt_at_once(keys: PipeInput) -> None:
    typed = Event()

    def load() -> None:
        assert typed.wait(20)
        fail()

    keys.send_text("Mary we")
    with pytest.raises(RelmemError, match="no such device"):
        prompt(load, Typist(("Mary we", typed.set)))()


def test_a_model_that_has_failed_before_the_prompt_shows_ends_it_too(keys: PipeInput) -> None:
    ask = prompt(fail)
    with pytest.raises(RelmemError):
        ask._loading.result()
    with pytest.raises(RelmemError, match="no such device"):
        ask()


def test_loading_begins_when_the_prompt_is_there(keys: PipeInput) -> None:
    shown = Event()
    order: list[bool] = []

    def toolbar() -> str:
        shown.set()
        return ""

    ask = prompt(lambda: order.append(shown.is_set()) or keys.send_text("\r"), toolbar)
    ask()
    assert order == [True]


def test_history_is_kept_from_one_chat_to_the_next_and_only_for_the_user(
    keys: PipeInput, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "history"
    history, warning = open_history(path)
    assert warning == ""
    history.append_string("Mary slept.")
    assert list(open_history(path)[0].load_history_strings()) == ["Mary slept."]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_costs_the_history_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history, warning = open_history(tmp_path / "file" / "history")
    assert isinstance(history, InMemoryHistory)
    assert "no history is kept" in warning


def test_history_that_stops_being_writable_loses_no_line(tmp_path: Path) -> None:
    history, _ = open_history(tmp_path / "history")
    (tmp_path / "history").unlink()
    (tmp_path / "history").mkdir()
    history.append_string("Mary slept.")
    assert history.get_strings() == ["Mary slept."]


def test_the_prompt_needs_no_torch() -> None:
    code = (
        "import sys, relmem_cli.chat.prompt, relmem_cli.chat.repl, relmem_cli.chat.loader;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
