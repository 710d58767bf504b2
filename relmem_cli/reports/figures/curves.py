"""Learning curves: validation error by epoch, a panel for each task and a line for each variant."""

import math
from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from relmem_cli.pictures import Figure
from relmem_cli.reports.figures.figure_style import SMALL, TWO_COLUMNS, colours, percent_axis
from relmem_cli.reports.summary import RunGroup
from relmem_cli.runs.record import RunRecord
from relmem_cli.stories.catalogue import in_order, title

_ACROSS = 5


def draw_curves(groups: Sequence[RunGroup]) -> Figure:
    """Two columns wide, five panels in a row; a band reaches from the lowest run to the highest."""
    tasks = in_order(task for group in groups for task in group.tasks)
    across = min(_ACROSS, len(tasks))
    down = math.ceil(len(tasks) / across)
    figure = Figure(figsize=(TWO_COLUMNS, 0.5 + 1.45 * down), layout="constrained")
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    for axes, task in zip(panels.flat, tasks, strict=False):
        for group, colour in zip(groups, colours(groups), strict=True):
            _line(axes, group.rows.get(task, ()), colour, group.variant)
        axes.set_title(fill(f"{task} {title(task)}", 22), fontsize=SMALL, loc="left", pad=3)
        percent_axis(axes)
        axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    for axes in panels.flat[len(tasks) :]:
        axes.set_axis_off()
    figure.supxlabel("epoch", fontsize=8)
    figure.supylabel("validation error (%)", fontsize=8)
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(labels))
    return figure


def _line(axes: Axes, rows: Sequence[RunRecord], colour: str, label: str) -> None:
    """The mean of the runs; one that stopped early stays where it was."""
    curves = [[error for _, error in row.curve] for row in rows if row.curve]
    longest = max(map(len, curves), default=0)
    even = [curve + curve[-1:] * (longest - len(curve)) for curve in curves]
    by_epoch = list(zip(*even, strict=True))
    epochs = range(1, longest + 1)
    axes.plot(epochs, [sum(each) / len(each) for each in by_epoch], color=colour, label=label)
    if len(curves) > 1:
        lowest, highest = [min(each) for each in by_epoch], [max(each) for each in by_epoch]
        axes.fill_between(epochs, lowest, highest, color=colour, alpha=0.2, linewidth=0)
