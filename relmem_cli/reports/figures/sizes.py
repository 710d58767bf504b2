"""Parameters against error: what a variant's size buys, ours beside the paper's."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation

from relmem_cli.reports.figures.figure_style import GREY, ONE_COLUMN, colours
from relmem_cli.reports.summary import RunGroup

_MARKERS = "osD^vPX"
_APART = 7 / 72
"""Inches between the marks of variants of one size, which would hide each other."""


def draw_sizes(groups: Sequence[RunGroup]) -> Figure:
    """One column wide: the mean parameters of a model, and the mean error over the tasks.

    The paper's errors stand at our number of parameters: where it prints one, it is the same.
    """
    figure = Figure(figsize=(ONE_COLUMN, 3.0), layout="constrained")
    axes = figure.subplots()
    sizes = [group.parameters for group in groups]
    looks = []
    for place, (group, colour) in enumerate(zip(groups, colours(groups), strict=True)):
        before, alike = sizes[:place].count(sizes[place]), sizes.count(sizes[place])
        inches = _APART * (before - (alike - 1) / 2)
        moved = axes.transData + ScaledTranslation(inches, 0, figure.dpi_scale_trans)
        look: dict[str, Any] = {
            "marker": _MARKERS[place % len(_MARKERS)],
            "color": colour,
            "linestyle": "",
            "markersize": 4.5,
        }
        _point(axes, group, sizes[place], {**look, "transform": moved})
        looks.append(Line2D([], [], **look, label=group.variant))
    grey: dict[str, Any] = {"color": GREY, "linestyle": "", "marker": "o", "markersize": 4.5}
    looks += [
        Line2D([], [], **grey, label="ours, 95% interval"),
        Line2D([], [], **grey, markerfacecolor="white", label="paper"),
    ]
    figure.legend(handles=looks, loc="outside upper left", ncols=2)
    _label(axes)
    return figure


def _point(axes: Axes, group: RunGroup, size: float, look: dict[str, Any]) -> None:
    mean, theirs = group.mean, group.paper_errors
    paper = [sum(theirs) / len(theirs)] if theirs else []
    # Lines in place of an errorbar, which takes no transform; nor do the axes see moved points.
    axes.update_datalim([(size, y) for y in (mean.low, mean.high, *paper)])
    axes.plot([size] * 2, [mean.low, mean.high], color=look["color"], transform=look["transform"])
    axes.plot([size], [mean.error], **look)
    axes.plot([size] * len(paper), paper, **look, markerfacecolor="white")


def _label(axes: Axes) -> None:
    axes.set_xlabel("parameters of a model (thousands)")
    axes.set_ylabel("mean test error (%)")
    axes.margins(0.15)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x / 1000:.0f}")
    axes.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f}")
