import pytest

from relmem_cli.intervals import student_margin, wilson
from relmem_cli.reports.paper import ERRORS
from relmem_cli.reports.reproduced import table6, table6_rows
from relmem_cli.reports.summary import groups_of
from relmem_cli.reports.tables import Table, split
from relmem_cli.reports.task_names import fit_names
from relmem_cli.runs.record import RunRecord
from tests.reproducing import failed, row


def everything(folds: int = 3) -> list[RunRecord]:
    """The paper's own errors, a little above and below them in turn."""
    return [
        row(variant, task, k, errors=max(0, round(10 * errors[task - 1]) + (k - 1)))
        for k in range(folds)
        for variant, errors in ERRORS.items()
        for task in range(1, 21)
    ]


def cell(table: Table, task: object, column: str) -> str:
    (found,) = [one for one in [*table.rows, *table.footer] if one["task"] == task]
    return table.cell(found, column).strip()


def test_a_figure_is_the_mean_over_folds_with_students_interval() -> None:
    rows = [row(task=2, k=k, errors=errors) for k, errors in enumerate((100, 200, 300))]
    (plain,) = table6_rows(rows).rows
    margin = student_margin([0.1, 0.2, 0.3])
    assert plain["error"] == pytest.approx(0.2)
    assert (plain["low"], plain["high"]) == pytest.approx((max(0, 0.2 - margin), 0.2 + margin))
    assert (plain["repetitions"], plain["interval"]) == (3, "repetitions")
    assert plain["paper"] == pytest.approx(0.208)
    assert plain["difference"] == pytest.approx(-0.008)
    table = table6(rows)
    assert cell(table, 2, "entnet as-published") == "20.0 ±24.8"
    assert cell(table, 2, "entnet as-published paper") == "20.8"
    assert cell(table, 2, "entnet as-published diff") == "-0.8"


def test_runs_of_one_recipe_on_several_data_are_in_columns_of_their_own() -> None:
    rows = [
        row(k=k, errors=errors + 2 * k, settings={"data": data})
        for data, errors in {"en": 100, "hn": 300}.items()
        for k in (0, 1)
    ]
    assert [
        (one["recipe"], one["repetitions"], one["error"]) for one in table6_rows(rows).rows
    ] == [
        ("as-published en", 2, pytest.approx(0.101)),
        ("as-published hn", 2, pytest.approx(0.301)),
    ]
    table = table6(rows)
    assert cell(table, 1, "entnet as-published en").startswith("10.1 ")
    assert cell(table, 1, "entnet as-published hn").startswith("30.1 ")


def test_one_fold_has_wilsons_interval_and_the_note_says_so() -> None:
    table = table6([row(task=2, errors=150)])
    low, high = wilson(150, 1000)
    assert cell(table, 2, "entnet as-published") == f"15.0 ({100 * low:.1f}-{100 * high:.1f})"
    assert any("one run's test questions" in note for note in table.notes)
    assert not any("Student" in note for note in table.notes)


def test_the_mean_over_tasks_has_the_interval_of_the_folds_means() -> None:
    errors = {1: (0, 20, 10), 2: (300, 200, 250)}
    rows = [row(task=task, k=k, errors=e) for task, es in errors.items() for k, e in enumerate(es)]
    (group,) = groups_of(rows)
    assert group.mean.error == pytest.approx(0.13)
    assert group.mean.margin == pytest.approx(student_margin([0.15, 0.11, 0.13]))


def test_the_seeds_of_task_3_count_as_folds() -> None:
    rows = [row(task=task, k=k, errors=100 * k) for task in (2, 3) for k in range(3)]
    (group,) = groups_of(rows)
    assert group.mean.repetitions == 3
    assert group.mean.margin == pytest.approx(student_margin([0, 0.1, 0.2]))
    assert any(note.startswith("Task 3 has fewer folds") for note in table6(rows).notes)


