"""Tables of runs that there are: a list with their curves, and a page of one."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from relmem_cli.reports.bars import draw_line
from relmem_cli.reports.tables import Table
from relmem_cli.runs.found import FoundRun
from relmem_cli.training.settings import Settings

_LINE = 12
"""Cells of a curve in the list."""

_ERRORS = {"validation_error": ".1%", "test_error": ".1%"}
_HEADERS = {"validation_error": "validation\nerror", "test_error": "test\nerror"}


def run_rows(runs: Sequence[FoundRun], below: Path) -> Table:
    """For machines: a row for each run, with its curve; errors are fractions."""
    return Table(title="Runs", rows=[_row(run, below) for run in runs])


def runs_table(runs: Sequence[FoundRun], below: Path, *, ascii_only: bool = False) -> Table:
    """For people: each run's curve of validation errors as a line, all to the same height."""
    top = max((error for run in runs for error in _curve(run)), default=0.0)
    rows = []
    for run in runs:
        row = _row(run, below)
        line = draw_line(_curve(run), _LINE, top=top, ascii_only=ascii_only)
        kept = ("validation_error", "test_error", "epochs", "state")
        rows.append({"run": row["run"], "curve": line, **{key: row[key] for key in kept}})
    note = f"A curve is the validation error by epoch, from 0 to {top:.0%}."
    return Table(
        title="Runs",
        rows=rows,
        formats=_ERRORS,
        headers=_HEADERS,
        whole=["run"],
        notes=[note] if top else [],
    )


def settings_table(run: FoundRun) -> Table:
    """What a run was trained with: its data and options, and what is not as usual."""
    usual = {one.name: one.default for one in fields(Settings)}
    given = asdict(run.settings)
    options = given.pop("options")
    always = ("variant", "task", "data", "seed", "epochs")
    shown = {key: value for key, value in given.items() if key in always or value != usual[key]}
    rows = [{"setting": key, "value": str(value)} for key, value in {**shown, **options}.items()]
    return Table(title="Settings", rows=rows)


def figures_table(run: FoundRun, *, width: int, ascii_only: bool = False) -> Table:
    """What came of a run, and its curves; `width` is the terminal's."""
    rows = [{"figure": name, "value": value} for name, value in _figures(run).items()]
    room = max(min(width - 24, 60), 8)
    for name, values in (("validation error", _curve(run)), ("loss", _losses(run))):
        if values:
            line = draw_line(values, room, top=max(values), ascii_only=ascii_only)
            rows.append({"figure": f"{name} by epoch", "value": line})
    return Table(title="Figures", rows=rows)


def page_rows(run: FoundRun) -> Mapping[str, Any]:
    """All of a run as plain values, for machines."""
    epochs = [dict(epoch) for epoch in run.epochs]
    return {**_row(run, run.folder.parent), "settings": asdict(run.settings), "metrics": epochs}


def epoch_rows(run: FoundRun) -> Table:
    """For machines: a row for each epoch, as metrics.jsonl has it."""
    return Table(title="Epochs", rows=run.epochs)


def _row(run: FoundRun, below: Path) -> dict[str, Any]:
    inside = run.folder.is_relative_to(below) and run.folder != below
    return {
        "run": str(run.folder.relative_to(below)) if inside else run.folder.name,
        "variant": run.settings.variant,
        "task": run.settings.task,
        "data": run.settings.data,
        "seed": run.settings.seed,
        "state": run.state,
        "epochs": len(run.epochs),
        "validation_error": run.validation_error,
        "test_error": run.test_error,
        "seconds": round(sum(float(epoch["seconds"]) for epoch in run.epochs), 1),
        "curve": _curve(run),
    }


def _figures(run: FoundRun) -> dict[str, str]:
    record = run.record
    found = {
        "state": run.state,
        "epochs": f"{len(run.epochs)} of at most {run.settings.most_epochs}",
        "kept epoch": record.get("epoch"),
        "validation error": _percent(run.validation_error),
        **{
            f"test error, task {task}": _percent(test["errors"] / test["n"])
            for task, test in (record.get("test") or {}).items()
        },
        "parameters": f"{record['parameters']:,}" if "parameters" in record else None,
        "seeds tried": record.get("seeds_tried"),
        "seconds": f"{sum(float(epoch['seconds']) for epoch in run.epochs):,.1f}",
        "device": record.get("device"),
    }
    return {name: str(value) for name, value in found.items() if value is not None}


def _percent(error: float | None) -> str | None:
    return None if error is None else f"{error:.1%}"


def _curve(run: FoundRun) -> list[float]:
    return [round(float(epoch["validation_error"]), 4) for epoch in run.epochs]


def _losses(run: FoundRun) -> list[float]:
    losses = [float(epoch["loss"]) for epoch in run.epochs]
    return losses if all(map(math.isfinite, losses)) else []
