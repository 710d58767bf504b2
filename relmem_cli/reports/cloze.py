"""Table 3: accuracy on the Children's Book Test, or on a set in its format, beside the paper's."""

from collections.abc import Sequence
from typing import Any

from relmem_cli.reports.summary import RunGroup, failures, groups_of
from relmem_cli.reports.tables import Table
from relmem_cli.runs.record import RunRecord

KINDS = ("NE", "CN", "V", "P")
"""Named entities, common nouns, verbs, prepositions."""

QUOTED = {
    "Kneser-Ney + cache": (0.439, 0.577, "kneser-ney"),
    "LSTM (context + query)": (0.418, 0.560, "lstm"),
    "window LSTM": (0.436, 0.582, ""),
    "EntNet (general)": (0.484, 0.540, "entnet"),
    "EntNet (simple)": (0.616, 0.588, ""),
    "MemNN": (0.493, 0.554, "memn2n"),
    "MemNN (self-supervision)": (0.666, 0.630, ""),
    "EpiReader": (0.697, 0.674, "epireader"),
    "AoA Reader": (0.720, 0.694, "aoa-reader"),
    "NSE": (0.732, 0.714, "nse"),
}
"""The accuracy on named entities and common nouns by system, and our variant, if any."""


def cloze_rows(rows: Sequence[RunRecord]) -> Table:
    """For machines: Table 3, a row for each system and kind of word."""
    groups = {group.variant: group for group in groups_of(rows)}
    return Table(
        title="Table 3",
        rows=[
            {
                "table": 3,
                "system": system,
                "variant": variant or None,
                "task": task,
                "accuracy": _accuracy(groups.get(variant), task),
                "paper": paper,
            }
            for system, (*papers, variant) in _with_ours(groups)
            for task, paper in zip(KINDS, [*papers, None, None], strict=False)
        ],
    )


def cloze_table(rows: Sequence[RunRecord]) -> Table:
    """For people: accuracy on a set in the Children's Book Test's format, beside Table 3's."""
    groups = {group.variant: group for group in groups_of(rows)}
    tasks = [task for task in KINDS if any(task in g.tasks for g in groups.values())]
    shown = []
    for system, (names, nouns, variant) in _with_ours(groups):
        ours = {task: _accuracy(groups.get(variant), task) for task in tasks}
        shown.append({"system": system, **ours, "paper NE": names, "paper CN": nouns})
    sources = ", ".join(dict.fromkeys(row.source for row in rows)) or "nothing yet"
    return Table(
        title="Table 3: accuracy",
        rows=shown,
        formats=dict.fromkeys([*tasks, "paper NE", "paper CN"], ".3f"),
        notes=[
            f"Ours: on {sources}. The paper's: on the Children's Book Test as published.",
            *failures(rows),
        ],
    )


def _accuracy(group: RunGroup | None, task: str) -> float | None:
    found = group.tasks.get(task) if group else None
    return None if found is None else 1 - found.error


def _with_ours(groups: dict[str, RunGroup]) -> list[tuple[str, tuple[Any, Any, str]]]:
    """The paper's systems, then variants that it does not have."""
    theirs = {variant for *_, variant in QUOTED.values()}
    more = {variant: (None, None, variant) for variant in groups if variant not in theirs}
    return [*QUOTED.items(), *more.items()]