def test_the_mean_of_one_fold_has_the_interval_of_its_test_questions() -> None:
    (group,) = groups_of([row(task=1, errors=500), row(task=2, errors=500)])
    # The variance of the mean of 2,000 answers, each right by a coin's toss.
    assert group.mean.high - group.mean.low == pytest.approx(2 * 1.96 * (0.25 / 2000) ** 0.5, 3e-3)
    assert group.mean.margin is None


def test_the_mean_of_one_fold_without_errors_is_not_certain() -> None:
    (group,) = groups_of([row(task=task) for task in (1, 2, 4, 5)])
    low, high = wilson(0, 1000)
    assert group.mean.low == 0
    assert group.mean.high == pytest.approx((high - low) / 2 / 4**0.5)


def test_the_papers_mean_and_failed_tasks_stand_in_the_footer() -> None:
    table = table6(everything())
    means = {v: cell(table, "mean", f"{v} as-published paper") for v in ERRORS}
    assert means == {
        "entnet": "16.2",
        "multi-hop": "17.7",
        "relation-slot": "15.0",
        "self-memory": "26.0",
    }
    assert cell(table, "failed", "relation-slot as-published") == "9 of 20"
    assert cell(table, "failed", "relation-slot as-published paper") == "9"
    assert cell(table, "failed", "relation-slot as-published diff") == "+0"
    assert len(table.rows) == 20


def test_no_difference_is_never_a_negative_zero() -> None:
    rows = [row(task=2, k=k, errors=errors) for k, errors in enumerate((207, 208, 208))]
    assert cell(table6(rows), 2, "entnet as-published diff") == "+0.0"


def test_a_variant_that_the_paper_does_not_have_has_no_columns_of_the_papers() -> None:
    table = table6([row("gru", 1, errors=10), row("gru", 2, errors=30)])
    assert table.columns == ["task", "name", "gru as-published"]
    assert cell(table, "failed", "gru as-published") == "0 of 2"
    assert not any(note.startswith("paper") for note in table.notes)


def test_recipes_stand_side_by_side_by_variant() -> None:
    rows = [
        row(variant, recipe=recipe)
        for recipe in ("as-published", "relmem")
        for variant in ("relation-slot", "entnet")
    ]
    table = table6(rows)
    ours = [table.header(column) for column in table.columns if "\n" in table.header(column)]
    assert ours == [
        "entnet\nas-published",
        "entnet\nrelmem",
        "relation-slot\nas-published",
        "relation-slot\nrelmem",
    ]


def test_folds_are_told_by_recipe_where_they_differ() -> None:
    rows = [row(k=k) for k in range(2)] + [row(k=k, recipe="relmem") for k in range(4)]
    assert any("(as-published 2, relmem 4)" in note for note in table6(rows).notes)


def test_runs_that_failed_or_are_missing_are_named_and_spoil_no_figure() -> None:
    rows = [row(task=1, k=0, errors=10), row(task=1, k=1, errors=30), row(task=2, k=0, errors=5)]
    rows.append(failed(task=2, k=1))
    table = table6(rows)
    assert cell(table, 1, "entnet as-published").startswith("2.0 ±")
    assert cell(table, 2, "entnet as-published").startswith("0.5 (")
    assert "Fewer runs than the others have: entnet task 2 (1 of 2)." in table.notes
    assert "entnet task 2 fold 1 seed 1 failed: the roof fell in." in table.notes


def test_a_task_without_any_result_is_a_dash_beside_the_others() -> None:
    table = table6([row("entnet", 1), row("entnet", 2), row("multi-hop", 1)])
    assert cell(table, 2, "multi-hop as-published") == "-"


def test_four_variants_fit_side_by_side_in_120_columns_and_in_two_parts_in_80() -> None:
    table = table6(everything())
    assert len(list(split(fit_names(table, 120), 120))) == 1
    assert len(list(split(fit_names(table, 80), 80))) == 2


def test_names_are_shown_where_there_is_room_for_them() -> None:
    table = table6(everything())
    assert "name" in fit_names(table, 150).columns
    assert "name" not in fit_names(table, 120).columns
