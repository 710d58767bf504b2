import io
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pexpect
import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console
from typer.testing import CliRunner

from relmem_cli.app import app
from relmem_cli.chat import tour
from relmem_cli.chat.commands import slash_commands
from relmem_cli.chat.model.loader import find_models
from relmem_cli.chat.repl import Repl
from relmem_cli.chat.view.theme import Theme, styled_console

LINES = [line for step in tour.TOUR for line in step.types]


@pytest.fixture
def conversation() -> Callable[[int], tuple[Repl, Console]]:
    """Makes a conversation with the model that ships, in so many columns."""

    def make(width: int) -> tuple[Repl, Console]:
        console = styled_console(Theme.plain, file=io.StringIO(), width=width, height=24)
        models = find_models(tour.FIRST_MODEL, "cpu")
        return Repl(models=models, commands=slash_commands(), console=console), console

    return make


def answers_to(question: str, shown: str) -> list[str]:
    """What came each time that the question was typed."""
    lines = [line.rstrip() for line in shown.splitlines()]
    return [below.split()[0] for line, below in pairwise(lines) if line == f"> {question}"]


def opened(shown: str) -> list[set[int]]:
    """The columns of the gates that are marked, for each sentence."""
    rows = shown.partition("gates: ")[2].splitlines()[2:5]
    return [{place for place, letter in enumerate(row) if letter in "░▒▓█"} for row in rows]


@cache
def printed() -> str:
    """What the tour prints where there is no terminal."""
    result = CliRunner().invoke(app, ["demo", "--device", "cpu"])
    assert result.exit_code == 0
    return result.stdout


def test_the_tour_types_every_line_and_its_answers_are_true() -> None:
    shown = printed()
    typed = [line[2:].rstrip() for line in shown.splitlines() if line.startswith("> ")]
    assert typed == LINES
    assert answers_to("Where is Mary?", shown) == ["bathroom", "kitchen"]
    assert "Where is Mary?  bathroom, now office" in shown
    assert answers_to("Where is John?", shown) == ["garden", "garden"]
    assert answers_to("Is Mary in the office?", shown) == ["yes"]
    assert "does not know 'bathrom' (bathroom?)" in shown


def test_what_the_tour_says_of_the_views_is_true() -> None:
    shown = printed()
    mary, john, mary_again = opened(shown)
    assert mary == mary_again
    assert john - mary
    compared = shown.partition("> /compare")[2]
    row = next(line for line in compared.splitlines() if "Is Mary in the office?" in line)
    assert "yes" in row
    assert "cannot read it" in row
    assert shown.count("cannot") == 1
    strip = shown.rpartition("> Where is John?")[2].splitlines()[2]
    assert "2 John went to the garden" in strip


@pytest.mark.parametrize("width", [40, 80])
def test_every_step_fits_a_low_terminal(
    conversation: Callable[[int], tuple[Repl, Console]], width: int
) -> None:
    repl, console = conversation(width)
    written = console.file.getvalue  # type: ignore[attr-defined]
    ends = [0]

    def go_on() -> bool:
        ends.append(len(written()))
        return True

    assert tour.guide(repl, console, go_on=go_on)
    assert len(ends) == len(tour.TOUR)
    assert max(written().count("\n", *step) for step in pairwise(ends)) < 24


@pytest.mark.parametrize(
    ("arguments", "theme"),
    [([], Theme.light), (["--theme", "plain"], Theme.plain)],
)
def test_the_theme_is_that_of_chat_unless_it_is_given(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], theme: Theme
) -> None:
    monkeypatch.chdir(own_home)
    (own_home / "relmem.toml").write_text('[chat]\ntheme = "light"\n')
    shown: list[Theme] = []
    monkeypatch.setattr("relmem_cli.commands.demo._print", lambda *given: shown.append(given[-1]))
    assert CliRunner().invoke(app, ["demo", *arguments]).exit_code == 0
    assert shown == [theme]


