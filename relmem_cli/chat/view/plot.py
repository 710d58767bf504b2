"""Heat maps and reasons as figures; importing this imports matplotlib, which is an extra."""

import io
from collections.abc import Sequence

from relmem_cli.pictures import Figure  # before anything imports matplotlib

# isort: split
from matplotlib.axis import Axis

from relmem_cli.chat.story.maps import HeatMap
from relmem_cli.chat.story.turns import Why
from relmem_cli.plain import brief_start

DPI = 150
MOST_LABELS = 60
"""Labels of an axis that can still be read; an axis with more has numbers."""

_CELL, _LEAST = 0.22, 0.5
"""Inches of a row or column, and of an axis at least."""

_SCALE = 0.2
"""Inches, about, across the scale beside a map, however low that is: layout adds up to 1 to it."""

_LONGEST, _TITLE = 40, 90
"""Characters of a label and of a title."""


def draw_maps(maps: Sequence[HeatMap]) -> Figure:
    """The maps one below the other, with their labels and scales."""
    heights = [max(_LEAST, _CELL * len(heat.values)) for heat in maps]
    widest = max(max(_LEAST, _CELL * len(heat.values[0])) for heat in maps)
    figure = Figure(
        figsize=(max(8, min(widest, 20) + 3.5), min(sum(heights), 40) + 1.6 * len(maps)),
        layout="constrained",
    )
    panels = figure.subplots(len(maps), squeeze=False, height_ratios=heights)[:, 0]
    for axes, heat, height in zip(panels, maps, heights, strict=True):
        image = axes.imshow(heat.values, cmap="viridis", vmin=0, aspect="auto")
        axes.set_title(_plain(heat.heading, _TITLE), loc="left", fontsize=9)
        axes.set_xlabel(heat.columns, fontsize=8)
        axes.set_ylabel(heat.rows, fontsize=8)
        axes.tick_params(labelsize=7)
        columns = [heat.column_number(place) for place in range(len(heat.values[0]))]
        rows = [heat.row_number(place) for place in range(len(heat.values))]
        _label(axes.xaxis, heat.column_labels, columns, rotation=90)
        _label(axes.yaxis, heat.row_labels, rows, rotation=0)
        scale = figure.colorbar(image, ax=axes, aspect=(height + 1) / _SCALE)
        scale.ax.tick_params(labelsize=7)
    return figure


def draw_why(why: Why) -> Figure:
    """Each sentence's share in an answer as a bar."""
    count = len(why.reasons)
    figure = Figure(figsize=(8, max(_LEAST, min(_CELL * count, 40)) + 0.9), layout="constrained")
    axes = figure.subplots()
    axes.barh(range(count), [100 * reason.share for reason in why.reasons], color="#2a788e")
    labels = [f"{n} {_plain(reason.said.text)}" for n, reason in enumerate(why.reasons, start=1)]
    axes.set_yticks(range(count), labels)
    axes.invert_yaxis()
    axes.tick_params(labelsize=7)
    axes.set_xlabel("share in the answer (%)", fontsize=8)
    title = f"{why.question.text}  {why.answer.answer}"
    axes.set_title(_plain(title, _TITLE), loc="left", fontsize=9)
    return figure


def _label(axis: Axis, labels: Sequence[str], numbers: Sequence[int], *, rotation: int) -> None:
    """Numbers, each with its label where there are any; of many only some numbers."""
    few = len(numbers) <= MOST_LABELS
    every = range(0, len(numbers), 1 if few else 10)
    if labels and few:
        texts = [f"{numbers[place]} {_plain(labels[place])}" for place in every]
        axis.set_ticks(every, texts, rotation=rotation)
    else:
        axis.set_ticks(every, [str(numbers[place]) for place in every])


def _plain(text: str, most: int = _LONGEST) -> str:
    """Text that is drawn as it stands: a dollar sign would begin a formula."""
    return brief_start(text, most).replace("$", r"\$")


def to_png(figure: Figure) -> bytes:
    """A figure as a PNG file's bytes."""
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=DPI)
    return data.getvalue()
