"""One run of a reproduction as a line of its results file holds it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import NoneType
from typing import Any

from relmem_cli.grid.jobs import Job, Result
from relmem_cli.stories.catalogue import TASKS, TaskName, task_name
from relmem_cli.training.cards import read_card

Key = tuple[str, TaskName, int, int]
"""A run of a recipe: variant, task, fold and first seed."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A run that has ended: what it was and what came of it, or one sentence in `failure`.

    recipe            its header's, not in the line itself
    seed              the first that was tried
    kept_seed         the one that validation picked, `seeds_tried` of them
    settings          all of them, the variant's options among them
    seconds           of the kept seed's training
    all_seconds       of all seeds' training
    ended             when, in UTC
    roles             the classes of words that were renamed, where the model's card has them
    curve             [training loss, validation error] of every epoch of the kept seed
    """

    recipe: str = ""
    variant: str
    task: TaskName
    fold: int
    seed: int
    settings: dict[str, Any]
    ended: str = ""
    failure: str | None = None
    kept_seed: int | None = None
    seeds_tried: int | None = None
    epoch: int | None = None
    parameters: int | None = None
    validation_errors: int | None = None
    validation_n: int | None = None
    test_errors: int | None = None
    test_n: int | None = None
    seconds: float | None = None
    all_seconds: float | None = None
    device: str | None = None
    roles: Any = None
    curve: list[list[float]] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """What tells it from the recipe's other runs."""
        return self.variant, self.task, self.fold, self.seed

    @property
    def name(self) -> str:
        """Such as "entnet task 4 fold 1 seed 3"."""
        return f"{self.variant} task {self.task} fold {self.fold} seed {self.seed}"

    @property
    def test_error(self) -> float:
        """The fraction of wrong answers to the test questions; of a run that did not fail."""
        return (self.test_errors or 0) / (self.test_n or 1)

    def to_json(self) -> str:
        """A line, without what the run does not have."""
        plain = asdict(self)
        del plain["recipe"]
        return json.dumps({k: v for k, v in plain.items() if v is not None and v != []})

    @classmethod
    def from_plain(cls, plain: dict[str, Any], recipe: str) -> "Row":
        """The row that `to_json` wrote; raises TypeError or ValueError for anything else.

        Keys of a later version are passed over.
        """
        known = {one.name for one in fields(cls)}
        row = cls(**{**{k: v for k, v in plain.items() if k in known}, "recipe": recipe})
        _check_types(row)
        if isinstance(row.task, str) and task_name(row.task) != row.task:
            raise ValueError(f"task is {row.task!r}")
        if isinstance(row.task, int) and row.task not in TASKS:
            raise ValueError(f"there is no task {row.task}")
        if not row.failure and row.test_errors is None:
            raise ValueError("it has neither a test error nor a failure")
        _check_count("test", row.test_errors, row.test_n)
        _check_count("validation", row.validation_errors, row.validation_n)
        return row


def row_of(job: Job, result: Result, *, recipe: str, ended: str) -> Row:
    """The row of a job that ended, with what its model's card and its metrics tell."""
    settings = job.settings
    common: dict[str, Any] = {
        "recipe": recipe,
        "variant": settings.variant,
        "task": task_name(settings.task),
        "fold": settings.fold,
        "seed": settings.seed,
        "settings": asdict(settings),
        "ended": ended,
    }
    if result.failure:
        return Row(**common, failure=result.failure)
    record = read_card(job.model).record
    kept = record["settings"]["seed"]
    metrics = {each.seed: _metrics(folder) for each, folder in job.runs()}
    (test,) = result.tests
    return Row(
        **common,
        kept_seed=kept,
        seeds_tried=record["seeds_tried"],
        epoch=record["epoch"],
        parameters=record["parameters"],
        validation_errors=record["validation"]["errors"],
        validation_n=record["validation"]["n"],
        test_errors=test.errors,
        test_n=test.n,
        seconds=record["seconds"],
        all_seconds=round(sum(line["seconds"] for each in metrics.values() for line in each), 1),
        device=record["device"],
        roles=record.get("roles") or None,
        curve=[_point(line) for line in metrics[kept]],
    )


def latest(rows: Sequence[Row]) -> list[Row]:
    """Each run's last line, or its last success: a failure that was mended is told no more."""
    found: dict[tuple[str, Key], Row] = {}
    for row in rows:
        before = found.get((row.recipe, row.key))
        if before is None or before.failure or not row.failure:
            found[row.recipe, row.key] = row
    return list(found.values())


_NUMBER = (int, float)
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("variant", "ended"), (str,)),
    "task": (int, str),
    **dict.fromkeys(("fold", "seed"), (int,)),
    **dict.fromkeys(("failure", "device"), (str, NoneType)),
    **dict.fromkeys(("kept_seed", "seeds_tried", "epoch", "parameters"), (int, NoneType)),
    **dict.fromkeys(("validation_errors", "validation_n"), (int, NoneType)),
    **dict.fromkeys(("test_errors", "test_n"), (int, NoneType)),
    **dict.fromkeys(("seconds", "all_seconds"), (*_NUMBER, NoneType)),
    "settings": (dict,),
    "curve": (list,),
}


def _check_types(row: Row) -> None:
    for name, kinds in _KINDS.items():
        value = getattr(row, name)
        if type(value) not in kinds:  # not isinstance, to which true is a number
            raise ValueError(f"{name} is {value!r}")
    if not isinstance(row.settings.get("options", {}), dict):
        raise ValueError(f"its options are {row.settings['options']!r}")
    for point in row.curve:
        if not isinstance(point, list) or [type(one) in _NUMBER for one in point] != [True, True]:
            raise ValueError(f"{point!r} is no point of a curve")


def _check_count(name: str, errors: int | None, n: int | None) -> None:
    if errors is not None and not (n and 0 <= errors <= n):
        raise ValueError(f"{name}_errors is {errors} of {n} questions")


def _metrics(folder: Path) -> list[dict[str, Any]]:
    """The epochs of a seed, none where it was not tried."""
    try:
        lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines]


def _point(line: dict[str, Any]) -> list[float]:
    return [round(line["loss"], 4), round(line["validation_error"], 4)]
