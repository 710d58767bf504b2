"""A run on record: as a line, and by task."""

import json
from pathlib import Path

import pytest

from relmem_cli.runs.record import RunRecord, TaskScore, latest
from tests.reproducing import row


def test_a_joint_run_comes_back_from_its_line_and_is_a_row_for_each_task() -> None:
    scores = (TaskScore(task=1, errors=3, n=100), TaskScore(task=2, errors=7, n=200))
    joint = row(task="joint", tests=scores, test_errors=None, test_n=None, notes=("half of it",))
    read = RunRecord.from_plain(json.loads(joint.to_json()), "as-published")
    assert read == joint
    assert read.test_error == pytest.approx((0.03 + 0.035) / 2)
    assert [(one.task, one.test_errors, one.test_n, one.tests) for one in read.by_task()] == [
        (1, 3, 100, ()),
        (2, 7, 200, ()),
    ]


def test_a_line_names_the_runs_folder_and_no_path() -> None:
    line = row(folder=Path("/somebody/at/home/entnet-1")).to_json()
    assert json.loads(line)["run"] == "entnet-1"
    assert "somebody" not in line


def test_a_count_of_a_task_that_cannot_be_is_refused() -> None:
    plain = json.loads(row(task="joint", test_errors=None, test_n=None).to_json())
    plain["tests"] = [{"task": 1, "errors": 9, "n": 8}]
    with pytest.raises(ValueError, match="test_errors is 9 of 8"):
        RunRecord.from_plain(plain, "as-published")


def test_runs_on_other_data_are_other_runs() -> None:
    rows = [row(settings={"data": data}, errors=1) for data in ("en", "world")]
    again = row(settings={"data": "en"}, errors=2)
    assert latest([*rows, again]) == [again, rows[1]]
