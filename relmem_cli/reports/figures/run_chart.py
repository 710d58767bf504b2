"""One run: validation error and training loss by epoch, and where the model was kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from relmem_cli.plain import brief_end
from relmem_cli.reports.figures.figure_style import GREY, LINES, ONE_COLUMN, SMALL

_TITLE = 50
"""Characters of a run's name."""


def draw_run(epochs: Sequence[Mapping[str, Any]], title: str, kept: int | None) -> Figure:
    """One column wide, the error above the loss; `kept` is the epoch whose model was kept."""
    figure = Figure(figsize=(ONE_COLUMN, 1.1 * ONE_COLUMN), layout="constrained")
    above, below = figure.subplots(2, sharex=True)
    numbers = [int(epoch["epoch"]) for epoch in epochs]
    above.plot(numbers, [100 * epoch["validation_error"] for epoch in epochs], color=LINES[0])
    above.set_ylabel("validation error (%)")
    below.plot(numbers, [epoch["loss"] for epoch in epochs], color=LINES[1])
    below.set_ylabel("training loss")
    below.set_xlabel("epoch")
    below.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
    for axes in (above, below):
        axes.set_ylim(bottom=0)
        _mark(axes, kept)
    above.set_title(brief_end(title, _TITLE), fontsize=SMALL, loc="left")
    if kept is not None:
        above.legend(loc="best")
    return figure


def _mark(axes: Axes, kept: int | None) -> None:
    if kept is not None:
        axes.axvline(kept, color=GREY, linewidth=0.8, linestyle=":", label="kept")
