"""The runs of a reproduction summed up: error by task, variant and recipe, with 95% intervals."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from relmem_cli.builtin_recipes import VARIANTS
from relmem_cli.intervals import FAILED_ABOVE, NORMAL, student_margin, wilson
from relmem_cli.reports.paper import paper_error
from relmem_cli.runs.recipe import published_error
from relmem_cli.runs.record import RunRecord
from relmem_cli.stories.catalogue import TaskName, in_order


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean test error, a fraction, and its 95% interval over so many repetitions.

    `margin` is the interval's half width by Student's t. It is None for one repetition: then the
    interval is over the test questions alone (Wilson's, or the normal one for a mean over tasks).
    """

    error: float
    low: float
    high: float
    repetitions: int
    margin: float | None = None

    @property
    def failed(self) -> bool:
        """Whether the task counts as failed."""
        return self.error > FAILED_ABOVE

    @property
    def text(self) -> str:
        """In percent with half of the interval, such as "12.3 ±1.2"."""
        margin = (self.high - self.low) / 2 if self.margin is None else self.margin
        return f"{100 * self.error:.1f} ±{100 * margin:.1f}"


@dataclass(frozen=True, kw_only=True)
class RunGroup:
    """A variant trained by a recipe; `rows` are its runs by task, in order of fold and seed."""

    variant: str
    recipe: str
    rows: Mapping[TaskName, Sequence[RunRecord]] = field(default_factory=dict)

    @cached_property
    def tasks(self) -> dict[TaskName, Estimate]:
        """The error by task."""
        return {task: _estimate(self.rows[task]) for task in in_order(self.rows)}

    @cached_property
    def mean(self) -> Estimate:
        """The mean error over the tasks, and its interval over the repetitions' means.

        A task's k-th run belongs to repetition k, whether it has a fold of its own or a seed.
        """
        error = sum(one.error for one in self.tasks.values()) / len(self.tasks)
        whole = min(len(rows) for rows in self.rows.values())
        if whole < 2:
            margin = NORMAL * math.sqrt(sum(map(_variance, self.rows.values()))) / len(self.rows)
            return _around(error, margin, whole, student=False)
        means = [
            sum(rows[k].test_error for rows in self.rows.values()) / len(self.rows)
            for k in range(whole)
        ]
        return _around(error, student_margin(means), whole)

    @property
    def most(self) -> int:
        """How many repetitions there are of the task that has most."""
        return max(map(len, self.rows.values()))

    @property
    def failed(self) -> int:
        """How many tasks have an error above 5%."""
        return sum(one.failed for one in self.tasks.values())

    @property
    def parameters(self) -> float:
        """How many a model has, the mean over the tasks."""
        return self._mean_of("parameters")

    @property
    def seconds(self) -> float:
        """How long a run trained, all its seeds, the mean over the tasks."""
        return self._mean_of("all_seconds")

    def _mean_of(self, figure: str) -> float:
        of_tasks = [
            sum(getattr(row, figure) or 0 for row in rows) / len(rows)
            for rows in self.rows.values()
        ]
        return sum(of_tasks) / len(of_tasks)

    def paper(self, task: TaskName) -> float | None:
        """The published error, a fraction: the recipe's own or the paper's; None for none."""
        published = published_error(self.recipe, self.variant, str(task))
        return paper_error(self.variant, task) if published is None else published

    @property
    def has_published(self) -> bool:
        """Whether the recipe itself names published figures of one of the tasks."""
        return any(
            published_error(self.recipe, self.variant, str(t)) is not None for t in self.rows
        )

    @property
    def paper_errors(self) -> list[float]:
        """The paper's errors on the same tasks; none where it does not have the variant."""
        found = [self.paper(task) for task in self.rows]
        return [error for error in found if error is not None]


def groups_of(rows: Sequence[RunRecord]) -> list[RunGroup]:
    """Groups of the runs that did not fail: the paper's variants first, recipes side by side.

    Where a recipe's runs were trained on several data, those on each are a group of their own.
    """
    rows = _by_source(rows)
    found: defaultdict[tuple[str, str], defaultdict[TaskName, list[RunRecord]]]
    found = defaultdict(lambda: defaultdict(list))
    for row in sorted(rows, key=lambda row: (row.seed, row.fold)):
        if not row.failure:
            found[row.variant, row.recipe][row.task].append(row)
    variants = list(dict.fromkeys([*VARIANTS, *(row.variant for row in rows)]))
    recipes = list(dict.fromkeys(row.recipe for row in rows))
    return [
        RunGroup(variant=variant, recipe=recipe, rows=found[variant, recipe])
        for variant in variants
        for recipe in recipes
        if (variant, recipe) in found
    ]


def failures(rows: Sequence[RunRecord]) -> list[str]:
    """A sentence for each run that failed."""
    return [f"{row.name} failed: {row.failure}" for row in rows if row.failure]


def _by_source(rows: Sequence[RunRecord]) -> list[RunRecord]:
    """The rows; a recipe that was trained on several data is named with each."""
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        sources[row.recipe].add(row.source)
    return [
        replace(row, recipe=f"{row.recipe} {row.source}") if len(sources[row.recipe]) > 1 else row
        for row in rows
    ]


def _estimate(rows: Sequence[RunRecord]) -> Estimate:
    errors = [row.test_error for row in rows]
    if len(errors) > 1:
        return _around(sum(errors) / len(errors), student_margin(errors), len(errors))
    low, high = wilson(rows[0].test_errors or 0, rows[0].test_n or 1)
    return Estimate(error=errors[0], low=low, high=high, repetitions=1)


def _around(error: float, margin: float, repetitions: int, *, student: bool = True) -> Estimate:
    return Estimate(
        error=error,
        low=max(0.0, error - margin),
        high=min(1.0, error + margin),
        repetitions=repetitions,
        margin=margin if student else None,
    )


def _variance(rows: Sequence[RunRecord]) -> float:
    """Of a task's mean error, over the test questions, from Wilson's intervals.

    errors * (n - errors) / n^3 would be 0 where no answer is wrong, as if that were certain.
    """
    intervals = [wilson(row.test_errors or 0, row.test_n or 1) for row in rows]
    return sum(((high - low) / 2 / NORMAL) ** 2 for low, high in intervals) / len(rows) ** 2
