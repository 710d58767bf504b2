"""The paper's Tables 5 and 7: our parameters beside the paper's, by task, for two variants."""

from collections.abc import Mapping, Sequence
from typing import Any

from relmem_cli.reports.parameters import Count
from relmem_cli.reports.tables import Table
from relmem_cli.stories.catalogue import TASKS

TABLES: Mapping[int, tuple[str, str]] = {
    5: ("relation-slot", "all-relations"),
    7: ("relation-slot", "self-memory"),
}
"""The variants that each of the tables compares."""


def counts_table(number: int, counts: Sequence[Count]) -> Table:
    """For people: a row for each task, below them the sums and how many counts are the paper's."""
    rows: dict[int, dict[str, Any]] = {}
    for one in sorted(counts, key=lambda one: one.task):
        row = rows.setdefault(one.task, {"task": one.task, "name": TASKS[one.task].name})
        figures = (one.parameters, one.paper, one.difference)
        row |= dict(zip(_keys(one.variant), figures, strict=True))
    keys = {variant: _keys(variant) for variant in TABLES[number]}
    columns = [key for three in keys.values() for key in three]
    sums = {key: sum(row[key] for row in rows.values()) for key in columns}
    return Table(
        title=f"Table {number}: parameters",
        rows=list(rows.values()),
        footer=[{"task": "sum", "name": "", **sums}],
        headers={
            key: title
            for variant, three in keys.items()
            for key, title in zip(three, (variant, "paper", "diff"), strict=True)
        },
        formats={key: "+,d" if key.endswith(" diff") else ",d" for key in columns},
        tied=[key for three in keys.values() for key in three[1:]],
        notes=[f"Counted from the built models; {exact(counts)}."],
    )


def exact(counts: Sequence[Count]) -> str:
    """Such as "40 of 40 counts are the paper's"; what two tables share counts once."""
    differences = {(one.task, one.variant): one.difference for one in counts}
    same = sum(difference == 0 for difference in differences.values())
    return f"{same} of {len(differences)} counts are the paper's"


def _keys(variant: str) -> tuple[str, str, str]:
    return variant, f"{variant} paper", f"{variant} diff"
