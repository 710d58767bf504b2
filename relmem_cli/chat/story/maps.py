"""Arrays to look at, as plain numbers: no torch, no terminal."""

from dataclasses import dataclass

NAMES = ("gates", "attention", "relations")
"""The maps of a model's memory whose meaning is known; a variant may show others under names of
its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Rows of numbers with what their rows and columns are.

    name     "gates", "attention", "relations", ...
    title    what it shows, in a line
    values   rows of columns, each number at least 0
    rows     what a row is: "sentence", "slot", "hop", ...
    columns  what a column is
    row_labels, column_labels  one text each, or none at all
    row_numbers, column_numbers  what each goes by; from 1 where they are not given
    """

    name: str
    title: str = ""
    values: tuple[tuple[float, ...], ...]
    rows: str
    columns: str
    row_labels: tuple[str, ...] = ()
    column_labels: tuple[str, ...] = ()
    row_numbers: tuple[int, ...] = ()
    column_numbers: tuple[int, ...] = ()

    @property
    def heading(self) -> str:
        """Its name and what it shows."""
        return f"{self.name}: {self.title}" if self.title else self.name

    @property
    def highest(self) -> float:
        """The highest number; 0 where there is none."""
        return max((value for row in self.values for value in row), default=0.0)

    def row_number(self, place: int) -> int:
        """What the row at a place, from 0, goes by."""
        return self.row_numbers[place] if self.row_numbers else place + 1

    def column_number(self, place: int) -> int:
        """What the column at a place, from 0, goes by."""
        return self.column_numbers[place] if self.column_numbers else place + 1
