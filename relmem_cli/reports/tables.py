"""A table in the four formats that every listing command speaks."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of one shape for machines, and how people are shown them.

    rows     plain values by column name: what JSON prints
    footer   rows under a rule, for people and Markdown (sums, means); not in JSON or CSV
    headers  a column's title where its name will not do
    formats  a column's format specification, such as ".1f"; None prints as a dash
    notes    lines below the table
    """

    title: str
    rows: Sequence[Mapping[str, Any]]
    footer: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def columns(self) -> list[str]:
        """Column names, in order of first appearance."""
        return list(dict.fromkeys(key for row in self.rows for key in row))

    def header(self, column: str) -> str:
        """A column's title."""
        return self.headers.get(column, column.replace("_", " "))

    def cell(self, row: Mapping[str, Any], column: str) -> str:
        """A value as people read it."""
        value = row.get(column)
        if value is None:
            return "-"
        return f"{value:{self.formats[column]}}" if self._formatted(column, value) else str(value)

    def is_number(self, column: str) -> bool:
        """Whether the column holds numbers, which are set to the right."""
        values = [row.get(column) for row in self.rows]
        return any(isinstance(v, int | float) for v in values) and not any(
            isinstance(v, str) for v in values
        )

    def _formatted(self, column: str, value: object) -> bool:
        return column in self.formats and isinstance(value, int | float)


def to_json(table: Table) -> str:
    """A JSON array of the rows."""
    return json.dumps(list(map(dict, table.rows)), indent=2, ensure_ascii=False) + "\n"


def to_csv(table: Table) -> str:
    """The rows as CSV with a header line."""
    out = io.StringIO()
    writer = csv.DictWriter(out, table.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table.rows)
    return out.getvalue()


def to_markdown(table: Table) -> str:
    """A Markdown table with its footer rows, and the notes below it."""
    columns = table.columns
    lines = [
        [table.header(column) for column in columns],
        ["---:" if table.is_number(column) else "---" for column in columns],
        *([table.cell(row, column) for column in columns] for row in table.rows),
        *([table.cell(row, column) for column in columns] for row in table.footer),
    ]
    text = "".join(f"| {' | '.join(_escaped(line))} |\n" for line in lines)
    return text + "".join(f"\n{note}\n" for note in table.notes)


def _escaped(cells: Sequence[str]) -> list[str]:
    return [cell.replace("|", "\\|") for cell in cells]
