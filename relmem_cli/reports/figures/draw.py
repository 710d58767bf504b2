"""The three figures of a reproduction, for each of its recipes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from relmem_cli.reports.figures.costs import draw_costs
from relmem_cli.reports.figures.curves import draw_curves
from relmem_cli.reports.figures.error_chart import draw_errors
from relmem_cli.reports.figures.figure_style import save, style
from relmem_cli.reports.figures.sizes import draw_sizes
from relmem_cli.reports.summary import RunGroup, groups_of
from relmem_cli.runs.record import RunRecord

_FIGURES: Mapping[str, Callable[[Sequence[RunGroup]], Figure]] = {
    "error-by-task": draw_errors,
    "learning-curves": draw_curves,
    "parameters-and-error": draw_sizes,
}


def draw_all(rows: Sequence[RunRecord], folder: Path) -> Iterator[Path]:
    """Write NAME-RECIPE.png and .svg of each figure; yields the paths as they are written."""
    groups = groups_of(rows)
    with style():
        for recipe in dict.fromkeys(group.recipe for group in groups):
            mine = [group for group in groups if group.recipe == recipe]
            for name, draw in _FIGURES.items():
                yield from save(draw(mine), folder, f"{name}-{recipe}")


def draw_field(rows: Sequence[RunRecord], folder: Path) -> Iterator[Path]:
    """Write field.png and .svg: every variant's error against its parameters and its time."""
    with style():
        yield from save(draw_costs(groups_of(rows)), folder, "field")
