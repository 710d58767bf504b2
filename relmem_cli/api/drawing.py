"""Figures of what the library has, for who has matplotlib; it is imported when one is drawn."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from relmem_cli.errors import RelmemError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.figure import Figure

    from relmem_cli.chat.story.maps import HeatMap
    from relmem_cli.chat.story.turns import Why
    from relmem_cli.reports.figures.tests_chart import Tested
    from relmem_cli.runs.record import RunRecord


def draw_heat(maps: "Sequence[HeatMap]") -> "Figure":
    """Heat maps one below the other; raises RelmemError where there is none to draw."""
    _check_matplotlib()
    if not maps:
        raise RelmemError("this model shows no arrays of this story; of an answer it may.")
    from relmem_cli.chat.view.plot import draw_maps  # noqa: PLC0415

    return draw_maps(maps)


def draw_shares(why: "Why") -> "Figure":
    """Each sentence's share in an answer as a bar."""
    _check_matplotlib()
    from relmem_cli.chat.view.plot import draw_why  # noqa: PLC0415

    return draw_why(why)


def draw_curve(record: "RunRecord") -> "Figure":
    """The validation error after every epoch of a run."""
    _check_matplotlib()
    from relmem_cli.reports.figures.curves import draw_curves  # noqa: PLC0415
    from relmem_cli.reports.figures.figure_style import style  # noqa: PLC0415
    from relmem_cli.reports.summary import groups_of  # noqa: PLC0415

    with style():
        return draw_curves(groups_of([record]))


def draw_tested(tasks: "Mapping[str, Tested]", title: str) -> "Figure":
    """The error of every task as a bar, with its interval."""
    _check_matplotlib()
    from relmem_cli.reports.figures.figure_style import style  # noqa: PLC0415
    from relmem_cli.reports.figures.tests_chart import draw_tests  # noqa: PLC0415

    with style():
        return draw_tests(tasks, title)


def _check_matplotlib() -> None:
    if find_spec("matplotlib") is None:
        raise RelmemError("figures need matplotlib: pip install 'relmem[plot]'.")
