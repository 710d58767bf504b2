"""One run that has ended: what its worker returns, a line of a results file, a row of a table."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from relmem_cli.errors import RelmemError
from relmem_cli.plain import (
    Check,
    brief,
    check_fields,
    is_any,
    is_count,
    is_number,
    is_plain,
    is_text,
    is_whole,
    list_of,
    maybe,
    table_of,
)
from relmem_cli.runs.job import Job
from relmem_cli.runs.metrics import read_metrics
from relmem_cli.stories.catalogue import TASKS, TaskName, task_name
from relmem_cli.training.cards import BEST, ModelCard, read_card

Key = tuple[str, TaskName, int, int]
"""A run of a recipe: variant, task, fold and first seed."""


@dataclass(frozen=True, kw_only=True)
class TaskScore:
    """A model's errors on the test questions of a task."""

    task: TaskName
    errors: int
    n: int


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A run that has ended: what it was and what came of it, or one sentence in `failure`.

    recipe            its header's, not in the line itself
    folder            where it is; the line has its name alone
    seed              the first that was tried
    kept_seed         the one that validation picked, `seeds_tried` of them
    settings          all of them, the variant's options among them
    seconds           of the kept seed's training
    all_seconds       of all seeds' training
    ended             when, in UTC
    roles             the classes of words that were renamed, where the model's card has them
    curve             [training loss, validation error] of every epoch of the kept seed
    tests             of a joint model, whose test_errors and test_n are None
    notes             what its training stories have to be said of
    data              the digest of what it was trained on, None of a run that has none
    """

    recipe: str = ""
    folder: Path = Path()
    variant: str
    task: TaskName
    fold: int
    seed: int
    settings: dict[str, Any]
    ended: str = field(default="", compare=False)
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
    data: dict[str, str] | None = None
    curve: list[list[float]] = field(default_factory=list)
    tests: tuple[TaskScore, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def failed(cls, job: Job, sentence: str) -> "RunRecord":
        """A run without a model."""
        return cls(**_what(job), failure=sentence)

    @classmethod
    def of(cls, job: Job, card: ModelCard) -> "RunRecord":
        """What the card of a model that was tested says, and the metrics of all its seeds."""
        record = card.record
        kept = record["settings"]["seed"]
        metrics = {seed.settings.seed: read_metrics(seed.folder.metrics) for seed in job.seeds()}
        tests = tuple(
            TaskScore(task=task_name(task), errors=test["errors"], n=test["n"])
            for task, test in record["test"].items()
        )
        alone = [test.task for test in tests] == [task_name(job.settings.task)]
        return cls(
            **_what(job),
            kept_seed=kept,
            seeds_tried=record["seeds_tried"],
            epoch=record["epoch"],
            parameters=record["parameters"],
            validation_errors=record["validation"]["errors"],
            validation_n=record["validation"]["n"],
            test_errors=tests[0].errors if alone else None,
            test_n=tests[0].n if alone else None,
            seconds=record["seconds"],
            all_seconds=round(sum(line["seconds"] for one in metrics.values() for line in one), 1),
            device=record["device"],
            roles=record.get("roles") or None,
            data=record.get("data"),
            curve=[_point(line) for line in metrics[kept]],
            tests=() if alone else tests,
            notes=tuple(record["notes"]),
        )

    def by_task(self) -> list["RunRecord"]:
        """One for each task that it was tested on; itself where it failed or has one."""
        return [
            replace(self, task=test.task, test_errors=test.errors, test_n=test.n, tests=())
            for test in self.tests
        ] or [self]

    @property
    def key(self) -> Key:
        """What tells it from the recipe's other runs."""
        return self.variant, self.task, self.fold, self.seed

    @property
    def run(self) -> tuple[Key, str]:
        """What tells it from all other runs of a file: the key, and what it was trained on."""
        return self.key, self.source

    @property
    def source(self) -> str:
        """What it was trained on, as --data named it."""
        return str(self.settings.get("data", "en"))

    @property
    def name(self) -> str:
        """Such as "entnet task 4 fold 1 seed 3"."""
        return f"{self.variant} task {self.task} fold {self.fold} seed {self.seed}"

    @property
    def test_error(self) -> float:
        """The fraction of wrong answers to the test questions; of a run that did not fail.

        Of a joint one it is the mean over the tasks.
        """
        if self.tests:
            return sum(test.errors / test.n for test in self.tests) / len(self.tests)
        return (self.test_errors or 0) / (self.test_n or 1)

    @property
    def validation_error(self) -> float | None:
        """The fraction of wrong answers to the validation questions."""
        if self.validation_errors is None or not self.validation_n:
            return None
        return self.validation_errors / self.validation_n

    def to_json(self) -> str:
        """A line, without what the run does not have."""
        plain = asdict(self)
        del plain["recipe"], plain["folder"]
        run = {"run": self.folder.name} if self.folder.name else {}
        known = {k: v for k, v in plain.items() if v is not None and v not in ((), [])}
        return json.dumps({**run, **known})

    def to_rows(self) -> list[dict[str, Any]]:
        """Plain values for machines: one row, or one for each task of a joint model."""
        return [
            {
                "variant": one.variant,
                "task": one.task,
                "fold": one.fold if one.fold >= 0 else None,
                "seed": one.seed,
                "epoch": one.epoch,
                "validation_error": one.validation_error,
                "test_error": None if one.failure else one.test_error,
                "n": one.test_n,
                "seconds": one.seconds,
                "model": None if one.failure else str(one.folder / BEST),
                "failure": one.failure,
            }
            for one in self.by_task()
        ]

    @classmethod
    def from_plain(cls, plain: dict[str, Any], recipe: str) -> "RunRecord":
        """The record that `to_json` wrote; raises ValueError for anything else.

        Keys of a later version are passed over.
        """
        check_fields(plain, _NEEDED, needed=True)
        check_fields(plain, _KINDS)
        _check_task(plain["task"])
        _check_settings(plain["settings"])
        _check_curve(plain.get("curve", ()))
        tests = tuple(_test(test) for test in plain.get("tests", ()))
        known = {one.name for one in fields(cls)} - {"folder"}
        given = {k: v for k, v in plain.items() if k in known}
        given |= {"recipe": recipe, "tests": tests, "notes": tuple(plain.get("notes", ()))}
        row = cls(**given)
        if not row.failure and row.test_errors is None and not tests:
            raise ValueError("it has neither a test error nor a failure")
        _check_count("test", row.test_errors, row.test_n)
        _check_count("validation", row.validation_errors, row.validation_n)
        return row


