from dataclasses import replace

import pytest

from relmem_cli.plugins import registry
from relmem_cli.reports.paper_counts import TABLES, counts_table, exact
from relmem_cli.reports.parameters import Count, count
from relmem_cli.stories.catalogue import TASKS


@pytest.fixture(scope="module")
def counts() -> dict[int, list[Count]]:
    return {
        number: [
            one for name in names for one in count(registry().variants.get_or_explain(name), TASKS)
        ]
        for number, names in TABLES.items()
    }


def test_60_of_60_counts_of_both_tables_are_the_papers(counts) -> None:
    assert exact([*counts[5], *counts[7]]) == "60 of 60 counts are the paper's"


def test_a_table_has_every_task_its_sum_and_how_many_are_exact(counts) -> None:
    table = counts_table(7, counts[7])
    assert len(table.rows) == 20
    assert [table.cell(table.footer[0], column) for column in table.columns[2:]] == [
        "1,640,200",
        "1,640,200",
        "+0",
        "1,440,200",
        "1,440,200",
        "+0",
    ]
    assert table.notes == ["Counted from the built models; 40 of 40 counts are the paper's."]


def test_a_count_that_is_off_is_shown_and_not_exact(counts) -> None:
    first, *others = counts[5]
    wrong = [replace(first, parameters=first.parameters + 100), *others]
    table = counts_table(5, wrong)
    assert table.cell(table.rows[0], f"{first.variant} diff") == "+100"
    assert exact(wrong) == "39 of 40 counts are the paper's"
