"""Tables 1 to 4 and the field, from runs that were never trained."""

from typing import Any

import pytest

from relmem_cli.reports.cloze import cloze_rows, cloze_table
from relmem_cli.reports.field import field_by_task, field_rows, field_table
from relmem_cli.reports.quoted import QUOTED, quoted_rows, quoted_table
from relmem_cli.runs.record import RunRecord
from tests.reproducing import failed, row


def of(recipe: str, variant: str, errors: dict[int, int], k: int = 0) -> list[RunRecord]:
    return [row(variant, task, k, count, recipe=recipe) for task, count in errors.items()]


def test_a_table_has_ours_beside_the_papers_and_the_systems_own() -> None:
    rows = of("memn2n-2-hops", "memn2n", {1: 0, 2: 100, 3: 200})
    table = quoted_table(2, rows)
    line = next(line for line in table.rows if line["system"] == "MemN2N, 2 hops")
    assert line["ours"].startswith("10.0 ±")
    assert line["ours"].endswith(" (2, 3 tasks)")
    assert line["paper"] == "8.45 (11)"
    assert line["own paper"] == "15.6 (11)"
    assert any("Sukhbaatar" in note for note in table.notes)


def test_what_was_not_trained_is_a_dash() -> None:
    table = quoted_table(4, [])
    assert [line["ours"] for line in table.rows] == [None] * 3
    assert quoted_rows(4, []).rows[0]["error"] is None


def test_a_quick_run_counts_as_its_recipe() -> None:
    rows = of("qrn-2r-quick", "qrn", {1: 10})
    (line,) = [line for line in quoted_rows(2, rows).rows if line["system"] == "QRN, 2r"]
    assert (line["error"], line["tasks"], line["failed"]) == (0.01, 1, 0)


def test_a_system_with_two_recipes_is_not_mixed_up() -> None:
    rows = of("memn2n-1-hop", "memn2n", {1: 500}) + of("memn2n-3-hops", "memn2n", {1: 0})
    errors = {line["system"]: line["error"] for line in quoted_rows(2, rows).rows}
    assert (errors["MemN2N, 1 hop"], errors["MemN2N, 3 hops"]) == (0.5, 0.0)


@pytest.mark.parametrize("number", QUOTED)
def test_every_system_is_trained_by_a_recipe_that_there_is(number: int) -> None:
    from relmem_cli.runs.recipe import find_recipe

    for one in QUOTED[number]:
        assert one.variant in find_recipe(one.recipe).variants


def test_what_failed_is_told_below() -> None:
    assert any("the roof fell in" in note for note in quoted_table(1, [failed("memnn")]).notes)


def cloze(variant: str, **errors: int) -> list[RunRecord]:
    settings: dict[str, Any] = {"data": "cbt:books"}
    return [
        row(variant, errors=count, settings=settings, task=task)  # type: ignore[arg-type]
        for task, count in errors.items()
    ]


def test_table_3_has_accuracies_and_says_of_what() -> None:
    rows = cloze("aoa-reader", NE=280, CN=306) + cloze("relation-transformer", NE=500)
    table = cloze_table(rows)
    line = next(line for line in table.rows if line["system"] == "AoA Reader")
    assert (line["NE"], line["CN"], line["paper NE"]) == (0.72, 0.694, 0.720)
    assert "cbt:books" in table.notes[0]
    ours = [line for line in cloze_rows(rows).rows if line["system"] == "relation-transformer"]
    assert [line["accuracy"] for line in ours] == [0.5, None, None, None]


def test_the_field_has_the_best_first_and_what_is_not_whole_last() -> None:
    rows = [
        *of("field", "memn2n", {1: 0, 2: 100}),
        *of("field", "qrn", {1: 0, 2: 10}),
        *of("field", "rn", {1: 0}),
    ]
    assert [line["variant"] for line in field_table(rows).rows] == ["qrn", "memn2n", "rn"]
    first = field_rows(rows).rows[0]
    assert (first["error"], first["failed"], first["parameters"]) == (0.005, 0, 70_000)
    assert (first["task 1"], first["task 2"]) == (0.0, 0.01)
    by_task = field_by_task(rows).rows
    assert by_task == [
        {"variant": "qrn", "1": 0.0, "2": 1.0},
        {"variant": "memn2n", "1": 0.0, "2": 10.0},
        {"variant": "rn", "1": 0.0},
    ]
