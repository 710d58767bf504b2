"""`relmem chat` as put together for a terminal, with lines in place of its prompt."""

import io
import json
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prompt_toolkit.history import InMemoryHistory

from relmem_cli.app import main
from relmem_cli.chat.tour.guide import TourStep
from relmem_cli.stories.sources import BabiFolder

TOLD = "Mary went to the kitchen."


@dataclass(frozen=True)
class Ran:
    """How a chat ended, what it wrote, and what its prompt was made of."""

    code: int
    out: str
    err: str
    made: dict[str, Any]


Chat = Callable[..., Ran]


@pytest.fixture
def chat(
    model_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Chat:
    """chat("--model", "walks", lines=[...]) at a terminal; walks and steps are one model."""
    for name in ("walks", "steps"):
        (tmp_path / "models").mkdir(exist_ok=True)
        shutil.copy(model_file, tmp_path / "models" / f"{name}.safetensors")
    monkeypatch.setattr("relmem_cli.library.shipped_models", lambda: tmp_path / "models")
    monkeypatch.setattr("relmem_cli.library.DEFAULT_MODEL", "walks")
    monkeypatch.setattr("relmem_cli.commands.shared.talk.at_terminal", lambda: True)
    monkeypatch.chdir(tmp_path)

    def run(*options: str, lines: tuple[str, ...] = ()) -> Ran:
        rest, made = list(lines), {}

        class Typed:
            def __init__(self, **given: Any) -> None:
                made.update(given)

            def __call__(self, typed: str, refused: str) -> str:
                if not rest:
                    raise EOFError
                return rest.pop(0)

        monkeypatch.setattr("relmem_cli.chat.line.prompt.Prompt", Typed)
        monkeypatch.setattr(sys, "argv", ["relmem", "chat", "--device", "cpu", *options])
        with pytest.raises(SystemExit) as ended:
            main()
        return Ran(int(ended.value.code or 0), *capsys.readouterr(), made)

    return run


def test_continue_brings_back_the_last_conversation_and_its_model(chat: Chat) -> None:
    chat("--model", "steps", lines=(TOLD,))
    again = chat("--continue", lines=("/story", "/model"))
    assert again.out.startswith("  steps: ")
    assert "the last conversation is back: 1 line\n" in again.out
    assert "1  Mary went to the kitchen." in again.out
    chat("--continue", lines=("Where is Mary?",))
    other = chat("--continue", "--model", "walks", lines=("/story",))
    assert other.out.startswith("  walks: ")
    assert "the last conversation is back: 2 lines\n" in other.out


@pytest.mark.parametrize("folder", [False, True])
def test_continue_finds_a_model_that_is_a_file_or_a_run_from_any_folder(
    chat: Chat, model_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: bool
) -> None:
    (tmp_path / "mine").mkdir()
    shutil.copy(model_file, tmp_path / "mine" / "best.safetensors")
    assert chat("--model", "mine" if folder else "mine/best.safetensors", lines=(TOLD,)).code == 0
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    again = chat("--continue", lines=("/story",))
    assert again.err == ""
    assert "1  Mary went to the kitchen." in again.out


def test_without_continue_a_chat_begins_anew_with_the_default_model(chat: Chat) -> None:
    chat("--model", "steps", lines=(TOLD,))
    anew = chat(lines=("/story",))
    assert anew.out.startswith("  walks: ")
    assert "the story is empty" in anew.out


def test_no_history_keeps_neither_lines_nor_the_conversation(chat: Chat, own_home: Path) -> None:
    ran = chat("--no-history", lines=(TOLD,))
    assert isinstance(ran.made["history"], InMemoryHistory)
    assert not list(own_home.iterdir())
    assert not isinstance(chat(lines=(TOLD,)).made["history"], InMemoryHistory)
    assert list(own_home.rglob("*.json"))


def test_a_history_that_cannot_be_kept_is_a_warning_on_stderr(chat: Chat, own_home: Path) -> None:
    (own_home / "chat_history").mkdir()
    ran = chat()
    assert ran.code == 0
    assert "no history is kept" in ran.err
    assert "no history" not in ran.out


def test_slots_panels_and_plugins_commands_show_where_they_are_wanted(chat: Chat) -> None:
    lines = (TOLD, "1 Where is Mary?\tkitchen", "/used")
    shown, hidden = chat("--panel", "score", lines=lines).out, chat("--no-slots", lines=lines).out
    assert "of 1 right" in shown
    assert "of 1 right" not in hidden
    assert len(shown.splitlines()) == len(hidden.splitlines()) + 2
    assert "known words used" in hidden


@pytest.mark.parametrize("keys", ["vi", "emacs"])
def test_keys_are_those_that_were_asked_for(chat: Chat, keys: str) -> None:
    assert chat("--keys", keys).made["preferences"].keys == keys


def test_continue_with_a_number_goes_on_with_an_earlier_conversation_in_its_file(
    chat: Chat, own_home: Path
) -> None:
    chat(lines=(TOLD,))
    chat(lines=("John went to the attic.", "/title Attic"))
    listed = chat(lines=("/conversations",)).out
    assert re.search(r"1 +Attic +1 line +now\n +2 +Mary went to the kitchen. +1 line +now", listed)
    again = chat("--continue", "2", lines=("Where is Mary?", "/conversations"))
    assert "this conversation is back: 1 line, Mary went to the kitchen." in again.out
    assert re.search(r"\* +1 +Mary went to the kitchen. +2 lines", again.out)
    assert len(list(own_home.rglob("*.json"))) == 2
    assert "the last conversation is back: 2 lines\n" in chat("--continue").out
    assert "the last conversation is back: 2 lines\n" in chat("-c", "1").out


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--continue", "7"), "there is no conversation 7"),
        (("3",), "relmem chat --continue 3 goes on"),
        (("--continue", "0"), "'0' is not a whole number from 1"),
    ],
)
def test_a_conversation_that_there_is_none_of_is_refused(
    chat: Chat, options: tuple[str, ...], why: str
) -> None:
    chat(lines=(TOLD,))
    refused = chat(*options)
    assert why in refused.err
    assert refused.code in (1, 2)


