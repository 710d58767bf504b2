"""Tables whose rows are tasks: with the tasks' names where a terminal has room for them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from relmem_cli.reports.tables import Table, split


def fit_names(table: Table, width: int) -> Table:
    """The table, without its column "name" where that would not fit unbroken beside the others."""
    unbroken = replace(table, right=(*table.right, "name"))
    if len(list(split(unbroken, width))) == 1:
        return table
    return replace(table, rows=_nameless(table.rows), footer=_nameless(table.footer))


def _nameless(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "name"} for row in rows]
