from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from relmem_cli.reports.summary import RunGroup, groups_of
from relmem_cli.runs.record import RunRecord
from tests.reproducing import row

pytest.importorskip("matplotlib")

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from relmem_cli.reports.figures.costs import draw_costs
from relmem_cli.reports.figures.curves import draw_curves
from relmem_cli.reports.figures.draw import draw_all
from relmem_cli.reports.figures.error_chart import draw_errors
from relmem_cli.reports.figures.figure_style import colours, style
from relmem_cli.reports.figures.sizes import draw_sizes
from relmem_cli.reports.figures.tests_chart import draw_tests

pytestmark = pytest.mark.slow

Draw = Callable[[Sequence[RunGroup]], Figure]


def rows(tasks: Sequence[int] = (1, 2, 3), folds: int = 2, **more: object) -> list[RunRecord]:
    return [
        row(variant, task, k, errors=45 * task + 10 * k, **more)
        for variant in ("entnet", "relation-slot", "gru")
        for task in tasks
        for k in range(folds)
    ]


def drawn(draw: Draw, some: Sequence[RunRecord]) -> Figure:
    with style():
        figure = draw(groups_of(some))
        FigureCanvasAgg(figure).draw()
    return figure


def test_each_figure_is_a_png_of_200_dots_an_inch_and_an_svg_for_each_recipe(
    tmp_path: Path,
) -> None:
    paths = list(draw_all(rows() + rows(recipe="relmem"), tmp_path / "new"))
    names = {"error-by-task", "learning-curves", "parameters-and-error"}
    recipes = {"as-published", "relmem"}
    assert {path.name for path in paths} == {
        f"{name}-{recipe}.{kind}" for name in names for recipe in recipes for kind in ("png", "svg")
    }
    wide = (tmp_path / "new" / "error-by-task-relmem.png").read_bytes()
    assert int.from_bytes(wide[16:20], "big") == 1400  # seven inches
    root = ET.parse(tmp_path / "new" / "error-by-task-relmem.svg").getroot()
    assert root.attrib["width"] == "504pt"


def test_a_recipe_with_any_name_has_its_figures_in_the_folder_that_was_asked_for(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "new"
    some = [row(errors=9, recipe="../grid", settings={"data": data}) for data in ("en", "/my/en")]
    paths = list(draw_all(some, folder))
    assert {path.parent for path in paths} == {folder}
    assert len({path.name for path in paths}) == 12


def test_a_figure_is_the_same_file_every_time(tmp_path: Path) -> None:
    first, second = ({p.name: p.read_bytes() for p in draw_all(rows(), tmp_path)} for _ in "ab")
    assert first == second


def test_bars_are_as_high_as_the_errors_with_their_intervals_and_the_papers_marks() -> None:
    figure = drawn(draw_errors, rows())
    (axes,) = figure.axes
    heights = sorted(round(bar.get_height(), 3) for bar in axes.patches)
    assert heights == [0.05] * 3 + [0.095] * 3 + [0.14] * 3
    marks = sorted(y for line in axes.lines if line.get_marker() == "_" for y in line.get_ydata())
    assert marks == pytest.approx([0.0, 0.0, 0.116, 0.208, 0.587, 0.629])
    labels = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert labels == [
        *("entnet", "relation-slot", "gru"),
        *("paper", "95% interval", "failed above 5%"),
    ]


def test_twenty_tasks_stand_in_two_rows_of_bars_and_in_twenty_panels_of_curves() -> None:
    every = rows(range(1, 21))
    assert len(drawn(draw_errors, every).axes) == 2
    panels = [axes for axes in drawn(draw_curves, every).axes if axes.get_title(loc="left")]
    assert len(panels) == 20


def test_a_curve_is_the_mean_of_its_runs_and_one_that_stopped_stays_where_it_was() -> None:
    some = [
        row(k=0, curve=[[1.0, 0.8], [0.9, 0.4], [0.8, 0.2]]),
        row(k=1, curve=[[1.0, 0.6], [0.9, 0.6]]),
    ]
    (axes,) = drawn(draw_curves, some).axes
    (line,) = axes.lines
    assert list(line.get_xdata()) == [1, 2, 3]
    assert list(line.get_ydata()) == pytest.approx([0.7, 0.5, 0.4])


def test_a_point_for_each_variant_stands_at_its_parameters_and_mean_error() -> None:
    some = rows((2,)) + [row("self-memory", 2, k, errors=500, parameters=80_000) for k in range(2)]
    (axes,) = drawn(draw_sizes, some).axes
    points = {
        (line.get_xdata()[0], round(float(line.get_ydata()[0]), 3))
        for line in axes.lines
        if line.get_marker() not in ("None", "") and line.get_markerfacecolor() != "white"
    }
    assert points == {(70_000, 0.095), (80_000, 0.5)}
    hollow = [
        round(float(line.get_ydata()[0]), 3)
        for line in axes.lines
        if line.get_markerfacecolor() == "white" and len(line.get_ydata())
    ]
    assert sorted(hollow) == [0.116, 0.208, 0.523]


def test_the_legend_of_costs_names_the_marks_from_the_highest_error_down() -> None:
    some = [row(name, 2, errors=e) for name, e in [("a", 10), ("b", 500), ("c", 90)]]
    some += [row(name, 1, errors=e) for name, e in [("a", 10), ("c", 90)]]
    figure = drawn(draw_costs, some)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["b (1 task)", "c", "a"]


@pytest.mark.parametrize("draw", [draw_errors, draw_curves, draw_sizes, draw_costs])
@pytest.mark.parametrize("tasks", [(1,), range(1, 21)], ids=["one", "twenty"])
def test_nothing_leaves_the_figure(draw: Draw, tasks: Sequence[int]) -> None:
    figure = drawn(draw, rows(tasks))
    drawn_on = figure.get_tightbbox()  # in inches
    assert drawn_on.x0 >= 0
    assert drawn_on.y0 >= 0
    assert (drawn_on.x1, drawn_on.y1) <= tuple(figure.get_size_inches())


def test_a_variant_of_the_papers_has_one_colour_in_every_figure() -> None:
    alone = groups_of([row("relation-slot")])
    beside = groups_of([row("entnet"), row("relation-slot")])
    assert colours(alone)[0] == colours(beside)[1]
    assert len(set(colours(beside))) == 2


def test_runs_without_a_curve_are_drawn_as_far_as_they_go(tmp_path: Path) -> None:
    assert len(list(draw_all([row(curve=[], parameters=None)], tmp_path))) == 6


@dataclass(frozen=True)
class AnError:
    error: float
    low: float
    high: float


def test_an_error_of_0_is_a_point_on_an_axis_that_does_not_make_its_interval_look_large() -> None:
    axes = draw_tests({"1 One": AnError(0.0, 0.0, 0.004)}, "m").axes[0]
    assert axes.get_xlim() == (0, 5)
    (points,) = [line for line in axes.lines if line.get_marker() == "o"]
    assert list(points.get_xdata()) == [0]
    assert draw_tests({"1 One": AnError(0.5, 0.4, 0.6)}, "m").axes[0].get_xlim()[1] > 60
