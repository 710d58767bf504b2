r"""What the paper's figures would need: the least test error of N seeds, by N, for every fold.

    relmem train -v entnet,relation-slot --recipe as-published --restarts 1 \
        --task 2,3,14,15 --fold 0-9 --seed 0-19 --out GRID
    python benchmarks/best_of_seeds.py GRID/results.jsonl best-of-seeds.png

Each seed's epoch is picked by validation, as always; the seed by its test error, as nobody should.
So a line shows what such a choice is worth: the mean of the least error over all choices of N of
the fold's seeds. Prints the same as a table, with how many folds reach the paper's figure.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from math import comb
from pathlib import Path
from statistics import fmean

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from relmem_cli.reports.figures.figure_style import GREY, TWO_COLUMNS, style
from relmem_cli.reports.paper import paper_error
from relmem_cli.stories.catalogue import TASKS

SHOWN = (1, 3, 5, 10, 20)
"""The N of the table."""

Folds = Mapping[int, Sequence[float]]
"""The test errors of a fold's seeds."""


def least_of(errors: Sequence[float], n: int) -> float:
    """The expected least of `n` of the errors, each choice of n as likely as any other."""
    ordered = sorted(errors)
    ways = comb(len(ordered), n)
    return sum(
        error * comb(len(ordered) - place - 1, n - 1) / ways for place, error in enumerate(ordered)
    )


def read(path: Path) -> dict[tuple[str, int], dict[int, list[float]]]:
    """Test errors by variant and task, by fold; of runs that did not fail."""
    found: dict[tuple[str, int], dict[int, list[float]]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["test_error"] is not None:
            folds = found.setdefault((row["variant"], row["task"]), {})
            folds.setdefault(row["fold"] or 0, []).append(row["test_error"])
    return found


def print_table(found: Mapping[tuple[str, int], Folds]) -> None:
    """Means over the folds in percent, and in how many of them the paper's figure is reached."""
    head = "  ".join(f"best of {n:<2}" for n in SHOWN)
    print(f"{'variant':14} task  {head}  folds reaching the paper's")
    for (variant, task), folds in sorted(found.items()):
        paper = paper_error(variant, task) or 0.0
        cells = []
        for n in SHOWN:
            errors = [least_of(seeds, n) for seeds in folds.values() if len(seeds) >= n]
            cells.append(f"{100 * fmean(errors):10.1f}" if errors else f"{'-':>10}")
        reached = sum(min(seeds) <= paper for seeds in folds.values())
        print(
            f"{variant:14} {task:>4}  {'  '.join(cells)}"
            f"  {reached} of {len(folds)} reach {100 * paper:.1f}"
        )


def draw(found: Mapping[tuple[str, int], Folds]) -> Figure:
    """A panel for each variant and task: thin lines are folds, the thick one is their mean."""
    variants = sorted({variant for variant, _ in found})
    tasks = sorted({task for _, task in found})
    figure = Figure(figsize=(TWO_COLUMNS, 0.6 + 1.7 * len(variants)), layout="constrained")
    panels = figure.subplots(len(variants), len(tasks), squeeze=False, sharex=True)
    for row, variant in zip(panels, variants, strict=True):
        for axes, task in zip(row, tasks, strict=True):
            _panel(axes, found.get((variant, task), {}), paper_error(variant, task))
            axes.set_title(f"{variant}, task {task}\n{TASKS[task].name}", fontsize=7)
        row[0].set_ylabel("least test error (%)")
    for axes in panels[-1]:
        axes.set_xlabel("seeds, picked by test")
    handles, labels = panels[0][0].get_legend_handles_labels()
    named = dict(zip(labels, handles, strict=True))
    figure.legend(named.values(), named, loc="outside lower left", ncols=len(named))
    return figure


def _panel(axes: Axes, folds: Folds, paper: float | None) -> None:
    most = max(map(len, folds.values()), default=1)
    numbers = range(1, most + 1)
    lines = [
        [100 * least_of(seeds, n) for n in numbers]
        for seeds in folds.values()
        if len(seeds) == most
    ]
    for line in lines:
        axes.plot(numbers, line, color="#56B4E9", linewidth=0.7, label="one fold")
    if len(lines) > 1:
        means = [fmean(column) for column in zip(*lines, strict=True)]
        axes.plot(numbers, means, color="#0072B2", linewidth=1.8, label="mean of the folds")
    if paper is not None:
        dashes = (0, (4, 2))
        axes.axhline(100 * paper, color=GREY, linestyle=dashes, clip_on=False, label="the paper")
    axes.set_xlim(1, max(most, 2))
    axes.set_xticks([1, 5, 10, 15, 20] if most == 20 else [1, most])
    axes.set_ylim(bottom=0)


def main() -> None:
    """Read a grid's results, print the table and write the picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("results", type=Path, help="results.jsonl of a grid of seeds and folds")
    parser.add_argument("picture", type=Path, help="the PNG to write")
    given = parser.parse_args()
    found = read(given.results)
    print_table(found)
    with style():
        draw(found).savefig(given.picture, dpi=200)


if __name__ == "__main__":
    main()
