"""A fraction as a bar of characters, with a mark where another fraction is."""

from dataclasses import dataclass

_EIGHTHS = " ▏▎▍▌▋▊▉█"


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
