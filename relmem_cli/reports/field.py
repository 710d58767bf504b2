"""The field: every variant's error, parameters and time, the best first."""

from collections.abc import Sequence

from relmem_cli.intervals import FAILED_ABOVE
from relmem_cli.reports.summary import RunGroup, failures, groups_of
from relmem_cli.reports.tables import Table
from relmem_cli.runs.record import RunRecord


def field_rows(rows: Sequence[RunRecord]) -> Table:
    """For machines: a row for each variant and recipe; errors are fractions, seconds a task's."""
    flat = [
        {
            "variant": group.variant,
            "recipe": group.recipe,
            "tasks": len(group.tasks),
            "error": group.mean.error,
            "low": group.mean.low,
            "high": group.mean.high,
            "failed": group.failed,
            "parameters": round(group.parameters),
            "seconds": group.seconds,
        }
        for group in _best_first(rows)
    ]
    return Table(title="The field", rows=flat)


def field_table(rows: Sequence[RunRecord]) -> Table:
    """For people: every variant's mean error, failed tasks, parameters and time, the best first."""
    groups = _best_first(rows)
    several = len({group.recipe for group in groups}) > 1
    shown = [
        {
            "variant": group.variant,
            **({"recipe": group.recipe} if several else {}),
            "error": group.mean.text,
            "failed": f"{group.failed} of {len(group.tasks)}",
            "parameters": round(group.parameters),
            "seconds": group.seconds,
        }
        for group in groups
    ]
    return Table(
        title="The field: mean test error in percent",
        rows=shown,
        formats={"parameters": ",", "seconds": ",.0f"},
        right=["error", "failed"],
        notes=[
            f"failed: tasks with an error above {FAILED_ABOVE:.0%}; parameters and seconds of "
            "training (all seeds): means over the tasks.",
            *failures(rows),
        ],
    )


def _best_first(rows: Sequence[RunRecord]) -> list[RunGroup]:
    return sorted(groups_of(rows), key=lambda group: (-len(group.tasks), group.mean.error))
