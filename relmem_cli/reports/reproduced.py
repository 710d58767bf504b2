"""The paper's Table 6 as reproduced: our error beside the paper's, by task and variant."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from relmem_cli.intervals import FAILED_ABOVE
from relmem_cli.reports.paper import ELSEWHERE
from relmem_cli.reports.summary import Estimate, RunGroup, groups_of
from relmem_cli.reports.tables import Table
from relmem_cli.runs.record import RunRecord
from relmem_cli.stories.catalogue import TaskName, in_order, title

_SHOWN = 5
"""How many runs a note names."""


def table6_rows(rows: Sequence[RunRecord]) -> Table:
    """For machines: a row for each recipe, variant and task; errors are fractions.

    "interval" says what low and high are over: the repetitions (Student's t) or, where there is
    one, its test questions (Wilson's).
    """
    flat = [
        {
            "recipe": group.recipe,
            "variant": group.variant,
            "task": task,
            "name": title(task),
            "repetitions": one.repetitions,
            "error": one.error,
            "low": one.low,
            "high": one.high,
            "interval": "questions" if one.margin is None else "repetitions",
            "paper": group.paper(task),
            "difference": _less(one.error, group.paper(task)),
        }
        for group in groups_of(rows)
        for task, one in group.tasks.items()
    ]
    return Table(title="Table 6: test error", rows=flat)


def table6(rows: Sequence[RunRecord]) -> Table:
    """For people: a row for each task, below them the means and the failed tasks; in percent."""
    groups = groups_of(rows)
    tasks = in_order(task for group in groups for task in group.tasks)
    columns = [_Column(group, several=_several(groups)) for group in groups]
    footer = [
        {"task": "mean", "name": "", **_merged(column.mean() for column in columns)},
        {"task": "failed", "name": "", **_merged(column.failed() for column in columns)},
    ]
    return Table(
        title="Table 6: test error in percent",
        rows=[
            {
                "task": task,
                "name": title(task),
                **_merged(column.cells(task) for column in columns),
            }
            for task in tasks
        ],
        footer=footer if len(tasks) > 1 else [],
        headers=_merged(column.headers for column in columns),
        right=[key for column in columns for key in column.headers],
        tied=[key for column in columns for key in column.beside],
        notes=list(_notes(groups, rows)),
    )


class _Column:
    """A group's figures and, where the paper has the variant, the paper's and the difference."""

    def __init__(self, group: RunGroup, *, several: bool) -> None:
        self.group = group
        self._key = f"{group.variant} {group.recipe}"
        self.beside = [f"{self._key} {name}" for name in ("paper", "diff") if group.paper_errors]
        label = f"{group.variant}\n{group.recipe}" if several else group.variant
        self.headers = {self._key: label, **{key: key.split()[-1] for key in self.beside}}
        margins = [one.margin for one in (*group.tasks.values(), group.mean)]
        self._room = max(len(f"{100 * (margin or 0):.1f}") for margin in margins)

    def cells(self, task: TaskName) -> dict[str, str]:
        """One task's."""
        one = self.group.tasks.get(task)
        if one is None:
            return dict.fromkeys(self.headers, "-")
        return self._row(self._text(one), one.error, self.group.paper(task))

    def mean(self) -> dict[str, str]:
        """The mean over the tasks."""
        mean, theirs = self.group.mean, self.group.paper_errors
        return self._row(
            self._text(mean), mean.error, sum(theirs) / len(theirs) if theirs else None
        )

    def failed(self) -> dict[str, str]:
        """The number of failed tasks."""
        theirs = sum(error > FAILED_ABOVE for error in self.group.paper_errors)
        texts = [f"{theirs}", f"{self.group.failed - theirs:+d}"]
        return {self._key: f"{self.group.failed} of {len(self.group.tasks)}"} | dict(
            zip(self.beside, texts, strict=False)
        )

    def _row(self, text: str, ours: float, theirs: float | None) -> dict[str, str]:
        difference = _less(ours, theirs)
        if theirs is None or difference is None:
            return {self._key: text}
        texts = [f"{100 * theirs:.1f}", f"{round(100 * difference, 1) + 0.0:+.1f}"]
        return {self._key: text, **dict(zip(self.beside, texts, strict=True))}

    def _text(self, one: Estimate) -> str:
        """Such as "12.3 ±1.2", or "12.3 (10.4-14.5)" where the interval has no middle."""
        if one.margin is None:
            return f"{100 * one.error:.1f} ({100 * one.low:.1f}-{100 * one.high:.1f})"
        return f"{100 * one.error:.1f} ±{100 * one.margin:<{self._room}.1f}"


def _notes(groups: Sequence[RunGroup], rows: Sequence[RunRecord]) -> Iterator[str]:
    estimates = [one for group in groups for one in group.tasks.values()]
    if any(one.margin is not None for one in estimates):
        yield f"±: 95% interval over the folds ({_folds(groups)}), by Student's t."
    if any(one.margin is None for one in estimates):
        yield "(a-b): 95% interval over one run's test questions: Wilson's; for the mean, normal."
    yield f"failed: tasks with an error above {FAILED_ABOVE:.0%}."
    own = {group.recipe for group in groups if group.has_published}
    if any(group.paper_errors for group in groups if group.recipe not in own):
        yield "paper: its Table 6, the mean of several trainings; diff: ours less the paper's."
    for recipe in sorted(own):
        yield f"paper, of {recipe}: the published figures that the recipe names; diff: ours less."
    for variant in dict.fromkeys(group.variant for group in groups):
        if variant in ELSEWHERE:
            yield ELSEWHERE[variant]
    yield from _repeated(groups)
    yield from _uneven(groups)
    yield from _failures(rows)


def _folds(groups: Sequence[RunGroup]) -> str:
    """How many repetitions there are: "3", or "as-published 3, relmem 10"."""
    most: dict[str, int] = {}
    for group in groups:
        most[group.recipe] = max(most.get(group.recipe, 0), group.most)
    if len(set(most.values())) == 1:
        return str(next(iter(most.values())))
    return ", ".join(f"{recipe} {number}" for recipe, number in most.items())


def _repeated(groups: Sequence[RunGroup]) -> Iterator[str]:
    """Tasks whose repetitions are not folds."""
    tasks = {
        task
        for group in groups
        for task, rows in group.rows.items()
        if len({row.fold for row in rows}) < len(rows)
    }
    if tasks:
        listed = _list(list(map(str, in_order(tasks))))
        yield f"Task {listed} has fewer folds: some of its runs differ by their seeds alone."


def _uneven(groups: Sequence[RunGroup]) -> Iterator[str]:
    """Figures that rest on fewer runs than others of their recipe."""
    every = in_order(task for group in groups for task in group.tasks)
    fewer = []
    for group in groups:
        name = f"{group.variant} {group.recipe}" if _several(groups) else group.variant
        most = max(one.most for one in groups if one.recipe == group.recipe)
        for task in every:
            there = len(group.rows.get(task, ()))
            if there < most:
                fewer.append(f"{name} task {task} ({there} of {most})")
    if fewer:
        yield f"Fewer runs than the others have: {_list(fewer)}."


def _failures(rows: Sequence[RunRecord]) -> Iterator[str]:
    failed = [row for row in rows if row.failure]
    for row in failed[:_SHOWN]:
        yield f"{row.name} failed: {row.failure}"
    if failed[_SHOWN:]:
        yield f"and {len(failed) - _SHOWN} more runs failed."


def _several(groups: Sequence[RunGroup]) -> bool:
    return len({group.recipe for group in groups}) > 1


def _list(names: Sequence[str]) -> str:
    more = [f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else []
    return ", ".join([*names[:_SHOWN], *more])


def _less(ours: float, theirs: float | None) -> float | None:
    return None if theirs is None else ours - theirs


def _merged(parts: Iterator[Mapping[str, Any]]) -> dict[str, Any]:
    return {key: value for part in parts for key, value in part.items()}
