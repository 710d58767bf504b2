"""The program itself: in a terminal, and with a pipe on stdin."""

import json
import os
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from typer.testing import CliRunner

from relmem_cli.app import app
from relmem_cli.chat.line.terminal import hold_input
from relmem_cli.errors import RelmemError
from tests.runs.watching import until

RELMEM = [sys.executable, "-c", "from relmem_cli.script import run; run()"]
CTRL_C, CTRL_D = "\x03", "\x04"

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")


def test_a_conversation_in_a_terminal(
    start: Callable[..., "pexpect.spawn[str]"], own_home: Path
) -> None:
    chat = start()
    chat.send("Mary went to the kitchen.\rWhere is Mary?\r")
    chat.expect(r"kitchen.*9\d\.\d%")
    chat.send("/why\r")
    chat.expect(r"100\.0%.*Mary.*kitchen")
    chat.send("/undo\r")
    chat.expect_exact("took back: Mary went to the kitchen.")
    chat.send("\x1b[200~John went to the garden.\nWhere is John?\x1b[201~\r")
    chat.expect(r"garden.*9\d\.\d%")
    chat.send("Zog went to the hall.\r")
    chat.expect("does not know.*zog.*hall")
    chat.send(CTRL_C)
    chat.send("/story\r")
    chat.expect(r"1.*John went to the garden\..*Where is John\?")
    chat.expect_exact(">")
    chat.send(CTRL_D)
    chat.expect(pexpect.EOF)
    chat.close()
    assert chat.exitstatus == 0
    assert "Traceback" not in (chat.before or "")
    assert "+Where is Mary?" in (own_home / "chat_history").read_text()


def test_while_nobody_reads_keys_are_kept_unseen_and_then_all_is_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    main, end = os.openpty()
    with os.fdopen(main), os.fdopen(end) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        before = termios.tcgetattr(stdin)
        with hold_input():
            entering, _, _, local, *_ = termios.tcgetattr(stdin)
        assert not entering & termios.ICRNL
        assert not local & (termios.ECHO | termios.ICANON)
        assert local & termios.ISIG
        assert termios.tcgetattr(stdin) == before


def test_what_was_said_is_all_on_disk_when_ctrl_d_has_left(
    start: Callable[..., "pexpect.spawn[str]"], own_home: Path, tmp_path: Path
) -> None:
    chat = start("--log", str(tmp_path / "log"))
    chat.send("Mary went to the kitchen.\rWhere is Mary?\r")
    chat.expect(r"9\d\.\d%")
    chat.expect_exact(">")
    chat.send(CTRL_D)
    chat.expect(pexpect.EOF)
    chat.close()
    assert (chat.exitstatus, chat.signalstatus) == (0, None)
    said = ["Mary went to the kitchen.", "Where is Mary?"]
    kept = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [record["text"] for record in kept] == said
    typed = (own_home / "chat_history").read_text().splitlines()
    assert [line[1:] for line in typed if line[:1] == "+"] == said
    (conversation,) = own_home.rglob("conversations/*.json")
    told = json.loads(conversation.read_text())["lines"]
    assert told == ["1 Mary went to the kitchen.", "2 Where is Mary?\t"]


def test_leaving_while_torch_is_still_imported(
    start: Callable[..., "pexpect.spawn[str]"], tmp_path: Path
) -> None:
    (tmp_path / "torch.py").write_text("import time\ntime.sleep(600)\n")
    chat = start(PYTHONPATH=str(tmp_path))
    chat.send(CTRL_D)
    chat.expect(pexpect.EOF)
    chat.close()
    assert (chat.exitstatus, chat.signalstatus) == (0, None)


def test_leaving_before_the_model_is_loaded(start: Callable[..., "pexpect.spawn[str]"]) -> None:
    chat = start()
    chat.send(CTRL_D)
    chat.expect(pexpect.EOF)
    chat.close()
    assert (chat.exitstatus, chat.signalstatus) == (0, None)
    assert "Traceback" not in (chat.before or "")


def test_a_pipe_without_a_question_has_failed(model_file: Path) -> None:
    result = CliRunner().invoke(app, ["chat", "--model", str(model_file)], input="")
    assert isinstance(result.exception, RelmemError)
    assert result.exception.exit_code == 1
    assert "there was no question on stdin" in str(result.exception)


def test_answers_are_alone_on_stdout(model_file: Path) -> None:
    lines = "Zog slept.\nMary went to the kitchen.\nWhere is Mary?\n"
    result = CliRunner().invoke(app, ["chat", "--model", str(model_file)], input=lines)
    assert result.stdout == "kitchen\n"
    assert result.stderr == (
        "relmem: line 1: the model does not know and leaves blank: zog, slept\n"
    )
    assert result.exit_code == 0


def test_a_pipe_is_answered_at_once_and_ends_quietly_when_nobody_reads(model_file: Path) -> None:
    command = [*RELMEM, "chat", "--model", str(model_file), "--json"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as chat:
        assert chat.stdin
        assert chat.stdout
        assert chat.stderr
        chat.stdin.write(b"Where is Mary?\n")
        chat.stdin.flush()
        assert json.loads(chat.stdout.readline())["question"] == "Where is Mary?"
        chat.stdout.close()
        chat.stdin.write(b"Where is Mary?\n")
        chat.stdin.close()
        assert chat.stderr.read() == b""


def test_a_conversation_is_logged_as_it_goes(
    start: Callable[..., "pexpect.spawn[str]"], tmp_path: Path
) -> None:
    path = tmp_path / "talk.jsonl"
    chat = start("--log", str(path))
    chat.send("Mary went to the kitchen.\rWhere is Mary?\r/undo\r")
    chat.expect_exact("took back")
    chat.send("Zog slept.\r")
    chat.expect_exact("not read")
    until(lambda: path.read_text().count("\n") == 4)  # what is shown is logged next
    kept = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(record["kind"], record["answer"]) for record in kept] == [
        ("sentence", None),
        ("question", "kitchen"),
        ("command", None),
        ("sentence", None),
    ]
    assert "does not know" in kept[-1]["error"]


def test_a_pipe_with_a_question_that_cannot_be_answered_has_failed(model_file: Path) -> None:
    lines = "Mary went to the kitchen.\nWhere is Zed?\nWhere is Mary?\n"
    result = CliRunner().invoke(app, ["chat", "--model", str(model_file)], input=lines)
    assert result.stdout == "?\nkitchen\n"
    assert result.stderr == ("relmem: line 2: not answered: the model does not know 'zed'.\n")
    assert result.exit_code == 1
