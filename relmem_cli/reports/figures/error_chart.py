"""Error by task and variant: grouped bars with 95% intervals and the paper's figures."""

from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from relmem_cli.intervals import FAILED_ABOVE
from relmem_cli.reports.figures.figure_style import GREY, SMALL, TWO_COLUMNS, colours, percent_axis
from relmem_cli.reports.summary import RunGroup
from relmem_cli.stories.catalogue import TaskName, in_order, title

_IN_A_ROW = 10
_FILLED = 0.8
"""How much of a task's room its bars take."""


def draw_errors(groups: Sequence[RunGroup]) -> Figure:
    """Two columns wide; ten tasks to a row."""
    tasks = in_order(task for group in groups for task in group.tasks)
    parts = [tasks[first : first + _IN_A_ROW] for first in range(0, len(tasks), _IN_A_ROW)]
    figure = Figure(figsize=(TWO_COLUMNS, 0.7 + 1.9 * len(parts)), layout="constrained")
    rows = figure.subplots(len(parts), squeeze=False)[:, 0]
    for axes, part in zip(rows, parts, strict=True):
        _row(axes, groups, part)
        axes.set_xlim(-0.5, min(len(tasks), _IN_A_ROW) - 0.5)
    handles, labels = rows[0].get_legend_handles_labels()
    named = dict(zip(labels, handles, strict=True))
    variants = [group.variant for group in groups]
    marks = [label for label in (_PAPER, _INTERVAL, _LIMIT) if label in named]
    above, below = ([named[label] for label in shown] for shown in (variants, marks))
    figure.legend(above, variants, loc="outside upper left", ncols=len(variants))
    figure.legend(below, marks, loc="outside lower left", ncols=len(marks))
    return figure


_PAPER, _INTERVAL, _LIMIT = "paper", "95% interval", f"failed above {FAILED_ABOVE:.0%}"


def _row(axes: Axes, groups: Sequence[RunGroup], tasks: Sequence[TaskName]) -> None:
    width = _FILLED / len(groups)
    axes.axhline(FAILED_ABOVE, color=GREY, linewidth=0.6, linestyle=(0, (2, 2)), label=_LIMIT)
    for place, (group, colour) in enumerate(zip(groups, colours(groups), strict=True)):
        middles = [x + (place + 0.5) * width - _FILLED / 2 for x in range(len(tasks))]
        there = [
            (x, group.tasks[t]) for x, t in zip(middles, tasks, strict=True) if t in group.tasks
        ]
        errors = [one.error for _, one in there]
        axes.bar([x for x, _ in there], errors, width, color=colour, label=group.variant)
        axes.errorbar(
            [x for x, _ in there],
            errors,
            yerr=[
                [one.error - one.low for _, one in there],
                [one.high - one.error for _, one in there],
            ],
            fmt="none",
            ecolor=GREY,
            label=_INTERVAL,
            elinewidth=0.7,
        )
        theirs = [
            (x, p) for x, t in zip(middles, tasks, strict=True) if (p := group.paper(t)) is not None
        ]
        axes.plot(
            [x for x, _ in theirs],
            [p for _, p in theirs],
            "_",
            color="black",
            markersize=6.0,
            markeredgewidth=1.3,
            label=_PAPER if theirs else "",
        )
    axes.set_xticks(range(len(tasks)), labels=[_name(task) for task in tasks], fontsize=SMALL)
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("test error (%)")
    percent_axis(axes)


def _name(task: TaskName) -> str:
    return f"{task}\n" + fill(title(task).replace("/", "/ "), 11).replace("/ ", "/")
