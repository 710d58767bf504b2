"""No command leaves a terminal without a word while torch is imported."""

import io
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pexpect
import pyte
import pytest
import typer

from relmem_cli.app import app
from relmem_cli.commands.shared.waiting import now, waiting
from tests.commands.making_runs import make_run
from tests.stories.test_cloze import book

RUN = ["-c", "from relmem_cli.script import run; run()"]
WAIT = 60
SAID = r"(importing torch|loading\.\.\.|loading the model)"

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")

ARGUMENTS = {
    "chat": ("chat",),
    "demo": ("demo", "--fast"),
    "ask": ("ask", "--story", "STORY", "Where is Mary?"),
    "train": ("train", "--variant", "gru", "--data", "WORLD", "--out", "new"),
    "eval": ("eval", "relation-transformer-1", "--data", "WORLD"),
    "calibrate": ("calibrate", "relation-transformer-1", "--data", "WORLD"),
    "reproduce": ("reproduce", "table5"),
    "params table": ("params", "table", "--task", "1"),
    "params show": ("params", "show", "--variant", "entnet", "--task", "1"),
    "variants": ("variants",),
    "models": ("models",),
    "models path": ("models", "path", "relation-transformer-1"),
    "models rename": ("models", "rename", "mine", "other"),
    "models rm": ("models", "rm", "mine", "--yes"),
    "runs": ("runs",),
    "runs show": ("runs", "show", "mine"),
    "data": ("data", "check", "--data", "WORLD"),
    "data where": ("data", "where"),
    "data stats": ("data", "stats", "--data", "WORLD", "--task", "1"),
    "data roles": ("data", "roles", "--data", "WORLD", "--task", "1"),
    "data check": ("data", "check", "--data", "WORLD"),
    "data generate": ("data", "generate", "--questions", "5", "--out", "told"),
    "data show": ("data", "show", "--kind", "mixture"),
    "data solve": ("data", "solve", "--data", "world", "--task", "1"),
    "data compare": ("data", "compare", "--data", "WORLD", "--task", "1", "--questions", "100"),
    "data cloze": ("data", "cloze", "BOOK", "-k", "CN", "--candidates", "2", "--out", "told"),
    "config show": ("config", "show", "--all"),
    "config path": ("config", "path"),
    "config set": ("config", "set", "chat.theme", "light"),
    "config unset": ("config", "unset", "chat.theme"),
    "plugins": ("plugins",),
    "doctor": ("doctor",),
}
"""What makes a command do all of its work. `data fetch` is left out: it would download."""

WITH_TORCH = {
    "chat",
    "demo",
    "ask",
    "train",
    "eval",
    "calibrate",
    "reproduce",
    "params table",
    "params show",
    "doctor",
}

ASKS_WHERE = r"\x1b\[6n"
"""What chat sends to learn where the cursor is; then it knows that there is room for a toolbar."""


def leaves(command: Any, name: str = "") -> Iterator[str]:
    """The names of a command and of all below it."""
    if not hasattr(command, "list_commands"):
        yield name
        return
    context = typer.Context(command)
    for below in command.list_commands(context):
        yield from leaves(command.get_command(context, below), f"{name} {below}".strip())


