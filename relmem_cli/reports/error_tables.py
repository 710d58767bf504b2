"""Tables of test errors: one model, the models of 20 tasks, or several side by side."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from relmem_cli.intervals import FAILED_ABOVE
from relmem_cli.plain import brief_end, listed
from relmem_cli.reports.assessment import Assessed, Result
from relmem_cli.reports.paper import ERRORS, paper_error
from relmem_cli.reports.subject import Subject
from relmem_cli.reports.tables import Table
from relmem_cli.stories.catalogue import TaskName, in_order, title
from relmem_cli.training.evaluation import Score

_INTERVAL = "95%: Wilson's interval."
_FAILED = f"failed: tasks with an error above {FAILED_ABOVE:.0%}."
_PAPER = "paper: its Table 6 (en, 1,000 training questions, mean of several trainings)."
_LONGEST_LABEL = 28


@dataclass(kw_only=True)
class Column:
    """Models shown as one: a joint model, or the models of different tasks of one kind."""

    kind: str
    data: str
    members: list[Assessed] = field(default_factory=list)

    @property
    def results(self) -> dict[TaskName, Result]:
        """All the members' results by task."""
        return {task: one for member in self.members for task, one in member.results.items()}

    @property
    def label(self) -> str:
        """The one model's name, or what several have in common and how many they are."""
        if len(self.members) > 1:
            return f"{self.kind}\n{len(self.members)} models"
        return brief_end(self.members[0].subject.name, _LONGEST_LABEL)

    @property
    def paper(self) -> str | None:
        """The variant whose figures in the paper were made alike, or None."""
        first = self.members[0].subject
        settings, variant = first.settings, first.card.variant
        if settings is None or first.joint or variant not in ERRORS:
            return None
        small = settings.data == "en" if settings.fold < 0 else settings.data in ("en", "en-10k")
        return variant if small and self.data in ("en", "en-10k") else None


def columns_of(assessed: Iterable[Assessed]) -> list[Column]:
    """The models in columns: per-task models of one kind share one where their tasks differ."""
    columns: list[Column] = []
    for one in assessed:
        kind = _kind(one.subject)
        for column in columns:
            alike = column.kind == kind and column.data == one.data and not one.subject.joint
            if alike and not column.results.keys() & one.results.keys():
                column.members.append(one)
                break
        else:
            columns.append(Column(kind=kind, data=one.data, members=[one]))
    return columns


def error_rows(assessed: Iterable[Assessed]) -> Table:
    """For machines: a row for each model and task; error, low and high are fractions."""
    rows = []
    for one in assessed:
        for task, result in one.results.items():
            score = result.score
            low, high = score.interval()
            rows.append(
                {
                    "task": task,
                    "model": one.subject.name,
                    "variant": one.subject.card.variant,
                    "errors": score.errors,
                    "n": score.n,
                    "error": score.error,
                    "low": low,
                    "high": high,
                    **score.measures,
                }
            )
    return Table(title="Test error", rows=rows)


def error_table(columns: Sequence[Column]) -> Table:
    """For people: a row for each task, below them the mean and the number of failed tasks."""
    return _one_column(columns[0]) if len(columns) == 1 else _side_by_side(columns)


def unknown_words(column: Column, shown: int = 5) -> str | None:
    """One line on what the test stories hold that the models do not know, or None."""
    results = column.results.values()
    words = frozenset[str]().union(*(result.words for result in results))
    unknown = sorted(frozenset[str]().union(*(result.unknown_words for result in results)))
    answers = sum(result.unknown_answers for result in results)
    parts = []
    if unknown:
        names = listed(unknown, shown)
        parts.append(f"{len(unknown)} of {len(words)} words are read as blanks ({names})")
    if answers:
        asked = sum(result.score.n for result in results)
        parts.append(f"{answers:,} of {asked:,} right answers cannot be given and count as errors")
    label = column.label.replace("\n", ", ")
    return f"{label}: unknown in these tests: {'; '.join(parts)}." if parts else None


def _kind(subject: Subject) -> str:
    """Variant and what of data, fold and options is not as usual."""
    settings, card = subject.settings, subject.card
    unusual = {k: v for k, v in sorted(card.options.items()) if v != subject.usual.get(k)}
    parts = [card.variant, *(f"{key}={value}" for key, value in unusual.items())]
    if settings is not None:
        parts += [settings.data] if settings.data != "en" else []
        parts += [f"fold {settings.fold}"] if settings.fold >= 0 else []
    return " ".join(parts)


