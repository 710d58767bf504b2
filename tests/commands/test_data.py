import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from relmem_cli.errors import RelmemError
from relmem_cli.paths import data_cache
from relmem_cli.stories import archive, fetch
from relmem_cli.stories.archive import file_names
from relmem_cli.stories.sources import ARCHIVE, SETS

Relmem = Callable[..., Any]

TEXT = """1 Ann ran to the barn.
2 Bob ran to the well.
3 Where is Ann?\tbarn\t1
1 Bob ran to the barn.
2 Where is Bob?\tbarn\t1
"""


def fill(root: Path, *sets: str) -> Path:
    """An archive with all files of these sets."""
    for name in sets:
        (root / name).mkdir(parents=True)
        for file in file_names():
            (root / name / file).write_text(TEXT)
    return root


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An archive whose files are all right; RELMEM_DATA names it."""
    made = fill(tmp_path / ARCHIVE, *SETS)
    monkeypatch.setattr(archive, "published_hashes", dict)
    monkeypatch.setenv("RELMEM_DATA", str(made))
    return made


@pytest.mark.parametrize("arguments", [("data",), ("data", "where")])
def test_where_says_what_was_found_and_where_it_was_looked_for(
    relmem: Relmem, root: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    (root / "en-10k" / file_names()[4]).unlink()
    out = relmem(*arguments).out
    assert f"Found in {root}\n" in out
    assert f"Looked in {root}, then {data_cache() / ARCHIVE}" in out
    assert "task 3 train" in out


def test_where_as_json_has_every_set_with_its_missing_files(relmem: Relmem, root: Path) -> None:
    (root / "hn" / file_names()[1]).unlink()
    rows = {row["data"]: row for row in json.loads(relmem("data", "where", "-f", "json").out)}
    assert list(rows) == list(SETS)
    assert rows["hn"] == {
        "data": "hn", "files": 39, "missing": ["task 1 test"], "where": str(root / "hn"),
    }  # fmt: skip


def test_where_without_data_fails_and_says_how_to_get_it(relmem: Relmem) -> None:
    ran = relmem("data")
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert str(data_cache()) in ran.err
    assert "run `relmem data fetch`" in ran.err


def test_stats_count_what_is_in_the_files(relmem: Relmem, root: Path) -> None:
    (row,) = json.loads(relmem("data", "stats", "--task", "7", "--format", "json").out)
    # 9 words, "." and "?", and the pad token; the only answer is one of the words
    assert row == {
        "task": 7, "name": "Counting", "V": 12, "L": 6, "Lq": 4, "stories": 2, "questions": 2,
        "answers": 1, "longest": 2,
    }  # fmt: skip


def test_stats_of_real_files_are_the_catalogues_sizes(
    relmem: Relmem, babi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relmem_cli.stories.catalogue import TASKS

    monkeypatch.setenv("RELMEM_DATA", str(babi))
    rows = json.loads(relmem("data", "stats", "-t", "3,19", "-f", "json").out)
    found = {row["task"]: (row["V"], row["L"], row["Lq"]) for row in rows}
    for task, sizes in found.items():
        known = TASKS[task].sizes
        assert sizes == (known.vocabulary, known.sentence_length, known.question_length)
    assert [row["longest"] > 100 for row in rows] == [True, False]


def test_stats_go_on_without_a_missing_file_and_say_so(relmem: Relmem, root: Path) -> None:
    (root / "en" / file_names()[4]).unlink()
    ran = relmem("data", "stats", "--task", "2-4", "--format", "json")
    assert [row["task"] for row in json.loads(ran.out)] == [2, 4]
    assert ran.err.startswith("relmem: left out: ")
    assert ran.code == 0


def test_stats_of_nothing_but_missing_files_fail(relmem: Relmem, root: Path) -> None:
    (root / "en" / file_names()[4]).unlink()
    ran = relmem("data", "stats", "--task", "3")
    assert (ran.code, ran.out) == (1, "")


def test_stats_fit_80_columns(relmem: Relmem, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    out = relmem("data", "stats").out
    assert "Three Argument Relations" in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """A folder of one's own: two people, of whom one gets a thing and drops it."""
    lines = []
    for who in ("Ann", "Bob") * 50:
        lines += [f"1 {who} got a cup.", f"2 {who} dropped a cup.", f"3 Who had it?\t{who}\t1"]
    (tmp_path / "qa1_mine_train.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_roles_are_shown_with_how_often_their_words_occur(relmem: Relmem, pairs: Path) -> None:
    ran = relmem("data", "roles", "--data", str(pairs), "--format", "md")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "| role | words | sentences | questions | answers |"
    assert lines[2].startswith("| 1 | ann, bob | ")
    assert "in the 90 questions to train on" in ran.out
    assert "Not exchanged: dropped and got; " in ran.out


def test_roles_as_json_have_a_row_for_each_member_and_each_rejection(
    relmem: Relmem, pairs: Path
) -> None:
    rows = json.loads(relmem("data", "roles", "--data", str(pairs), "-f", "json").out)
    assert len({tuple(row) for row in rows}) == 1
    one, other, rejected = rows
    assert (one["words"], other["words"]) == (["ann"], ["bob"])
    assert one["sentences"] == 2 * one["answers"]
    assert one["answers"] + other["answers"] == 90
    assert one["questions"] == 0
    assert rejected["words"] == ["dropped", "got"]
    assert "90 times, 0 after the exchange" in rejected["rejected"]


def test_stories_without_roles_are_said_to_have_none(
    relmem: Relmem, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    ran = relmem("data", "roles", "--task", "2")
    assert ran.code == 0
    assert "No words were found that play the same role." in ran.out


def test_roles_of_several_tasks_are_told_apart(
    relmem: Relmem, pairs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (pairs / "qa1_mine_train.txt").read_text()
    (pairs / "qa2_mine_train.txt").write_text(text.replace("Ann", "Cy"))
    ran = relmem("data", "roles", "--data", str(pairs), "-t", "1-2", "-f", "md")
    assert "| 1 | 1 | ann, bob |" in ran.out
    assert "| 2 | 1 | bob, cy |" in ran.out
    assert "Not exchanged: task 2: " in ran.out


def test_roles_go_on_without_a_missing_file_and_say_so(relmem: Relmem, pairs: Path) -> None:
    ran = relmem("data", "roles", "--data", str(pairs), "-t", "1-2", "-f", "json")
    assert {row["task"] for row in json.loads(ran.out)} == {1}
    assert ran.err.startswith("relmem: left out: ")
    assert ran.code == 0


def test_roles_of_nothing_but_missing_files_fail(relmem: Relmem, pairs: Path) -> None:
    ran = relmem("data", "roles", "--data", str(pairs), "-t", "2")
    assert (ran.code, ran.out) == (1, "")


def test_check_of_sound_files_succeeds(relmem: Relmem, root: Path) -> None:
    ran = relmem("data", "check", "--format", "json")
    assert (ran.code, json.loads(ran.out), ran.err) == (0, [], "")


def test_check_lists_every_fault_and_fails(relmem: Relmem, root: Path) -> None:
    (root / "en-10k" / file_names()[4]).unlink()
    (root / "hn" / file_names()[0]).write_text("no number\n")
    ran = relmem("data", "check", "--format", "json")
    rows = json.loads(ran.out)
    assert ran.code == 1
    assert [(row["set"], row["file"]) for row in rows] == [
        ("hn", file_names()[0]),
        ("en-10k", file_names()[4]),
    ]
    assert rows[0]["fault"].startswith("line 1: starts with 'no'")
    assert rows[1]["fault"] == "missing"
    assert "2 of 240 files are missing or at fault" in ran.err


def test_check_of_one_set_leaves_the_others_alone(relmem: Relmem, root: Path) -> None:
    (root / "hn" / file_names()[0]).unlink()
    assert relmem("data", "check", "--data", "en").code == 0
    assert relmem("data", "check", "--data", "hn").code == 1


def test_check_says_in_one_line_that_a_set_is_not_there(
    relmem: Relmem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "published_hashes", dict)
    monkeypatch.setenv("RELMEM_DATA", str(fill(tmp_path / "partial", "en")))
    monkeypatch.setenv("COLUMNS", "500")
    ran = relmem("data", "check")
    assert ran.code == 1
    assert ran.out.count("no file of this set is in") == 5


def test_check_reads_a_folder_of_ones_own(relmem: Relmem, tmp_path: Path) -> None:
    (tmp_path / "qa1_mine_train.txt").write_text("1 Ann ran.\n3 Bob ran.\n")
    ran = relmem("data", "check", "--data", str(tmp_path), "--format", "json")
    (row,) = json.loads(ran.out)
    assert (ran.code, row["file"]) == (1, "qa1_mine_train.txt")
    assert row["fault"].startswith("line 2: line number 3 is out of order")


def test_check_of_an_archive_by_its_path_covers_all_sets(relmem: Relmem, root: Path) -> None:
    (root / "shuffled" / file_names()[0]).unlink()
    ran = relmem("data", "check", "--data", str(root), "--format", "json")
    assert [row["set"] for row in json.loads(ran.out)] == ["shuffled"]


def test_fetch_prints_the_folder_and_nothing_else_on_stdout(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pretend(cache: Path, progress: object) -> bool:
        fill(cache / ARCHIVE, *SETS)
        return True

    monkeypatch.setattr(archive, "published_hashes", dict)
    monkeypatch.setattr(fetch, "fetch", pretend)
    ran = relmem("data", "fetch")
    assert (ran.code, ran.out) == (0, f"{data_cache() / ARCHIVE}\n")
    assert "every file is as published" in ran.err


def test_fetch_does_not_download_what_is_there_already(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(cache: Path, progress: object) -> bool:
        raise RelmemError("downloaded")

    monkeypatch.setattr(archive, "published_hashes", dict)
    monkeypatch.setattr(fetch, "fetch", never)
    assert relmem("data", "fetch").code == 1
    fill(data_cache() / ARCHIVE, *SETS)
    ran = relmem("data", "fetch")
    assert ran.code == 0
    assert "all files are there already" in ran.err


def test_fetch_says_when_relmem_data_names_another_folder(
    relmem: Relmem, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(data_cache() / ARCHIVE, *SETS)
    assert f"what is used is {root}" in relmem("data", "fetch").err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("stats", "--split", "valid"), "--split 'valid' is neither train nor test"),
        (("stats", "--task", "x"), "task 'x' is not a number"),
        (("roles", "--task", "x"), "task 'x' is not a number"),
        (("roles", "--fold", "7"), "no fold 7"),
        (("check", "--data", "nowhere"), "--data 'nowhere' is neither"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_code_2(
    relmem: Relmem, root: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    ran = relmem("data", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert complaint in ran.err


@pytest.mark.parametrize("command", ["stats", "roles", "check"])
def test_without_data_one_sentence_says_how_to_get_it(relmem: Relmem, command: str) -> None:
    ran = relmem("data", command)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert "run `relmem data fetch`" in ran.err


def test_a_folder_in_a_files_place_is_a_fault(relmem: Callable, tiny_world: Path) -> None:
    (tiny_world / "qa2_tiny_train.txt").mkdir()
    ran = relmem("data", "check", "--data", str(tiny_world), "--format", "json")
    assert ran.code == 1
    (fault,) = json.loads(ran.out)
    assert fault["fault"] == "cannot be read: Is a directory"