@pytest.fixture(scope="module")
def never_imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a torch whose import leaves a mark, and does not end."""
    folder = tmp_path_factory.mktemp("packages")
    (folder / "torch").mkdir()
    (folder / "torch/__init__.py").write_text(
        "import pathlib, time\npathlib.Path(__file__).with_name('mark').touch()\ntime.sleep(600)\n"
    )
    return folder


@pytest.fixture
def start(
    never_imported: Path, tiny_world: Path, tmp_path: Path, own_home: Path
) -> Iterator[Callable[..., "pexpect.spawn[str]"]]:
    """Starts `relmem` in a terminal, with that torch."""
    started: list[pexpect.spawn[str]] = []
    (never_imported / "torch/mark").unlink(missing_ok=True)
    (tmp_path / "story").write_text("Mary went to the kitchen.\n")
    (tmp_path / "babi/en").mkdir(parents=True)
    (own_home / "relmem.toml").write_text('[chat]\ntheme = "dark"\n')
    (tmp_path / "book").write_text(book(220))
    make_run(own_home / "runs" / "mine")
    places = {
        "WORLD": str(tiny_world),
        "STORY": str(tmp_path / "story"),
        "BOOK": str(tmp_path / "book"),
    }

    def start(
        *arguments: str,
        width: int = 80,
        run: Sequence[str] = RUN,
        shell: bool = False,
        **variables: str,
    ) -> "pexpect.spawn[str]":
        command = [sys.executable, *run, *(places.get(each, each) for each in arguments)]
        if shell:
            words = [places.get(word, word) for word in arguments[0].split()]
            command = ["sh", "-c", " ".join([shlex.join([sys.executable, *run]), *words])]
        child = pexpect.spawn(
            command[0],
            command[1:],
            env=os.environ
            | {"TERM": "xterm", "PYTHONPATH": str(never_imported)}
            | {"RELMEM_DATA": str(tmp_path / "babi")}
            | variables,
            cwd=str(tmp_path),
            dimensions=(24, width),
            encoding="utf-8",
            timeout=WAIT,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)


def test_every_command_is_tried_here() -> None:
    assert set(leaves(typer.main.get_command(app))) - {"data fetch"} <= set(ARGUMENTS)


@pytest.mark.parametrize("name", sorted(WITH_TORCH))
def test_a_command_that_imports_torch_says_so_meanwhile(
    start: Callable[..., "pexpect.spawn[str]"], name: str
) -> None:
    child = start(*ARGUMENTS[name])
    while child.expect([SAID, ASKS_WHERE]):
        child.send("\x1b[2;1R")


@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - WITH_TORCH))
def test_every_other_command_ends_without_torch(
    start: Callable[..., "pexpect.spawn[str]"], never_imported: Path, name: str
) -> None:
    child = start(*ARGUMENTS[name])
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert not (never_imported / "torch/mark").exists()


@pytest.mark.parametrize(
    "line", ["chat < STORY", "demo | cat", "train -v gru --data WORLD --seed 0-1 --out new"]
)
def test_so_it_is_with_pipes_and_for_a_grid(
    start: Callable[..., "pexpect.spawn[str]"], line: str
) -> None:
    start(line, shell=True).expect(SAID)


def test_whoever_imports_torch_a_plugin_say_has_it_said(
    start: Callable[..., "pexpect.spawn[str]"],
) -> None:
    code = "from relmem_cli.commands.shared.waiting import announce_imports; announce_imports()"
    start(run=["-c", f"{code}; import torch"]).expect_exact("importing torch...")


def test_a_narrow_terminals_line_is_not_wrapped(start: Callable[..., "pexpect.spawn[str]"]) -> None:
    start("params", "table", width=10).expect_exact("importing\r")


def test_where_lines_last_it_is_one_of_them(start: Callable[..., "pexpect.spawn[str]"]) -> None:
    start("params", "table", TERM="dumb").expect_exact("importing torch...\r\n")


def test_a_chat_without_a_toolbar_says_that_it_waits_for_the_model(
    start: Callable[..., "pexpect.spawn[str]"],
) -> None:
    chat = start("chat", TERM="dumb")
    chat.expect_exact("> ")
    chat.send("Mary went to the kitchen.\r")
    chat.expect_exact("loading the model...")


class Terminal(io.StringIO):
    """Keeps what is written to it, as stderr."""

    def isatty(self) -> bool:
        return True


def test_what_is_waited_for_stands_alone_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with waiting("reading"):
        with waiting("importing it"):
            pass
        now("testing")
    screen = pyte.Screen(20, 1)
    seen = []
    for written in terminal.getvalue().split("\r"):
        pyte.Stream(screen).feed(written + "\r")
        seen.append(screen.display[0].strip())
    assert seen == ["reading...", "importing it...", "reading...", "testing...", "", ""]


def test_a_warning_is_written_over_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with waiting("importing it"):
        sys.stderr.write("relmem: a plugin is broken\r\n")
    screen = pyte.Screen(40, 3)
    pyte.Stream(screen).feed(terminal.getvalue())
    assert [line.strip() for line in screen.display] == ["relmem: a plugin is broken", "", ""]


def test_where_stderr_is_no_terminal_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", file := io.StringIO())
    with waiting("reading"):
        now("testing")
    monkeypatch.setattr(sys, "stderr", None)
    with waiting("reading"):
        pass
    assert file.getvalue() == ""
