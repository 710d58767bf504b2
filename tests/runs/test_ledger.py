import json
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
    header = write(tmp_path / "r.jsonl", []).read_text()
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
