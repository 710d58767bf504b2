"""How figures look in a paper, and how they are saved. Imports matplotlib."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from relmem_cli.builtin_recipes import VARIANTS
from relmem_cli.reports.summary import RunGroup

ONE_COLUMN, TWO_COLUMNS = 3.4, 7.0
"""Widths of a paper's columns in inches."""

SMALL = 7.0
"""Points: names of tasks, of which there are twenty. All else has 8."""

GREY = "0.35"

_RC: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # it comes with matplotlib: the same figure everywhere
    "font.size": 8.0,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.frameon": False,
    "legend.handlelength": 1.4,
    "legend.columnspacing": 1.4,
    "lines.linewidth": 1.2,
    "svg.hashsalt": "relmem",  # names of its parts do not change from one run to the next
}

# Okabe and Ito's colours, which people tell apart who see red and green alike; the black is left
# for the paper's figures.
LINES = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#999999")


def style() -> Any:
    """A context in which figures are made and saved in this style."""
    return mpl.rc_context(_RC)


def colours(groups: Sequence[RunGroup]) -> list[str]:
    """A colour for each group; those of the paper's variants are the same in every figure."""
    names = dict.fromkeys([*VARIANTS, *(group.variant for group in groups)])
    by_name = {name: LINES[place % len(LINES)] for place, name in enumerate(names)}
    return [by_name[group.variant] for group in groups]


def percent_axis(axes: Axes) -> None:
    """An axis of fractions as percent from 0 to 100."""
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.25, 0.5, 0.75, 1], labels=["0", "25", "50", "75", "100"])


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write NAME.png at 200 dots an inch and NAME.svg; returns their paths.

    What no file should be called has a "-" in its place: a recipe is named as its file says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.+=,-]+", "-", name)
    paths = [folder / f"{name}.png", folder / f"{name}.svg"]
    figure.savefig(paths[0], dpi=200)
    figure.savefig(paths[1], metadata={"Date": None})
    return paths
