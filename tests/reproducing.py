"""Rows and results files of runs that were never trained."""

from pathlib import Path
from typing import Any

from relmem_cli.contract import Recipe
from relmem_cli.runs.ledger import open_ledger
from relmem_cli.runs.recipe import resolved
from relmem_cli.runs.record import RunRecord


def row(
    variant: str = "entnet", task: int = 1, k: int = 0, errors: int = 0, **more: Any
) -> RunRecord:
    """The k-th repetition, with so many errors in 1,000 test questions."""
    plain = {
        "recipe": "as-published",
        "variant": variant,
        "task": task,
        "fold": 0 if task == 3 else k,
        "seed": k,
        "settings": {"epochs": 2},
        "test_errors": errors,
        "test_n": 1000,
        "parameters": 70_000,
        "curve": [[1.5, 0.5], [0.5, errors / 1000]],
    }
    return RunRecord(**{**plain, **more})


def failed(variant: str = "entnet", task: int = 1, k: int = 0) -> RunRecord:
    """A run that came to nothing."""
    return row(variant, task, k, test_errors=None, test_n=None, failure="the roof fell in.")


def write(path: Path, rows: list[RunRecord], recipe: Recipe | None = None) -> Path:
    """A results file with those rows."""
    used = recipe or Recipe(
        name="as-published", summary="", variants=(), settings={"learning_rate": 0.01}
    )
    with open_ledger(path, used.name, resolved(used)) as file:
        file.begin({"started": "2026-01-01T00:00:00+00:00"})
        for one in rows:
            file.add(one)
    return path
