from dataclasses import replace
from pathlib import Path

import pytest

from relmem_cli.reports.tables import Table, to_csv, to_markdown
from relmem_cli.reports.trained import run_rows, trained_table
from relmem_cli.runs.job import Job
from relmem_cli.runs.record import RunRecord, TaskScore
from relmem_cli.training.settings import Settings


def result(task="1", error=10, variant="entnet", fold=-1, seed=0, failure=None) -> RunRecord:
    settings = Settings(variant=variant, task=task, fold=fold, seed=seed)
    job = Job(settings=settings, source=None, folder=Path("out") / settings.name)
    if failure:
        return RunRecord.failed(job, failure)
    tests = [TaskScore(task=number, errors=error, n=100) for number in (1, 2)]
    return replace(
        RunRecord.failed(job, ""),
        failure=None,
        epoch=3,
        validation_errors=25,
        validation_n=100,
        seconds=1.5,
        **{"tests": tuple(tests)} if task == "joint" else {"test_errors": error, "test_n": 100},
    )


def lines(table: Table) -> list[str]:
    return to_markdown(table).splitlines()


def test_one_run_is_a_row_and_its_model_is_named() -> None:
    table = trained_table([result()])
    assert lines(table)[2] == "| entnet | 1 | 3 | 25.0% | 10.0% | 100 |"
    assert len(table.rows) == 1
    assert not table.footer
    assert table.notes == [
        f"Model: {Path('out/entnet-1/best.safetensors')}",
        f"Talk to it: relmem chat --model {Path('out/entnet-1')}",
    ]


def test_runs_of_different_tasks_are_listed_with_their_mean() -> None:
    table = trained_table([result("1", 10), result("2", 20, fold=0)])
    assert lines(table)[0].startswith("| variant | task | fold | epoch")
    assert table.footer[0]["test_error"] == pytest.approx(0.15)
    assert "Models: out, a folder for each run" in table.notes
    assert f"Talk to one: relmem chat --model {Path('out/entnet-1')}" in table.notes


def test_folds_and_seeds_are_averaged_by_task_and_variants_stand_side_by_side() -> None:
    runs = [
        result(task, error + seed, variant, seed=seed)
        for variant, error in (("entnet", 10), ("gru", 40))
        for task in ("1", "2")
        for seed in (0, 2)
    ]
    table = trained_table(runs)
    assert lines(table)[0] == "| task | entnet | gru |"
    assert lines(table)[2:5] == [
        "| 1 | 11.0% | 41.0% |",
        "| 2 | 11.0% | 41.0% |",
        "| mean | 11.0% | 41.0% |",
    ]
    assert "Each is the mean of 2 runs." in table.notes


def test_where_runs_are_missing_their_number_is_shown_and_why() -> None:
    runs = [result("1"), result("1", 30, seed=1), result("2"), result("2", seed=1, failure="Oh.")]
    table = trained_table(runs)
    assert lines(table)[0] == "| task | entnet | runs |"
    assert lines(table)[2:5] == ["| 1 | 20.0% | 2 |", "| 2 | 10.0% | 1 |", "| mean | 15.0% |  |"]
    assert "entnet-2-seed1 failed: Oh." in table.notes


def test_a_task_that_one_variant_lacks_is_a_dash() -> None:
    runs = [result("1"), result("2"), result("1", variant="gru")]
    table = trained_table([*runs, result("2", variant="gru", failure="Oh.")])
    assert lines(table)[2:4] == ["| 1 | 10.0% | 10.0% |", "| 2 | 10.0% | - |"]


def test_machines_get_a_row_for_each_run_failed_or_not() -> None:
    text = to_csv(run_rows([result(fold=3), result("2", failure="Oh.")]))
    assert text.splitlines() == [
        "variant,task,fold,seed,epoch,validation_error,test_error,n,seconds,model,failure",
        f"entnet,1,3,0,3,0.25,0.1,100,1.5,{Path('out/entnet-1-fold3/best.safetensors')},",
        "entnet,2,,0,,,,,,,Oh.",
    ]


def test_a_joint_model_is_a_row_for_each_task() -> None:
    assert [row["task"] for row in run_rows([result("joint")]).rows] == [1, 2]
