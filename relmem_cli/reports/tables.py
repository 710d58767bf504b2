"""A table in the four formats that every listing command speaks."""

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from relmem_cli.door import printable
from relmem_cli.plain import inert

_GAP = 2
"""Blanks between two columns on a terminal."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of one shape for machines, and how people are shown them.

    rows     plain values by column name: what JSON prints
    footer   rows under a rule, for people and Markdown (sums, means); not in JSON or CSV
    headers  a column's title where its name will not do; a line break in it is a space in Markdown
    formats  a column's format specification, such as ".1f"; None prints as a dash
    right    columns of text that read as numbers, such as "80,000 ±0"
    whole    columns of names that are typed again: not broken where the terminal is wide enough
    tied     columns that stay with the one before them where a table is too wide
    notes    lines below the table
    """

    title: str
    rows: Sequence[Mapping[str, Any]]
    footer: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    right: Collection[str] = ()
    whole: Collection[str] = ()
    tied: Collection[str] = ()
    notes: Sequence[str] = ()

    @property
    def columns(self) -> list[str]:
        """Column names, in order of first appearance."""
        return list(dict.fromkeys(key for row in self.rows for key in row))

    def header(self, column: str) -> str:
        """A column's title."""
        return printable(self.headers.get(column, column.replace("_", " ")))

    def cell(self, row: Mapping[str, Any], column: str) -> str:
        """A value as people read it: None as a dash, a column that the row lacks as nothing."""
        value = row.get(column, "")
        if value is None:
            return "-"
        if self._formatted(column, value):
            return f"{value:{self.formats[column]}}"
        return printable(str(value))  # sooner than at the door: columns are as wide as this

    def is_number(self, column: str) -> bool:
        """Whether the column holds numbers, which are set to the right and never broken."""
        if column in self.right:
            return True
        values = [row.get(column) for row in self.rows]
        return any(isinstance(v, int | float) for v in values) and not any(
            isinstance(v, str) for v in values
        )

    def widest(self, column: str) -> int:
        """How many characters the column's longest line has."""
        cells = (self.cell(row, column) for row in [*self.rows, *self.footer])
        return max(map(len, [*self.header(column).split("\n"), *cells]))

    def _formatted(self, column: str, value: object) -> bool:
        return column in self.formats and isinstance(value, int | float)


def to_json(table: Table) -> str:
    """A JSON array of the rows."""
    return json.dumps(list(map(dict, table.rows)), indent=2, ensure_ascii=False) + "\n"


def to_csv(table: Table) -> str:
    """The rows as CSV with a header line; a list is its items with semicolons between.

    Text that a spreadsheet might compute has a "'" before it.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, table.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _flat(value) for key, value in row.items()} for row in table.rows)
    return out.getvalue()


def to_markdown(table: Table) -> str:
    """A Markdown table with its footer rows, and the notes below it."""
    columns = table.columns
    lines = [
        [table.header(column).replace("\n", " ") for column in columns],
        ["---:" if table.is_number(column) else "---" for column in columns],
        *([table.cell(row, column) for column in columns] for row in table.rows),
        *([table.cell(row, column) for column in columns] for row in table.footer),
    ]
    text = "".join(f"| {' | '.join(_escaped(line))} |\n" for line in lines)
    return text + "".join(f"\n{note}\n" for note in table.notes)


def split(table: Table, width: int) -> Iterator[Table]:
    """The table in parts of at most `width` characters, so that no number is ever cut off.

    Each part begins with the first column; the last one has the notes. A column of text may be
    broken into lines and counts as no wider than 12, unless it is to stay whole and can.
    """
    whole = [column for column in table.whole if table.widest(column) <= width]
    table = replace(table, whole=whole)
    key = table.columns[:1]
    parts = _share_out(table, width - sum(_width(table, column) for column in key))
    for place, part in enumerate(parts):
        yield replace(
            table,
            title="" if place else table.title,
            rows=_only(table.rows, [*key, *part]),
            footer=_only(table.footer, [*key, *part]),
            notes=table.notes if place == len(parts) - 1 else (),
        )


def _share_out(table: Table, width: int) -> list[list[str]]:
    """The columns after the first, tied ones together, in parts of at most `width` characters."""
    groups: list[list[str]] = []
    for column in table.columns[1:]:
        if groups and column in table.tied:
            groups[-1].append(column)
        else:
            groups.append([column])
    parts: list[list[str]] = [[]]
    left = width
    for group in groups:
        needed = sum(_GAP + _width(table, column) for column in group)
        if needed > left and parts[-1]:
            parts.append([])
            left = width
        parts[-1] += group
        left -= needed
    return parts


def _width(table: Table, column: str) -> int:
    widest = table.widest(column)
    return widest if table.is_number(column) or column in table.whole else min(widest, 12)


def _only(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[dict[str, Any]]:
    return [{column: row[column] for column in columns if column in row} for row in rows]


def _flat(value: Any) -> Any:
    flat = ";".join(map(str, value)) if isinstance(value, list) else value
    return inert(flat) if isinstance(flat, str) else flat


def _escaped(cells: Sequence[str]) -> list[str]:
    return [cell.replace("|", "\\|") for cell in cells]
