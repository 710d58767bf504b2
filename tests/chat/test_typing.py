"""Typing at a real terminal: keys, history, and what nobody should type."""

import os
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from relmem_cli.chat.line.history import MOST

CTRL_C, CTRL_D = "\x03", "\x04"

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")

Start = Callable[..., "pexpect.spawn[str]"]


def answered(chat: "pexpect.spawn[str]") -> None:
    """The conversation goes on as if nothing had happened."""
    chat.send("/clear\rMary went to the kitchen. Where is Mary?\r")
    chat.expect(r"kitchen[^\n]*9\d\.\d%")


def left(chat: "pexpect.spawn[str]") -> str:
    """What was shown since, after leaving; the program ended well."""
    chat.send(CTRL_D)
    chat.expect(pexpect.EOF)
    chat.close()
    assert (chat.exitstatus, chat.signalstatus) == (0, None)
    assert "Traceback" not in (chat.before or "")
    return chat.before or ""


@pytest.mark.parametrize("keys", ["emacs", "vi"])
def test_completing_cancelling_asking_again_and_undoing(
    start: Start, own_home: Path, keys: str
) -> None:
    chat = start("--no-history", "--keys", keys)
    answered(chat)
    chat.send("Mary went to the att\t")
    chat.expect_exact("attic")
    chat.send(CTRL_C)
    chat.send("?\r")
    chat.expect(r"kitchen[^\n]*9\d\.\d%")
    more = "\x1b\r" if keys == "emacs" else "\x1bo"
    chat.send(f"John went to the garden.{more}Where is John?\r")
    chat.expect(r"garden[^\n]*\d\d\.\d%")
    chat.send("/undo\r")
    chat.expect_exact("took back: John went to the garden.")
    chat.expect_exact(">")
    left(chat)
    assert not (own_home / "chat_history").exists()


def test_hostile_lines_are_text_and_the_conversation_goes_on(start: Start) -> None:
    chat = start()
    for line in (
        "\x1b[200~\x1b[31mMary\x1b]0;title\x07 \x00\x01\x08\x1b[201~",
        "[red]Mary[/red] [link=file:///x]y[/link]",
        "日本語 🎉 \u202eMary\u200b",
        f"\x1b[200~{'a' * 1_000_000}\x1b[201~",
    ):
        chat.send(f"{line}\r")
    os.write(chat.child_fd, b"\xff\xfe Mary\r")
    chat.send(CTRL_C)
    answered(chat)
    chat.send("/story\r")
    chat.expect(r"1.*Mary went to the kitchen\.")
    chat.expect_exact(">")
    assert "title" not in left(chat)


def test_ctrl_c_while_the_model_loads_leaves_the_prompt_usable(start: Start) -> None:
    chat = start()
    chat.send("Mary went to the kitchen.\r")
    chat.expect_exact("loading")
    chat.send(CTRL_C)
    answered(chat)
    chat.expect_exact(">")
    chat.send("/story\r")
    chat.expect_exact("Where is Mary?")
    chat.expect_exact(">")
    assert "Traceback" not in left(chat)


def test_old_lines_are_forgotten_when_a_chat_begins(start: Start, own_home: Path) -> None:
    history = own_home / "chat_history"
    history.write_text("".join(f"\n# today\n+line {n}\n" for n in range(MOST + 5)))
    chat = start()
    chat.send("\x1b[A")
    chat.expect(f"line.*{MOST + 4}")
    chat.send(CTRL_C)
    chat.expect_exact(">")
    left(chat)
    assert history.read_text().count("\n# today") == MOST


def test_an_editors_lines_are_read_and_an_answer_goes_to_the_clipboard_when_asked(
    start: Start, tmp_path: Path
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "Mary went to the kitchen. Where is Mary?" > "$1"\n')
    editor.chmod(0o755)
    chat = start("--no-history", VISUAL=str(editor))
    chat.send("\x18\x05")
    chat.expect(r"kitchen[^\n]*9\d\.\d%")
    assert "\x1b]52" not in (chat.before or "")
    chat.send("/copy\r")
    chat.expect_exact("\x1b]52;c;a2l0Y2hlbg==\x07")
    chat.send("/clear\r/editor\r")
    chat.expect(r"kitchen[^\n]*9\d\.\d%")
    chat.send("exit\r")
    chat.expect(pexpect.EOF)
    chat.close()
    assert (chat.exitstatus, chat.signalstatus) == (0, None)