def test_a_quiz_says_once_that_its_stories_are_told_anew(chat: Chat) -> None:
    assert chat(lines=("/quiz", "/clear", "/quiz 1")).out.count("bAbI is not on this machine") == 1


def test_a_conversation_at_a_terminal_is_logged(chat: Chat, tmp_path: Path) -> None:
    chat(
        "--log",
        "talk.jsonl",
        "--model",
        "steps",
        lines=(TOLD, "Where is Mary?", "/undo", "/model walks", TOLD),
    )
    kept = [json.loads(line) for line in (tmp_path / "talk.jsonl").read_text().splitlines()]
    assert [(record["kind"], record["answer"]) for record in kept] == [
        ("sentence", None), ("question", "kitchen"), ("command", None),
        ("command", None), ("sentence", None),
    ]  # fmt: skip
    assert [record["model"] for record in kept] == ["steps"] * 4 + ["walks"]


def test_stories_of_a_task_are_those_of_its_test_file(
    chat: Chat, tiny_world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny_world / "qa1_tiny_train.txt").write_text("1 Ann slept.\n2 Where is Ann?\tshed\t1\n")
    source = BabiFolder(name="tiny", path=tiny_world)
    monkeypatch.setattr("relmem_cli.asked_data.open_data", lambda name: source)
    assert "Where is Bob?" in chat(lines=("/task 1 1",)).out


def test_where_babi_is_not_there_the_stories_of_a_task_are_told_anew(chat: Chat) -> None:
    found = chat(lines=("/task 1 1",))
    assert "Where is " in found.out
    assert "bAbI is not on this machine" in found.out


def test_json_at_a_terminal_reads_lines_as_from_a_pipe(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = f"{TOLD}\nWhere is Mary?\n".encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    ran = chat("--json")
    assert json.loads(ran.out)["answer"] == "kitchen"
    assert ran.made == {}


def test_continue_that_is_set_for_good_begins_anew_where_nothing_was_said_yet(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELMEM_CHAT_CONTINUE", "1")
    first = chat(lines=(TOLD,))
    assert first.code == 0
    assert "there is no conversation to go on with yet" in first.out
    assert "1  Mary went to the kitchen." in chat(lines=("/story",)).out


def test_continue_keeps_the_conversations_model_unless_a_flag_names_another(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat("--model", "steps", lines=(TOLD,))
    monkeypatch.setenv("RELMEM_CHAT_MODEL", "walks")
    assert chat("--continue").out.startswith("  steps: ")
    assert chat("--continue", "--model", "walks").out.startswith("  walks: ")


def test_a_tour_is_not_the_conversation_to_go_on_with(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat(lines=(TOLD,))
    monkeypatch.setattr("relmem_cli.library.DEFAULT_MODEL", "walks")
    told = (TourStep("", ("Anna went to the attic.",)),)
    monkeypatch.setattr("relmem_cli.chat.tour.conversations.CHAT", told)
    monkeypatch.setattr(sys, "argv", ["relmem", "demo", "--fast", "--device", "cpu"])
    with pytest.raises(SystemExit):
        main()
    _, _, again = chat("--continue", lines=("/story",)).out.rpartition("conversation is back")
    assert "Mary went to the kitchen." in again
    assert "Anna" not in again


def test_set_with_save_writes_what_config_set_writes(chat: Chat, own_home: Path) -> None:
    shown = chat(lines=("/set --save theme light", "/set --save slots off")).out
    assert "chat.theme is light in " in shown
    assert (own_home / "relmem.toml").read_text() == '[chat]\ntheme = "light"\nslots = false\n'
    made = chat(lines=("/set",)).made
    assert (made["preferences"].theme, made["preferences"].slots) == ("light", False)


def test_set_that_cannot_write_says_so_and_the_conversation_goes_on(
    chat: Chat, own_home: Path
) -> None:
    chat(lines=(TOLD,))

    def spoil() -> None:
        (own_home / "relmem.toml").write_text("[[[")

    class Spoiling(str):
        def splitlines(self, keepends: bool = False) -> list[str]:
            spoil()
            return super().splitlines(keepends)

    shown = chat(lines=(Spoiling("/set --save theme light"), "/set theme")).out
    assert "relmem.toml cannot be used" in " ".join(shown.split())
    assert "theme is light" in shown
