import json
import os
from pathlib import Path

import pytest

from relmem_cli.contract import Recipe
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.runs.ledger import open_ledger, read_results
from relmem_cli.runs.recipe import resolved
from tests.reproducing import failed, row, write

RECIPE = Recipe(name="as-published", summary="", variants=(), settings={"learning_rate": 0.01})
GIVEN = (RECIPE.name, resolved(RECIPE))


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    rows = [row(errors=7, roles=[["mary", "john"]]), failed(task=2)]
    found = read_results([write(tmp_path / "r.jsonl", rows)])
    assert found.rows == rows
    assert found.recipes["as-published"]["learning_rate"] == 0.01


def test_half_a_line_of_a_killed_process_is_mended_and_its_run_is_missing(tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", [row(task=1), row(task=2)])
    whole = path.read_text()
    path.write_text(whole + row(task=4).to_json()[:40])
    assert [one.task for one in read_results([path]).rows] == [1, 2]
    with open_ledger(path, *GIVEN) as file:
        assert [one.task for one in file.rows] == [1, 2]
        assert path.read_text() == whole
        file.add(row(task=4))
    assert [one.task for one in read_results([path]).rows] == [1, 2, 4]


def test_a_whole_last_line_that_lacks_its_newline_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", [row(task=1), row(task=2)])
    whole = path.read_text()
    path.write_text(whole.removesuffix("\n"))
    with open_ledger(path, *GIVEN) as file:
        assert [one.task for one in file.rows] == [1, 2]
        assert path.read_text() == whole
        file.add(row(task=4))
    assert [one.task for one in read_results([path]).rows] == [1, 2, 4]


def test_a_file_with_half_a_header_alone_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"what": "hea')
    assert write(path, [row()]).read_text().count("\n") == 2


def test_what_a_killed_process_had_begun_to_mend_is_deleted(tmp_path: Path) -> None:
    (tmp_path / f".results.jsonl.{7:016x}").write_text("half")
    path = write(tmp_path / "results.jsonl", [row()])
    assert {each.name for each in tmp_path.iterdir()} <= {path.name, f".{path.name}.lock"}


def test_a_failure_that_was_mended_is_told_no_more(tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", [failed(), row(errors=3)])
    assert read_results([path]).rows == [row(errors=3)]
    assert path.read_text().count("\n") == 3


def test_a_failure_in_another_file_never_replaces_a_success(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", [row(errors=3), failed(task=2)])
    second = write(tmp_path / "b.jsonl", [failed(), failed(task=2)])
    for order in ([first, second], [second, first]):
        assert read_results(order).rows == [row(errors=3), failed(task=2)]


def test_of_two_successes_the_last_counts(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", [row(errors=3)])
    second = write(tmp_path / "b.jsonl", [row(errors=5)])
    assert read_results([first, second]).rows == [row(errors=5)]


def test_several_files_are_one(tmp_path: Path) -> None:
    other = Recipe(name="relmem", summary="", variants=())
    first = write(tmp_path / "a.jsonl", [row()])
    second = write(tmp_path / "b.jsonl", [row(recipe="relmem")], other)
    found = read_results([first, second])
    assert [one.recipe for one in found.rows] == ["as-published", "relmem"]
    assert found.recipes.keys() == {"as-published", "relmem"}


def test_files_of_one_recipe_with_other_settings_are_not_mixed(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", [row()])
    changed = Recipe(name="as-published", summary="", variants=(), settings={"learning_rate": 0.5})
    second = write(tmp_path / "b.jsonl", [row()], changed)
    with pytest.raises(UsageError, match=r"learning_rate was 0\.01"):
        read_results([first, second])


def test_a_recipe_that_changed_does_not_go_on_with_old_results(tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", [row()])
    changed = Recipe(name="as-published", summary="", variants=(), settings={"learning_rate": 0.5})
    with (
        pytest.raises(UsageError, match=r"\(learning_rate was 0\.01\); choose another folder"),
        open_ledger(path, changed.name, resolved(changed)),
    ):
        pass


def test_a_setting_that_came_later_was_at_its_default(tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", [row()])
    header, *rest = path.read_text().splitlines()
    plain = json.loads(header)
    del plain["settings"]["warmup"]
    path.write_text("\n".join([json.dumps(plain), *rest]) + "\n")
    with open_ledger(path, *GIVEN) as file:
        assert len(file.rows) == 1


def test_work_that_came_to_no_run_leaves_no_header(tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", [])
    assert not path.exists()
    assert write(path, [row(task=1), row(task=2)]).read_text().count("\n") == 3


def test_a_file_of_runs_that_share_no_settings_keeps_its_name_when_its_folder_is_moved(
    tmp_path: Path,
) -> None:
    path = tmp_path / "results.jsonl"
    for name in ("before", "after"):
        with open_ledger(path, name, {}) as file:
            file.begin({})
            file.add(row(task=len(name)))
    assert read_results([path]).recipes.keys() == {"before"}


def test_two_processes_do_not_write_one_file(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    with (
        open_ledger(path, *GIVEN),
        pytest.raises(RelmemError, match="another process is writing"),
        open_ledger(path, *GIVEN),
    ):
        pass


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("soup\nsoup\n", "line 1 of .* is no result"),
        ("[]\n\n", "line 1 of .* is no result"),
        ("[" * 100_000 + "\n\n", "line 1 of .* is no result .* within each other"),
        ('{"what": "header", "format": "' + "x" * 9999 + '"}\n', "its format is 'x.{,60}x', and"),
        ('{"task": 1}\n', "no header before it"),
        ('{"what": "header", "format": "x"}\n', "its format is 'x'"),
        ('{"what": "header"}\n', "is no result"),
        ("HEADER{}\n" + '{"variant": "v"}\n', "line 3 of .* is no result"),
        ("HEADER" + '{"variant": "v", "task": 1, "fold": 0, "seed": 0, "settings": {}}\n', "neith"),
    ],
)
def test_what_is_no_results_file_is_one_sentence(tmp_path: Path, text: str, complaint) -> None:
    header = write(tmp_path / "r.jsonl", [row()]).read_text().splitlines(keepends=True)[0]
    path = tmp_path / "wrong.jsonl"
    path.write_text(text.replace("HEADER", header))
    with pytest.raises(UsageError, match=complaint):
        read_results([path])


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"variant": 3}, "variant is 3"),
        ({"task": "1"}, "task is '1'"),
        ({"task": 21}, "no task 21"),
        ({"fold": True}, "fold is True"),
        ({"seed": 0.5}, r"seed is 0\.5"),
        ({"settings": []}, r"settings is \[\]"),
        ({"settings": {"options": 3}}, "options is 3"),
        ({"failure": ["x"]}, r"failure is \['x'\]"),
        ({"parameters": "many"}, "parameters is 'many'"),
        ({"seconds": "1"}, "seconds is '1'"),
        ({"test_errors": 1.5}, r"test_errors is 1\.5"),
        ({"test_errors": 1001}, "test_errors is 1001 of 1000"),
        ({"test_errors": -1}, "test_errors is -1 of 1000"),
        ({"test_n": 0}, "test_errors is 0 of 0"),
        ({"test_n": None}, "test_errors is 0 of None"),
        ({"validation_errors": 9, "validation_n": 8}, "validation_errors is 9 of 8"),
        ({"curve": "up"}, "curve is 'up'"),
        ({"notes": "none"}, "notes is 'none'"),
        ({"notes": [3]}, r"notes is \[3\]"),
        ({"tests": [3]}, "it is 3, no table"),
        ({"tests": [{"task": 1, "errors": "0", "n": 9}]}, "errors is '0'"),
        ({"seconds": float("nan")}, "seconds is nan"),
        ({"curve": [[1.0]]}, "no point of a curve"),
        ({"curve": [[1.0, "x"]]}, "no point of a curve"),
        ({"curve": [3]}, "no point of a curve"),
    ],
)
def test_a_row_that_cannot_be_is_one_sentence_with_its_line(
    tmp_path: Path, wrong, complaint
) -> None:
    path = write(tmp_path / "r.jsonl", [row(task=2)])
    plain = {**json.loads(row().to_json()), **wrong}
    with path.open("a") as file:
        file.write(json.dumps(plain) + "\n")
    with pytest.raises(UsageError, match=f"line 3 of .* is no result .*{complaint}"):
        read_results([path])


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read as a results file"):
        read_results([tmp_path / "none.jsonl"])


def damaged(path: Path, *numbers: int) -> Path:
    """The file with something wrong in those lines, a byte alone in the first of them."""
    lines = path.read_bytes().split(b"\n")
    first, *others = numbers
    lines[first - 1] = b"\xff" + lines[first - 1]
    for number in others:
        lines[number - 1] = lines[number - 1][:-9]
    path.write_bytes(b"\n".join(lines))
    return path


def without(path: Path, *numbers: int) -> Path:
    """The file after somebody deleted those lines."""
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(line for at, line in enumerate(lines, 1) if at not in numbers))
    return path


def test_damaged_lines_are_all_named_and_without_them_the_other_runs_are_read(
    tmp_path: Path,
) -> None:
    path = damaged(write(tmp_path / "r.jsonl", [row(task=task) for task in range(1, 6)]), 3, 5)
    told = r"line 3 of .* is no result .*0xff.*; nor are line 5\. Delete them: the other runs stay"
    with pytest.raises(UsageError, match=told):
        read_results([path])
    assert [one.task for one in read_results([without(path, 3, 5)]).rows] == [1, 3, 5]


def test_a_damaged_line_stops_what_would_go_on_and_nothing_is_changed(tmp_path: Path) -> None:
    path = damaged(write(tmp_path / "r.jsonl", [row(task=1), row(task=2)]), 2)
    path.write_bytes(path.read_bytes() + b'{"run": "torn')
    before = path.read_bytes()
    with (
        pytest.raises(UsageError, match="line 2 of .* Delete that line"),
        open_ledger(path, *GIVEN),
    ):
        pass
    assert path.read_bytes() == before
    with open_ledger(without(path, 2), *GIVEN) as file:
        assert [one.task for one in file.rows] == [2]


@pytest.mark.parametrize("number", [1, 3])
def test_of_a_damaged_header_it_is_not_said_that_it_can_be_spared(
    tmp_path: Path, number: int
) -> None:
    first = write(tmp_path / "r.jsonl", [row(task=1)])
    path = damaged(write(first, [row(task=2)]), number)
    with pytest.raises(UsageError, match=f"line {number} of .* move the file away") as told:
        read_results([path])
    assert "Delete" not in str(told.value)


def test_a_results_file_is_no_link_and_no_pipe(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("")
    (tmp_path / "link.jsonl").symlink_to(thesis)
    with (
        pytest.raises(UsageError, match=r"link\.jsonl is a link"),
        open_ledger(tmp_path / "link.jsonl", *GIVEN) as file,
    ):
        file.add(row())
    assert thesis.read_text() == ""
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(UsageError, match="it is no regular file"):
        read_results([tmp_path / "pipe.jsonl"])