def _what(job: Job) -> dict[str, Any]:
    """What a run is, whatever came of it."""
    settings = job.settings
    return {
        "variant": settings.variant,
        "task": task_name(settings.task),
        "fold": settings.fold,
        "seed": settings.seed,
        "settings": asdict(settings),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "folder": job.folder,
    }


def finished(job: Job) -> RunRecord | None:
    """The record of a job that has nothing left to do, from its model's card; else None.

    A model is tested last of all, so a card with a test says that training has ended.
    """
    if not job.model.exists():
        return None
    try:
        card = read_card(job.model)
    except RelmemError:
        return None  # whoever trains or tests it will say what is wrong
    record = card.record
    if not record.get("test"):
        return None
    try:
        over = record.get("seeds_tried", 1) >= job.restarts or job.flawless
        trained = record.get("settings", {}).get("epochs", 0) >= job.settings.epochs
        return RunRecord.of(job, card) if over and trained else None
    except RelmemError:
        return None  # its metrics are damaged; going on with it writes them anew


def latest(rows: Sequence[RunRecord]) -> list[RunRecord]:
    """Each run's last line, or its last success: a failure that was mended is told no more."""
    found: dict[tuple[str, tuple[Key, str]], RunRecord] = {}
    for row in rows:
        before = found.get((row.recipe, row.run))
        if before is None or before.failure or not row.failure:
            found[row.recipe, row.run] = row
    return list(found.values())


def _check_task(task: Any) -> None:
    """Raise ValueError for what is neither a task's number nor the name of one."""
    if type(task) is int:
        if task not in TASKS:
            raise ValueError(f"there is no task {brief(task)}")
    elif not is_text(task) or task_name(task) != task:
        raise ValueError(f"task is {brief(task)}")


def _check_settings(settings: Any) -> None:
    """Raise ValueError unless they are a table of plain values, and one of options."""
    check_fields(settings, {"options": table_of(is_plain)}, what="settings")
    check_fields(settings, {key: is_plain for key in settings if key != "options"})


def _check_curve(curve: Sequence[Any]) -> None:
    """Raise ValueError for what is no point; what overflowed is a number to JSON."""
    for point in curve:
        if (
            not isinstance(point, list)
            or [type(one) in (int, float) for one in point] != [True] * 2
        ):
            raise ValueError(f"{brief(point)} is no point of a curve")


def _test(plain: Any) -> TaskScore:
    """A joint model's score on a task."""
    check_fields(plain, _TEST, needed=True)
    _check_task(plain["task"])
    _check_count("test", plain["errors"], plain["n"])
    return TaskScore(**{name: plain[name] for name in _TEST})


_TEST: dict[str, Check] = {"task": is_any, "errors": is_count, "n": is_count}
_NEEDED: dict[str, Check] = {
    "variant": is_text,
    "task": is_any,
    "fold": is_whole,
    "seed": is_whole,
    "settings": is_any,
}
_KINDS: dict[str, Check] = {
    "ended": is_text,
    **dict.fromkeys(("failure", "device"), maybe(is_text)),
    **dict.fromkeys(("kept_seed", "seeds_tried", "epoch", "parameters"), maybe(is_whole)),
    **dict.fromkeys(("validation_errors", "validation_n"), maybe(is_whole)),
    **dict.fromkeys(("test_errors", "test_n"), maybe(is_whole)),
    **dict.fromkeys(("seconds", "all_seconds"), maybe(is_number)),
    "data": maybe(table_of(is_text)),
    "curve": list_of(is_any),
    "tests": list_of(is_any),
    "notes": list_of(is_text),
}


def _check_count(name: str, errors: int | None, n: int | None) -> None:
    if errors is not None and not (n and 0 <= errors <= n):
        raise ValueError(f"{name}_errors is {errors} of {n} questions")


def _point(line: Mapping[str, Any]) -> list[float]:
    return [round(line["loss"], 4), round(line["validation_error"], 4)]
