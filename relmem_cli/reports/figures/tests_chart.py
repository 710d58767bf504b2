"""The test errors of one model: a bar for each task, with its 95% interval."""

from collections.abc import Mapping
from typing import Protocol

from relmem_cli.pictures import Figure
from relmem_cli.plain import brief_end
from relmem_cli.reports.figures.figure_style import GREY, LINES, TWO_COLUMNS

_BAR = 0.2
"""Inches of a bar and what is between two."""

_LEAST = 5
"""Percent that the axis shows at least: an error below 0.4% is not to look large."""

_NAME = 40
"""Characters of a task's name, and of the title."""


class Tested(Protocol):
    """An error and its interval, as fractions."""

    @property
    def error(self) -> float:
        """The fraction of wrong answers."""
        ...

    @property
    def low(self) -> float:
        """The interval's lower end."""
        ...

    @property
    def high(self) -> float:
        """The interval's upper end."""
        ...


def draw_tests(tasks: Mapping[str, Tested], title: str) -> Figure:
    """Two columns wide; the tasks one below the other by their names, in percent from 0."""
    figure = Figure(figsize=(TWO_COLUMNS, 0.8 + _BAR * len(tasks)), layout="constrained")
    axes = figure.subplots()
    each = tasks.values()
    errors = [100 * one.error for one in each]
    axes.barh(range(len(tasks)), errors, color=LINES[0])
    axes.errorbar(  # with a point, which shows where there is no bar
        errors,
        range(len(tasks)),
        xerr=[
            [100 * (one.error - one.low) for one in each],
            [100 * (one.high - one.error) for one in each],
        ],
        fmt="o",
        color=GREY,
        markersize=3,
        elinewidth=0.7,
        clip_on=False,
    )
    axes.set_yticks(range(len(tasks)), [_plain(name) for name in tasks])
    axes.invert_yaxis()
    axes.set_xlim(0, max(_LEAST, axes.get_xlim()[1]))
    axes.set_xlabel("test error (%), with its 95% interval")
    axes.set_title(_plain(title, 2 * _NAME), loc="left")
    return figure


def _plain(text: str, most: int = _NAME) -> str:
    """Text that is drawn as it stands: a dollar sign would begin a formula."""
    return brief_end(text, most).replace("$", r"\$")
