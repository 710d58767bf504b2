"""Tables of what training ended with: one run, a list of runs, or a grid summed up."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from relmem_cli.grid.jobs import Result
from relmem_cli.reports.tables import Table

_FORMATS = {"validation_error": ".1%", "test_error": ".1%"}
_COLUMNS = ("variant", "task", "fold", "seed", "epoch", "validation_error", "test_error", "n")


def run_rows(results: Iterable[Result]) -> Table:
    """For machines: a row for each run, or for each task of a joint one; errors are fractions."""
    return Table(title="Trained", rows=[row for result in results for row in result.rows()])


def trained_table(results: Sequence[Result]) -> Table:
    """For people: a row for each task, summed up where it has several runs; failures below."""
    rows = [row for result in results for row in result.rows() if not result.failure]
    groups: defaultdict[tuple[Any, str], list[float]] = defaultdict(list)
    for row in rows:
        groups[row["task"], row["variant"]].append(row["test_error"])
    failures = [f"{r.folder.name} failed: {r.failure}" for r in results if r.failure]
    if len({variant for _, variant in groups}) == 1 and all(len(g) == 1 for g in groups.values()):
        return _list(rows, _notes(results) + failures)
    return _summary(groups, _notes(results) + failures)


def _list(rows: Sequence[dict[str, Any]], notes: Sequence[str]) -> Table:
    """Every run with its epoch and errors; a fold or a seed is shown where it is not the usual."""
    shown = [
        column
        for column in _COLUMNS
        if column not in ("fold", "seed") or any(row[column] for row in rows)
    ]
    footer: list[dict[str, Any]] = []
    if len(rows) > 1:
        mean = _mean([row["test_error"] for row in rows])
        footer = [{"variant": "mean", "test_error": mean}]
    return Table(
        title="Trained",
        rows=[{column: row[column] for column in shown} for row in rows],
        footer=footer,
        formats=_FORMATS,
        notes=notes,
    )


def _summary(groups: dict[tuple[Any, str], list[float]], notes: Sequence[str]) -> Table:
    """The mean test error by task and variant, with the number of runs it is the mean of."""
    variants = list(dict.fromkeys(variant for _, variant in groups))
    tasks = sorted({task for task, _ in groups})
    rows = []
    for task in tasks:
        row: dict[str, Any] = {"task": task}
        for variant in variants:
            errors = groups.get((task, variant))
            row[variant] = _mean(errors) if errors else None
            row[f"{variant} runs"] = len(errors) if errors else 0
        rows.append(row)
    mean: dict[str, Any] = {"task": "mean"}
    for variant in variants:
        mean[variant] = _mean([row[variant] for row in rows if row[variant] is not None])
    return Table(
        title="Test error, mean over folds and seeds",
        rows=rows,
        footer=[mean] if len(rows) > 1 else [],
        headers={f"{variant} runs": "runs" for variant in variants},
        formats=dict.fromkeys(variants, ".1%"),
        tied=[f"{variant} runs" for variant in variants],
        notes=notes,
    )


def _notes(results: Sequence[Result]) -> list[str]:
    """Where the models are, and how to talk to one."""
    folders = [result.folder for result in results if not result.failure]
    if not folders:
        return []
    where = (
        f"Model: {folders[0] / 'best.safetensors'}"
        if len(results) == 1
        else f"Models: {folders[0].parent}, a folder for each run"
    )
    return [where, "Talk to it: relmem chat --model MODEL"]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
