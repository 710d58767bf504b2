"""Error against how long or how hard stories are."""

from collections.abc import Mapping, Sequence
from typing import Any

from relmem_cli.intervals import wilson
from relmem_cli.reports.assessment import assess
from relmem_cli.reports.bars import draw_bar
from relmem_cli.reports.subject import Subject
from relmem_cli.reports.tables import Table
from relmem_cli.stories.sources import Source, source_tasks

_BAR = 20
"""Characters from 0 to 100%."""


def swept_row(subject: Subject, source: Source, name: str, value: int) -> dict[str, Any]:
    """A model's error on all tasks of a source whose stories have one value of what is swept."""
    results = assess(subject, source, tuple(source_tasks(source))).results.values()
    errors = sum(result.score.errors for result in results)
    n = sum(result.score.n for result in results)
    low, high = wilson(errors, n)
    return {
        "model": subject.name,
        name: value,
        "errors": errors,
        "n": n,
        "error": errors / n,
        "low": low,
        "high": high,
    }


def sweep_rows(rows: Sequence[Mapping[str, Any]], name: str) -> Table:
    """For machines."""
    return Table(title=f"Error by {name}", rows=rows)


def sweep_table(rows: Sequence[Mapping[str, Any]], name: str) -> Table:
    """For people: the error with its interval, and as a bar."""
    shown = [
        {
            "model": row["model"],
            name: row[name],
            "n": row["n"],
            "error": row["error"],
            "95%": f"{100 * row['low']:.1f}-{100 * row['high']:.1f}",
            "0 to 100%": draw_bar(row["error"], _BAR, mark=None).text.rstrip(),
        }
        for row in rows
    ]
    formats = {"error": ".1%", "n": ","}
    return Table(title=f"Error by {name}", rows=shown, formats=formats, right=("95%",))
