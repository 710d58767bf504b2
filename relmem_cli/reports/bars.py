"""Fractions in characters: one as a bar, several as a line of little bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_ASCII_HEIGHTS = "_.-:=+*#"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Characters of a bar, and the place of the mark among them or None."""

    text: str
    mark: int | None


def draw_bar(fraction: float, width: int, *, mark: float | None, ascii_only: bool = False) -> Bar:
    """`width` characters for 0 to 1, to an eighth of a character, or to one of ASCII.

    A bar that is not 0 shows at least its thinnest.
    """
    eighths = min(round(8 * width * fraction), 8 * width) or int(fraction > 0)
    if ascii_only:
        text = "#" * round(eighths / 8)
    else:
        text = _EIGHTHS[8] * (eighths // 8) + _EIGHTHS[eighths % 8]
    characters = list(text.ljust(width)[:width])
    if mark is None:
        return Bar(text="".join(characters), mark=None)
    place = min(int(width * mark), width - 1)
    characters[place] = "|" if ascii_only else "│"
    return Bar(text="".join(characters), mark=place)


def draw_line(values: Sequence[float], width: int, *, top: float, ascii_only: bool = False) -> str:
    """A character for each value, as high as it is from 0 to `top`; the lowest is no gap.

    More values than `width` are parted into as many stretches, and each shows its mean.
    """
    heights = _ASCII_HEIGHTS if ascii_only else _HEIGHTS
    count = min(len(values), width)
    edges = [place * len(values) // count for place in range(count + 1)] if count else [0]
    line = ""
    for first, last in pairwise(edges):
        mean = sum(values[first:last]) / (last - first)
        share = min(max(mean / top, 0.0), 1.0) if top > 0 else 0.0
        line += heights[round(share * (len(heights) - 1))]
    return line
