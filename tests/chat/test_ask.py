import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from relmem_cli.app import main

STORY = "Mary went to the kitchen.\n"


@pytest.fixture
def story(tmp_path: Path) -> str:
    path = tmp_path / "story.txt"
    path.write_text(STORY)
    return str(path)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def ask(
    model_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ran]:
    """ask("--story", ...) runs `relmem ask` in this process, as the console script does."""

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["relmem", "ask", "--model", str(model_file), *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return Ran(int(ended.value.code or 0), *capsys.readouterr())

    return run


def test_each_question_gets_one_line(ask: Callable[..., Ran], story: str) -> None:
    ran = ask("--story", story, "Where is Mary?", "where is mary", "Where is Mary? Where is Mary?")
    assert (ran.code, ran.out, ran.err) == (0, "kitchen\n" * 4, "")


@pytest.mark.parametrize("model", ["open-transformer-joint", "relation-slot-joint"])
def test_an_answer_waits_for_no_compiler(model: str, story: str) -> None:
    """Numba takes a second to load, and half a minute to compile kernels the first time."""
    asked = "from relmem_cli.script import main; main()"
    words = ["ask", "--model", model, "--story", story, "Where is Mary?"]
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", asked, *words],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "kitchen\n"
    assert "numba" not in ran.stderr


def test_everyday_spelling_is_read_in_the_story_and_in_questions(
    ask: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "plain.txt").write_text('"Mary," went to the kitchen!\n')
    ran = ask("--story", str(tmp_path / "plain.txt"), "Where's Mary?!")
    assert (ran.out, ran.err) == ("kitchen\n", "")


def test_json_has_the_fields_of_a_pipe(ask: Callable[..., Ran], story: str) -> None:
    ran = ask("--story", story, "Where is Mary?", "--json")
    row = json.loads(ran.out)
    assert list(row) == ["question", "answer", "probability", "alternatives", "unknown"]
    assert (row["question"], row["answer"]) == ("Where is Mary?", "kitchen")


def test_a_question_with_unknown_words_fails_alone_and_keeps_its_line(
    ask: Callable[..., Ran], story: str
) -> None:
    assert ask("--story", story, "Where is Zog?", "Where is Zed?").out == "?\n?\n"
    ran = ask("--story", story, "Where is Marry?", "Where is Mary?")
    assert (ran.code, ran.out) == (1, "?\nkitchen\n")
    assert ran.err == (
        "relmem: 'Where is Marry?': not answered: the model does not know 'marry' (mary?).\n"
    )
    ran = ask("--story", story, "Where is Marry?", "Where is Mary?", "--json")
    first, second = ran.out.splitlines()
    assert json.loads(first)["answer"] is None
    assert "marry" in json.loads(first)["error"]
    assert json.loads(second)["answer"] == "kitchen"


def test_unknown_words_of_the_story_are_a_warning(ask: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_text(f"Zog slept.\n{STORY}")
    ran = ask("--story", str(path), "Where is Mary?")
    assert (ran.code, ran.out) == (0, "kitchen\n")
    assert ran.err == (
        "relmem: sentence 1 of the story: the model does not know and leaves blank: zog, slept\n"
    )


def test_number_picks_a_story_of_a_babi_file_whose_questions_are_left_out(
    ask: Callable[..., Ran], tmp_path: Path
) -> None:
    path = tmp_path / "qa.txt"
    path.write_text(
        "1 Mary went to the kitchen.\n2 Where is Mary? \tkitchen\t1\n"
        "1 Mary went to the attic.\n2 Where is Mary? \tattic\t1\n"
    )
    assert ask("--story", str(path), "Where is Mary?").out == "kitchen\n"
    assert ask("--story", str(path), "--number", "2", "Where is Mary?").out == "attic\n"
    third = ask("--story", str(path), "-n", "3", "Where is Mary?")
    assert third.code == 2
    assert "has stories 1 to 2, not 3" in third.err


def test_a_question_with_a_number_is_asked_about_the_story_too(
    ask: Callable[..., Ran], story: str
) -> None:
    plain, numbered = ask(
        "--story", story, "Where is Mary?", "1 Where is Mary?", "--json"
    ).out.split("\n")[:2]
    assert numbered == plain


def test_where_there_is_no_stdin_a_dash_is_refused(
    ask: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    ran = ask("--story", "-", "Where is Mary?")
    assert (ran.code, ran.err) == (1, "relmem: there is no story on stdin.\n")


@pytest.mark.parametrize("where", [["--story", "-"], []])
def test_a_story_comes_from_stdin_for_a_dash_and_where_none_is_named(
    ask: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, where: list[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(STORY.encode())))
    assert ask(*where, "Where is Mary?").out == "kitchen\n"


def test_a_terminal_is_not_waited_for_where_no_story_is_named(
    ask: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = io.StringIO(STORY)
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", typed)
    ran = ask("Where is Mary?")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "relmem: there is no story; name its file with --story, or pipe it in.\n"


def test_no_question_is_one_sentence(ask: Callable[..., Ran], story: str) -> None:
    ran = ask("--story", story)
    assert (ran.code, ran.out) == (2, "")
    assert "there is no question" in ran.err


TABLE = """id,story,question
7,Mary went to the kitchen.,Where is Mary?
8,Mary went to the kitchen.,Where is Zog?
9,John went to the garden.,Where is John?
"""


def test_a_table_is_printed_with_answers_row_by_row(
    ask: Callable[..., Ran], tmp_path: Path
) -> None:
    (tmp_path / "table.csv").write_text(TABLE)
    ran = ask("--csv", str(tmp_path / "table.csv"))
    rows = list(csv.DictReader(ran.out.splitlines()))
    assert list(rows[0]) == ["id", "story", "question", "answer", "probability"]
    assert [(row["id"], row["answer"]) for row in rows] == [
        ("7", "kitchen"),
        ("8", "?"),
        ("9", "garden"),
    ]
    assert float(rows[0]["probability"]) > 0.5
    assert (rows[1]["probability"], ran.code) == ("", 1)
    assert ran.err == "relmem: line 3: not answered: the model does not know 'zog'.\n"


def test_a_table_comes_from_stdin_for_a_dash(
    ask: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "table.csv").write_text(TABLE)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TABLE.encode())))
    assert ask("--csv", "-") == ask("--csv", str(tmp_path / "table.csv"))
    monkeypatch.setattr(sys, "stdin", None)
    assert ask("--csv", "-").err == "relmem: there is no table on stdin.\n"


def test_a_table_goes_with_nothing_else_that_is_asked(ask: Callable[..., Ran], story: str) -> None:
    for more in (["Where is Mary?"], ["--story", story], ["--json"], ["--number", "2"]):
        ran = ask("--csv", "table.csv", *more)
        assert (ran.code, ran.out) == (2, "")
        assert "give nothing else" in ran.err


@pytest.mark.parametrize(
    ("content", "question", "code", "complaint"),
    [
        (None, "Where is Mary?", 1, "cannot be read: No such file"),
        (b"", "Where is Mary?", 1, "has no sentence in it"),
        (b"a\0b", "Where is Mary?", 1, "is no text"),
        (b"/undo\n", "Where is Mary?", 2, "/undo is a command"),
        (b"Mary slept.", "Mary slept.", 2, "'Mary slept.' is no question"),
        (b"Mary slept.", "/why", 2, "'/why' is no question"),
        (b"Mary slept.", "", 2, "'' is no question"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(
    ask: Callable[..., Ran],
    tmp_path: Path,
    content: bytes | None,
    question: str,
    code: int,
    complaint: str,
) -> None:
    path = tmp_path / "story.txt"
    if content is not None:
        path.write_bytes(content)
    ran = ask("--story", str(path), question)
    assert (ran.code, ran.out) == (code, "")
    assert complaint in ran.err
    assert ran.err.count("\n") == 1
