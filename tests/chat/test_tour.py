import io
from collections.abc import Callable, Iterator, Sequence
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
from relmem_cli.chat.commands import slash_commands
from relmem_cli.chat.model.loader import find_models
from relmem_cli.chat.repl import Repl
from relmem_cli.chat.tour import conversations, guide
from relmem_cli.chat.tour.conversations import SLOTS_MODEL
from relmem_cli.chat.view.theme import Theme, styled_console
from relmem_cli.library import DEFAULT_MODEL

CHAT, MEMORY = (conversations.CHAT, DEFAULT_MODEL), (conversations.MEMORY, SLOTS_MODEL)


@pytest.fixture
def conversation() -> Callable[[str, int], tuple[Repl, Console]]:
    """Makes a conversation with a model that ships, in so many columns."""

    def make(model: str, width: int) -> tuple[Repl, Console]:
        console = styled_console(Theme.plain, file=io.StringIO(), width=width, height=24)
        models = find_models(model, "cpu")
        return Repl(models=models, commands=slash_commands(), console=console), console

    return make


Conversation = Callable[[str, int], tuple[Repl, Console]]


def answers_to(question: str, shown: str) -> list[str]:
    """What came each time that the question was typed."""
    lines = [line.rstrip() for line in shown.splitlines()]
    return [below.split("  ")[1] for line, below in pairwise(lines) if line == f"> {question}"]


def opened(shown: str) -> list[set[int]]:
    """The columns of the gates that are marked, for each sentence."""
    rows = shown.partition("gates: ")[2].splitlines()[2:5]
    return [{place for place, letter in enumerate(row) if letter in "░▒▓█"} for row in rows]


@cache
def printed(tour: str) -> str:
    """What a tour prints where there is no terminal."""
    result = CliRunner().invoke(app, ["demo", tour, "--device", "cpu"])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize(("tour", "steps"), [("chat", CHAT[0]), ("memory", MEMORY[0])])
def test_a_tour_types_every_line_and_none_is_refused(
    tour: str, steps: Sequence[guide.TourStep]
) -> None:
    shown = printed(tour)
    typed = [line[2:].rstrip() for line in shown.splitlines() if line.startswith("> ")]
    assert typed == [line for step in steps for line in step.types]
    assert not any(word in shown for word in ("not read", "there is no", "not answered", "cannot"))


def test_what_the_tour_of_chat_says_is_true() -> None:
    shown = printed("chat")
    assert shown.lstrip().startswith(f"This is {DEFAULT_MODEL},")
    assert "/model" not in shown
    assert answers_to("where is my wife", shown) == ["gym"]
    assert answers_to("what is Bob holding", shown) == ["The story does not say."]
    before, again, undone = answers_to("where is my charger", shown)
    assert (before, again) == ("lobby", "lobby")
    assert undone != "lobby"
    assert "where is my charger  lobby, now canteen" in shown
    assert "step 1" in shown.partition("> /memory attention")[2]


def test_what_the_tour_of_the_memory_says_is_true() -> None:
    shown = printed("memory")
    mary, john, mary_again = opened(shown)
    assert mary == mary_again
    assert john - mary
    first, third = (shown.partition(f"> /watch {n}")[2].partition("\n>")[0] for n in (1, 3))
    assert "kitchen" in first.partition("slot ")[2]
    assert "bathroom" in third.partition("mary")[2]
    assert third.count("garden") >= 2  # the sentence, and what John's slot holds
    assert set(answers_to("Where is Mary?", shown)) == {"bathroom"}
    assert "columns" not in third
    assert "all agree" in shown
    assert shown.rstrip().endswith(f"{SLOTS_MODEL} has read the story")


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize(("steps", "model"), [CHAT, MEMORY])
def test_every_step_fits_a_low_terminal(
    conversation: Conversation, steps: Sequence[guide.TourStep], model: str, width: int
) -> None:
    repl, console = conversation(model, width)
    written = console.file.getvalue  # type: ignore[attr-defined]
    ends = [0]

    def go_on() -> bool:
        ends.append(len(written()))
        return True

    shown = guide.Guide(console, go_on=go_on)
    assert guide.finished(console, lambda: shown.talk(repl, steps))
    assert len(ends) == len(steps)
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
    monkeypatch.setattr(
        "relmem_cli.commands.demo._converse",
        lambda *given: shown.append(given[-1].preferences.theme),
    )
    assert CliRunner().invoke(app, ["demo", *arguments]).exit_code == 0
    assert shown == [theme]


def test_what_is_explained_stays_narrow_in_a_wide_window() -> None:
    console = Console(file=io.StringIO(), width=200)
    with console.capture() as captured:
        for step in conversations.CHAT:
            guide.Guide(console).say(step.says)
    assert 60 < max(map(len, captured.get().splitlines())) <= guide.WIDEST


def test_fast_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[object, float]] = []
    monkeypatch.setattr("relmem_cli.commands.shared.talk.at_terminal", lambda: True)
    monkeypatch.setattr(
        "relmem_cli.commands.demo._converse",
        lambda shown, *_: taken.append((shown._go_on, shown._pace)),
    )
    for options in ([], ["--fast"]):
        assert CliRunner().invoke(app, ["demo", *options]).exit_code == 0
    assert taken == [(guide.wait_for_key, guide.PACE), (None, 0.0)]


def test_a_tour_that_is_printed_has_the_theme_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Console] = []
    monkeypatch.setattr(guide.Guide, "talk", lambda self, *_: seen.append(self.console))
    assert CliRunner().invoke(app, ["demo", "--theme", "light"]).exit_code == 0
    assert str(seen[0].get_style("relmem.quiet")) == "#626262"


def test_it_can_be_left_after_any_step(conversation: Conversation) -> None:
    answers = iter([True, False])
    repl, console = conversation(DEFAULT_MODEL, 80)
    shown = guide.Guide(console, go_on=lambda: next(answers))
    assert not guide.finished(console, lambda: shown.talk(repl, conversations.CHAT))
    first, second, *_ = conversations.CHAT
    written = console.file.getvalue()  # type: ignore[attr-defined]
    assert written.count("> ") == len(first.types) + len(second.types)


def test_ctrl_c_leaves(conversation: Conversation) -> None:
    def interrupt() -> bool:
        raise KeyboardInterrupt

    repl, console = conversation(DEFAULT_MODEL, 80)
    shown = guide.Guide(console, go_on=interrupt)
    assert not guide.finished(console, lambda: shown.talk(repl, conversations.CHAT))


def test_a_tour_that_keeps_nothing_takes_no_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo", "memory", "--out", str(tmp_path / "kept")])
    assert "makes nothing to keep" in str(result.exception)


@pytest.mark.parametrize(
    ("key", "goes_on"), [("\r", True), ("q", False), ("Q", False), ("\x03", False), ("\x04", False)]
)
def test_enter_goes_on_and_q_ctrl_c_or_ctrl_d_leaves(key: str, goes_on: bool) -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text(f"x{key}\rq")  # one of the last two ends it if the key does not
        assert guide.wait_for_key() is goes_on


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
    shown.expect_exact(guide.HINT)
    shown.send("\r")
    shown.expect(r"lobby.*%")
    shown.expect_exact(guide.HINT)
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
