"""Heat maps and reasons as PNG; importing this imports matplotlib, which is an extra."""

import io
from collections.abc import Sequence

from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from relmem_cli.chat.maps import HeatMap
from relmem_cli.chat.session import Why

DPI = 150
MOST_LABELS = 60
"""Labels of an axis that can still be read; an axis with more has numbers."""

_CELL, _LEAST = 0.22, 1.2
"""Inches of a row or column, and of an axis at least."""

_LONGEST = 40
"""Characters of a label."""


def draw_maps(maps: Sequence[HeatMap]) -> bytes:
    """The maps one below the other, with their labels and scales, as PNG."""
    heights = [max(_LEAST, _CELL * len(heat.values)) for heat in maps]
    widest = max(max(_LEAST, _CELL * len(heat.values[0])) for heat in maps)
    figure = Figure(
        figsize=(min(widest, 20) + 4.5, min(sum(heights), 40) + 1.6 * len(maps)),
        layout="constrained",
    )
    panels = figure.subplots(len(maps), squeeze=False, height_ratios=heights)[:, 0]
    for axes, heat in zip(panels, maps, strict=True):
        image = axes.imshow(heat.values, cmap="viridis", vmin=0, aspect="auto")
        axes.set_title(_plain(heat.title), loc="left", fontsize=9)
        axes.set_xlabel(heat.columns, fontsize=8)
        axes.set_ylabel(heat.rows, fontsize=8)
        axes.tick_params(labelsize=7)
        _label(axes.xaxis, heat.column_labels, rotation=90)
        _label(axes.yaxis, heat.row_labels, rotation=0)
        figure.colorbar(image, ax=axes).ax.tick_params(labelsize=7)
    return _png(figure)


def draw_why(why: Why) -> bytes:
    """Each sentence's share in an answer as a bar, as PNG."""
    count = len(why.reasons)
    figure = Figure(figsize=(8, max(_LEAST, min(_CELL * count, 40)) + 0.9), layout="constrained")
    axes = figure.subplots()
    axes.barh(range(count), [100 * reason.share for reason in why.reasons], color="#2a788e")
    labels = [f"{n} {_plain(reason.said.text)}" for n, reason in enumerate(why.reasons, start=1)]
    axes.set_yticks(range(count), labels)
    axes.invert_yaxis()
    axes.tick_params(labelsize=7)
    axes.set_xlabel("share in the answer (%)", fontsize=8)
    title = f"{_plain(why.question.text)}  {_plain(why.answer.answer)}"
    axes.set_title(title, loc="left", fontsize=9)
    return _png(figure)


def _label(axis: Axis, labels: Sequence[str], *, rotation: int) -> None:
    """Each label, where there are any and not too many; else whole numbers."""
    if 0 < len(labels) <= MOST_LABELS:
        texts = [f"{n} {_plain(label)}" for n, label in enumerate(labels, start=1)]
        axis.set_ticks(range(len(labels)), texts, rotation=rotation)
    else:
        axis.set_major_locator(MaxNLocator(integer=True))


def _plain(text: str) -> str:
    """Text that is drawn as it stands: a dollar sign would begin a formula."""
    short = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    return short.replace("$", r"\$")


def _png(figure: Figure) -> bytes:
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=DPI)
    return data.getvalue()