def _one_column(column: Column) -> Table:
    rows = []
    for task in in_order(column.results):
        result = column.results[task]
        score = result.score
        row = {
            "task": task,
            "name": column.members[0].titles.get(task, title(task)),
            "n": score.n,
            "error": score.error,
            "interval": _interval(score),
        }
        rows.append(row | _paper_cell(column, task) | dict(score.measures))
    label = column.label.replace("\n", ", ")
    measures = {name for result in column.results.values() for name in result.score.measures}
    return Table(
        title=f"{label}: test error on {column.data}",
        rows=rows,
        footer=_footer([("error", column)], {"name": "", "n": "", "interval": ""}),
        headers={"interval": "95%"},
        formats={"n": ",", "error": ".1%", "paper": ".1%", **dict.fromkeys(measures, ".3f")},
        right=("interval",),
        tied=("interval",),
        notes=_notes([column]),
    )


def _side_by_side(columns: Sequence[Column]) -> Table:
    keyed = [(f"error {place}", column) for place, column in enumerate(columns)]
    tasks = in_order(task for column in columns for task in column.results)
    intervals = {key.replace("error", "interval") for key, _ in keyed}
    rows = [_row(task, keyed) for task in tasks]
    datas = list(dict.fromkeys(column.data for column in columns))
    headers = {key: column.label for key, column in keyed} | dict.fromkeys(intervals, "95%")
    return Table(
        title=f"Test error on {' and '.join(datas)}",
        rows=rows,
        footer=_footer(keyed, {"n": "", **dict.fromkeys(intervals, "")}),
        headers=headers | {f"paper {variant}": "paper" for variant in ERRORS},
        formats={column: ".1%" for column in rows[0] if column not in ("task", "n")} | {"n": ","},
        right=(*headers, *intervals),
        tied=(*intervals, *(f"paper {variant}" for variant in ERRORS)),
        notes=_notes(columns),
    )


def _row(task: TaskName, keyed: Sequence[tuple[str, Column]]) -> dict[str, Any]:
    scores = [column.results[task].score for _, column in keyed if task in column.results]
    counts = {score.n for score in scores}
    row: dict[str, Any] = {"task": task}
    for key, column in keyed:
        result = column.results.get(task)
        row[key] = result.score.error if result else None
        row[key.replace("error", "interval")] = _interval(result.score) if result else None
        if column.paper:
            row[f"paper {column.paper}"] = paper_error(column.paper, task)
    return row if _same_n([column for _, column in keyed]) else row | {"n": _one(counts)}


def _paper_cell(column: Column, task: TaskName) -> dict[str, Any]:
    return {"paper": paper_error(column.paper, task)} if column.paper else {}


def _footer(keyed: Sequence[tuple[str, Column]], blank: Mapping[str, str]) -> list[dict[str, Any]]:
    """Mean error and number of failed tasks; nothing where there is one task only."""
    if max(len(column.results) for _, column in keyed) == 1:
        return []
    mean: dict[str, Any] = {"task": "mean", **blank}
    failed: dict[str, Any] = {"task": "failed", **blank}
    for key, column in keyed:
        errors = [result.score.error for result in column.results.values()]
        mean[key], failed[key] = _mean(errors), _failed(errors)
        if column.paper:
            theirs = [paper_error(column.paper, task) or 0.0 for task in column.results]
            name = "paper" if key == "error" else f"paper {column.paper}"
            mean[name], failed[name] = _mean(theirs), _failed(theirs)
    return [mean, failed]


def _mean(errors: Sequence[float]) -> float:
    return sum(errors) / len(errors)


def _failed(errors: Sequence[float]) -> str:
    return f"{sum(error > FAILED_ABOVE for error in errors)} of {len(errors)}"


def _interval(score: Score) -> str:
    low, high = score.interval()
    return f"{100 * low:.1f}-{100 * high:.1f}"


def _notes(columns: Sequence[Column]) -> list[str]:
    several = any(len(column.results) > 1 for column in columns)
    legend = [f"{_INTERVAL} {_FAILED}" if several else _INTERVAL]
    if len(columns) > 1 and (n := _same_n(columns)):
        legend.append(f"n: {n:,} questions a task.")
    return [*legend, *([_PAPER] if any(column.paper for column in columns) else [])]


def _same_n(columns: Sequence[Column]) -> int | None:
    """How many questions every task has, or None where they differ."""
    return _one({result.score.n for column in columns for result in column.results.values()})


def _one(numbers: Collection[int]) -> int | None:
    return next(iter(numbers)) if len(numbers) == 1 else None
