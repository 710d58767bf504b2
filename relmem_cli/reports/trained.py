"""Tables of what training ended with: one run, a list of runs, or a grid summed up."""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from relmem_cli.library import model_name
from relmem_cli.reports.tables import Table
from relmem_cli.runs.record import RunRecord
from relmem_cli.stories.catalogue import TaskName, in_order

_FORMATS = {"validation_error": ".1%", "test_error": ".1%"}
_Groups = dict[tuple[TaskName, str], list[float]]
"""The test errors of the runs by task and variant."""

_COLUMNS = ("variant", "task", "fold", "seed", "epoch", "validation_error", "test_error", "n")


def run_rows(results: Iterable[RunRecord]) -> Table:
    """For machines: a row for each run, or for each task of a joint one; errors are fractions."""
    return Table(title="Trained", rows=[row for result in results for row in result.to_rows()])


def trained_table(results: Sequence[RunRecord]) -> Table:
    """For people: a row for each task, summed up where it has several runs; failures below."""
    rows = [row for result in results for row in result.to_rows() if not result.failure]
    groups: _Groups = defaultdict(list)
    for row in rows:
        groups[row["task"], row["variant"]].append(row["test_error"])
    failures = [f"{r.folder.name} failed: {r.failure}" for r in results if r.failure]
    if len({variant for _, variant in groups}) == 1 and all(len(g) == 1 for g in groups.values()):
        return _list(rows, _notes(results) + failures)
    return _summary(groups, _notes(results) + failures)


def _list(rows: Sequence[dict[str, Any]], notes: Sequence[str]) -> Table:
    """Every run with its epoch and errors; a fold or a seed is shown where one was asked for."""
    hidden = set()
    if all(row["fold"] is None for row in rows):
        hidden.add("fold")
    if not any(row["seed"] for row in rows):
        hidden.add("seed")
    footer: list[dict[str, Any]] = []
    if len(rows) > 1:
        mean = _mean([row["test_error"] for row in rows])
        footer = [{"variant": "mean", "test_error": mean}]
    return Table(
        title="Trained",
        rows=[{key: row[key] for key in _COLUMNS if key not in hidden} for row in rows],
        footer=footer,
        formats=_FORMATS,
        notes=notes,
    )


def _summary(groups: _Groups, notes: Sequence[str]) -> Table:
    """The mean test error by task and variant; how many runs it is the mean of, where that varies.

    The last row is the mean over the tasks.
    """
    variants = list(dict.fromkeys(variant for _, variant in groups))
    counts = {len(errors) for errors in groups.values()}
    rows = []
    for task in in_order(task for task, _ in groups):
        row: dict[str, Any] = {"task": task}
        for variant in variants:
            errors = groups.get((task, variant), [])
            row[variant] = _mean(errors)
            if len(counts) > 1:
                row[_runs(variant)] = len(errors)
        rows.append(row)
    means = {v: _mean([row[v] for row in rows if row[v] is not None]) for v in variants}
    several = [f"Each is the mean of {runs} runs." for runs in counts if runs > 1]
    return Table(
        title="Test error",
        rows=rows,
        footer=[{"task": "mean", **means}] if len(rows) > 1 else [],
        headers={_runs(variant): "runs" for variant in variants},
        formats=dict.fromkeys(variants, ".1%"),
        tied=[_runs(variant) for variant in variants],
        notes=[*(several if len(counts) == 1 else []), *notes],
    )


def _runs(variant: str) -> str:
    return f"{variant} runs"


def _notes(results: Sequence[RunRecord]) -> list[str]:
    """Where the models are, and how to talk to one."""
    folders = [result.folder for result in results if not result.failure]
    if not folders:
        return []
    where = (
        f"Model: {folders[0] / 'best.safetensors'}"
        if len(results) == 1
        else f"Models: {folders[0].parent}, a folder for each run"
    )
    one = "it" if len(results) == 1 else "one"
    return [where, f"Talk to {one}: relmem chat --model {shlex.quote(model_name(folders[0]))}"]


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
