import json
import os
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from relmem_cli.app import app
from relmem_cli.chat.story.lines import CommandLine, parse_line
from relmem_cli.chat.story.log import Log
from relmem_cli.errors import UsageError

KEYS = [
    "time", "model", "kind", "text", "answer", "probability", "alternatives", "seconds", "truth",
    "error",
]  # fmt: skip
LINES = "1 Mary went to the kitchen.\n2 Where is Mary?\tkitchen\t1\nWhere is Zed?\n/clear\n"


def fail(text: str) -> None:
    raise AssertionError(text)


def records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_everything_said_through_a_pipe_is_one_line_each(
    model_file: Path, tmp_path: Path, options: list[str]
) -> None:
    path = tmp_path / "talk.jsonl"
    arguments = ["chat", "--model", str(model_file), "--log", str(path), *options]
    CliRunner().invoke(app, arguments, input=LINES)
    told, asked, failed, command = records(path)
    assert all(list(record) == KEYS for record in records(path))
    assert all(datetime.fromisoformat(r["time"]).utcoffset() is not None for r in records(path))
    assert (told["kind"], told["text"]) == ("sentence", "Mary went to the kitchen.")
    assert told["answer"] is told["truth"] is told["error"] is None
    assert (asked["kind"], asked["answer"], asked["truth"]) == ("question", "kitchen", "kitchen")
    assert asked["probability"] > 0.9
    assert asked["seconds"] > 0
    assert [other["answer"] for other in asked["alternatives"]]
    assert failed["answer"] is None
    assert "'zed'" in failed["error"]
    assert (command["kind"], command["text"], command["model"]) == ("command", "/clear", "walks")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    for name in ("undo", "redo"):
        log = Log(path, warn=fail)
        log.log_command(CommandLine(name=name, argument="2"), model="walks")
        log.close()
    assert [record["text"] for record in records(path)] == ["/undo 2", "/redo 2"]


def test_a_line_is_there_as_soon_as_it_was_said(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    log = Log(path, warn=fail)
    (said,) = parse_line("Où est Mary \U0001f600?")  # type: ignore[misc]
    log.log_turn(said, model="walks")
    assert records(path)[0]["text"] == "Où est Mary \U0001f600?"
    log.close()


def test_a_line_is_written_whole_where_the_disk_takes_it_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr("os.write", lambda file, data: write(file, data[:7]))
    log = Log(tmp_path / "talk.jsonl", warn=fail)
    log.log_command(CommandLine(name="undo", argument=""), model="walks")
    log.close()
    assert [record["text"] for record in records(tmp_path / "talk.jsonl")] == ["/undo"]


@pytest.mark.parametrize("name", [".", "no/such/folder/talk.jsonl"])
def test_a_log_that_cannot_be_written_stops_before_anything_starts(
    name: str, tmp_path: Path
) -> None:
    result = CliRunner().invoke(app, ["chat", "--log", str(tmp_path / name)], input=LINES)
    assert isinstance(result.exception, UsageError)
    assert "cannot be written" in str(result.exception)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_log_that_fails_later_costs_one_warning() -> None:
    warnings: list[str] = []
    log = Log(Path("/dev/full"), warn=warnings.append)
    for _ in range(3):
        log.log_command(CommandLine(name="undo", argument=""), model="walks")
    assert warnings == ["/dev/full cannot be written (No space left on device): the log ends here"]
