"""Error against how long or how hard stories are: a line with its interval for each model."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from relmem_cli.plain import brief_end
from relmem_cli.reports.figures.figure_style import LINES, ONE_COLUMN, percent_axis

_NAME = 32
"""Characters of a model's name."""


def draw_sweep(rows: Sequence[Mapping[str, Any]], name: str) -> Figure:
    """One column wide; what is swept goes by its logarithm where it grows tenfold or more."""
    figure = Figure(figsize=(ONE_COLUMN, 0.75 * ONE_COLUMN), layout="constrained")
    axes = figure.subplots()
    models = list(dict.fromkeys(row["model"] for row in rows))
    for place, model in enumerate(models):
        its = [row for row in rows if row["model"] == model]
        values = [row[name] for row in its]
        colour = LINES[place % len(LINES)]
        axes.plot(
            values,
            [row["error"] for row in its],
            "o-",
            ms=3,
            color=colour,
            label=brief_end(model, _NAME),
        )
        low, high = [row["low"] for row in its], [row["high"] for row in its]
        axes.fill_between(values, low, high, color=colour, alpha=0.2, linewidth=0)
    values = sorted({row[name] for row in rows})
    if values[-1] >= 10 * values[0]:
        axes.set_xscale("log")
    axes.set_xticks(values, labels=map(str, values))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel(name if name != "facts" else "sentences that the answer needs")
    axes.set_ylabel("error (%)")
    percent_axis(axes)
    axes.legend(loc="best")
    return figure
