"""The field: every variant's errors, parameters and time, the best first."""

from collections.abc import Sequence

from relmem_cli.intervals import FAILED_ABOVE
from relmem_cli.reports.summary import RunGroup, failures, groups_of
from relmem_cli.reports.tables import Table
from relmem_cli.runs.record import RunRecord
from relmem_cli.stories.catalogue import in_order


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
            **{f"task {task}": one.error for task, one in group.tasks.items()},
        }
        for group in _best_first(rows)
    ]
    return Table(title="The field", rows=flat)


def field_table(rows: Sequence[RunRecord]) -> Table:
    """For people: every variant's mean error, failed tasks, parameters and time, the best first."""
    groups = _best_first(rows)
    shown = [
        {
            **_named(group, groups),
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


def field_by_task(rows: Sequence[RunRecord]) -> Table:
    """For people: every variant's test error by task, in the same order."""
    groups = _best_first(rows)
    tasks = in_order({task for group in groups for task in group.tasks})
    shown = [
        {
            **_named(group, groups),
            **{str(task): 100 * group.tasks[task].error for task in tasks if task in group.tasks},
        }
        for group in groups
    ]
    return Table(
        title="The field by task: test error in percent",
        rows=shown,
        formats={str(task): ".1f" for task in tasks},
        whole=["variant"],
    )


def _named(group: RunGroup, groups: Sequence[RunGroup]) -> dict[str, str]:
    """Its variant; its recipe, too, where there are several."""
    several = len({one.recipe for one in groups}) > 1
    return {"variant": group.variant, **({"recipe": group.recipe} if several else {})}


def _best_first(rows: Sequence[RunRecord]) -> list[RunGroup]:
    return sorted(groups_of(rows), key=lambda group: (-len(group.tasks), group.mean.error))
