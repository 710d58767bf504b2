"""Error against what it costs: parameters and time, a mark for each of many variants."""

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from relmem_cli.plain import counted
from relmem_cli.reports.figures.figure_style import LINES, TWO_COLUMNS
from relmem_cli.reports.summary import RunGroup

_MARKERS = "osD^vPX"
_LINE = 0.165
"""Inches of a line of the legend."""

_COSTS: tuple[tuple[str, Callable[[RunGroup], float]], ...] = (
    ("parameters of a model", lambda group: group.parameters or 1),
    ("seconds of training a task", lambda group: group.seconds or 1),
)


def draw_costs(groups: Sequence[RunGroup]) -> Figure:
    """Two columns wide: the mean error over the tasks against parameters, and against time.

    The legend names them as they lie, the highest error first; a mean over fewer tasks says so.
    """
    groups = sorted(groups, key=lambda group: group.mean.error, reverse=True)
    figure = Figure(
        figsize=(TWO_COLUMNS, max(3.0, 0.2 + _LINE * len(groups))), layout="constrained"
    )
    panels = figure.subplots(1, len(_COSTS), sharey=True)
    looks = [_look(place) for place in range(len(groups))]
    for axes, (name, cost) in zip(panels, _COSTS, strict=True):
        for group, look in zip(groups, looks, strict=True):
            _point(axes, group, cost(group), look)
        axes.set_xscale("log")
        axes.set_xlabel(name)
    panels[0].set_ylabel("mean test error (%)")
    panels[0].set_ylim(bottom=0)
    panels[0].yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f}")
    names = _names(groups)
    handles = [Line2D([], [], **look, label=name) for look, name in zip(looks, names, strict=True)]
    figure.legend(handles=handles, loc="outside right upper")
    return figure


def _names(groups: Sequence[RunGroup]) -> list[str]:
    """The variants, with the recipe where there are several, and how many tasks where not all."""
    recipes = {group.recipe for group in groups}
    most = max((len(group.tasks) for group in groups), default=0)
    return [
        group.variant
        + (f", {group.recipe}" if len(recipes) > 1 else "")
        + (f" ({counted(len(group.tasks), 'task')})" if len(group.tasks) < most else "")
        for group in groups
    ]


def _point(axes: Axes, group: RunGroup, cost: float, look: dict[str, Any]) -> None:
    """The mean error, with its 95% interval."""
    mean = group.mean
    axes.plot([cost] * 2, [mean.low, mean.high], color=look["color"])
    axes.plot([cost], [mean.error], **look, clip_on=False)  # whole where there is no error


def _look(place: int) -> dict[str, Any]:
    """Marks of several colours and shapes: no two of 49 are alike."""
    return {
        "marker": _MARKERS[(place + place // len(LINES)) % len(_MARKERS)],
        "color": LINES[place % len(LINES)],
        "linestyle": "",
        "markersize": 5,
    }