def test_what_is_explained_stays_narrow_in_a_wide_window() -> None:
    class Taker:
        def take(self, line: str) -> str:
            return ""

    console = Console(file=io.StringIO(), width=200)
    with console.capture() as captured:
        assert tour.guide(Taker(), console)  # type: ignore[arg-type]
    assert 60 < max(map(len, captured.get().splitlines())) <= tour.WIDEST


def test_fast_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[dict[str, object]] = []
    monkeypatch.setattr("relmem_cli.commands.shared.talk.at_terminal", lambda: True)
    monkeypatch.setattr(
        "relmem_cli.commands.shared.talk.talk",
        lambda name, device, manner: manner.first(None, None),
    )
    monkeypatch.setattr(tour, "guide", lambda repl, console, **how: taken.append(how))
    for options in ([], ["--fast"]):
        assert CliRunner().invoke(app, ["demo", *options]).exit_code == 0
    assert taken == [
        {"go_on": tour.wait_for_key, "pace": tour.PACE},
        {"go_on": None, "pace": 0.0},
    ]


def test_a_tour_that_is_printed_has_the_theme_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Console] = []
    monkeypatch.setattr(tour, "guide", lambda repl, console: seen.append(console))
    assert CliRunner().invoke(app, ["demo", "--theme", "light"]).exit_code == 0
    assert str(seen[0].get_style("relmem.quiet")) == "#626262"


def test_it_can_be_left_after_any_step(conversation: Callable[[int], tuple[Repl, Console]]) -> None:
    answers = iter([True, False])
    repl, console = conversation(80)
    assert not tour.guide(repl, console, go_on=lambda: next(answers))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown.count("> ") == len(tour.TOUR[0].types) + len(tour.TOUR[1].types)


def test_ctrl_c_leaves(conversation: Callable[[int], tuple[Repl, Console]]) -> None:
    def interrupt() -> bool:
        raise KeyboardInterrupt

    assert tour.guide(*conversation(80), go_on=interrupt) is False


@pytest.mark.parametrize(
    ("key", "goes_on"), [("\r", True), ("q", False), ("Q", False), ("\x03", False), ("\x04", False)]
)
def test_enter_goes_on_and_q_ctrl_c_or_ctrl_d_leaves(key: str, goes_on: bool) -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(f"x{key}\rq")  # one of the last two ends it if the key does not
        assert tour.wait_for_key() is goes_on


@pytest.fixture
def terminal() -> Iterator[Callable[..., "pexpect.spawn[str]"]]:
    """Starts `relmem demo` in a terminal."""
    started: list[pexpect.spawn[str]] = []

    def start(*options: str, term: str = "xterm") -> "pexpect.spawn[str]":
        import os
        import sys

        code = "from relmem_cli.script import run; run()"
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
@pytest.mark.parametrize(("term", "key"), [("dumb", "q\r"), ("xterm", "\x03")])
def test_in_a_terminal_enter_goes_on_and_q_or_ctrl_c_leaves(
    terminal: Callable[..., "pexpect.spawn[str]"], term: str, key: str
) -> None:
    shown = terminal(term=term)
    shown.expect_exact(tour.HINT)
    shown.send("\r")
    shown.expect(r"bathroom.*%")
    shown.expect_exact(tour.HINT)
    shown.send(key)
    shown.expect(pexpect.EOF)
    shown.close()
    assert shown.exitstatus == 0
    assert "Traceback" not in (shown.before or "")


@pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
def test_fast_ends_in_a_chat(terminal: Callable[..., "pexpect.spawn[str]"]) -> None:
    shown = terminal("--fast")
    shown.expect_exact("Ctrl-D leaves.")
    shown.send("John went to the office.\rWhere is John?\r")
    shown.expect(r"office.*\d%")
    shown.send("\x04")
    shown.expect(pexpect.EOF)
    shown.close()
    assert shown.exitstatus == 0
