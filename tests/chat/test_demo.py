import io
from collections.abc import Callable, Iterator

import pexpect
import pytest
from rich.console import Console
from typer.testing import CliRunner

from relmem_cli.app import app
from relmem_cli.chat import demo
from relmem_cli.chat.commands import slash_commands
from relmem_cli.chat.loader import find_models
from relmem_cli.chat.repl import Repl
from relmem_cli.library import DEFAULT_MODEL

LINES = [line for step in demo.TOUR for line in step.types]


@pytest.fixture
def taken() -> Callable[..., tuple[bool, str]]:
    """Takes the tour with the model that ships; returns whether to its end, and what was shown."""

    def take(**options: object) -> tuple[bool, str]:
        console = Console(file=io.StringIO(), width=80)
        models = find_models(DEFAULT_MODEL, "cpu")
        repl = Repl(models=models, commands=slash_commands(), console=console)
        whole = demo.guide(repl, console, **options)  # type: ignore[arg-type]
        return whole, console.file.getvalue()  # type: ignore[attr-defined]

    return take


def test_the_tour_types_every_line_and_its_answers_are_true() -> None:
    result = CliRunner().invoke(app, ["demo", "--device", "cpu"])
    assert result.exit_code == 0
    typed = [line[2:].rstrip() for line in result.stdout.splitlines() if line.startswith("> ")]
    assert typed == LINES
    after = result.stdout.splitlines()
    answers = [after[i + 1].split()[0] for i, line in enumerate(after) if line.endswith("Mary?")
               and line.startswith(">")]  # fmt: skip
    assert answers == ["bathroom", "kitchen", "bathroom"]
    assert "does not know 'bathrom' (bathroom?)" in result.stdout
    assert "cannot" not in result.stdout


def test_what_is_explained_stays_narrow_in_a_wide_window() -> None:
    class Taker:
        def take(self, line: str) -> str:
            return ""

    console = Console(file=io.StringIO(), width=200)
    with console.capture() as captured:
        assert demo.guide(Taker(), console)  # type: ignore[arg-type]
    assert 60 < max(map(len, captured.get().splitlines())) <= demo.WIDEST


def test_fast_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[dict[str, object]] = []
    monkeypatch.setattr("relmem_cli.commands.talk.at_terminal", lambda: True)
    monkeypatch.setattr(
        "relmem_cli.commands.talk.talk", lambda name, device, manner: manner.first(None, None)
    )
    monkeypatch.setattr(demo, "guide", lambda repl, console, **how: taken.append(how))
    for options in ([], ["--fast"]):
        assert CliRunner().invoke(app, ["demo", *options]).exit_code == 0
    assert taken == [
        {"go_on": demo.key_pressed, "pace": demo.PACE},
        {"go_on": None, "pace": 0.0},
    ]


def test_a_tour_that_is_printed_has_the_theme_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Console] = []
    monkeypatch.setattr(demo, "guide", lambda repl, console: seen.append(console))
    assert CliRunner().invoke(app, ["demo", "--theme", "light"]).exit_code == 0
    assert str(seen[0].get_style("relmem.quiet")) == "#626262"


def test_it_can_be_left_after_any_step(taken: Callable[..., tuple[bool, str]]) -> None:
    answers = iter([True, False])
    whole, shown = taken(go_on=lambda: next(answers))
    assert not whole
    assert shown.count("> ") == len(demo.TOUR[0].types) + len(demo.TOUR[1].types)


def test_ctrl_c_leaves(taken: Callable[..., tuple[bool, str]]) -> None:
    def interrupt() -> bool:
        raise KeyboardInterrupt

    assert taken(go_on=interrupt)[0] is False


@pytest.fixture
def terminal() -> Iterator[Callable[..., "pexpect.spawn[str]"]]:
    """Starts `relmem demo` in a terminal."""
    started: list[pexpect.spawn[str]] = []

    def start(*options: str, term: str = "xterm") -> "pexpect.spawn[str]":
        import os
        import sys

        code = "from relmem_cli.app import main; main()"
        child = pexpect.spawn(
            sys.executable, ["-c", code, "demo", "--device", "cpu", *options],
            env=os.environ | {"TERM": term, "PROMPT_TOOLKIT_NO_CPR": "1"},
            dimensions=(24, 80), encoding="utf-8", timeout=60,
        )  # fmt: skip
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)


@pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
@pytest.mark.parametrize(
    ("term", "key"), [("dumb", "q\r"), ("xterm", "q\r"), ("xterm", "\x03"), ("xterm", "\x04")]
)
def test_in_a_terminal_enter_goes_on_and_q_ctrl_c_or_ctrl_d_leaves(
    terminal: Callable[..., "pexpect.spawn[str]"], term: str, key: str
) -> None:
    tour = terminal(term=term)
    tour.expect_exact(demo.HINT)
    tour.send("\r")
    tour.expect(r"bathroom.*%")
    tour.expect_exact(demo.HINT)
    tour.send(key)
    tour.expect(pexpect.EOF)
    tour.close()
    assert tour.exitstatus == 0
    assert "Traceback" not in (tour.before or "")


@pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
def test_fast_ends_in_a_chat(terminal: Callable[..., "pexpect.spawn[str]"]) -> None:
    tour = terminal("--fast")
    tour.expect_exact("Ctrl-D leaves.")
    tour.send("John went to the office.\rWhere is John?\r")
    tour.expect(r"office.*\d%")
    tour.send("\x04")
    tour.expect(pexpect.EOF)
    tour.close()
    assert tour.exitstatus == 0
