"""Heat maps and strips for a terminal: coloured cells, or characters where there is no colour."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from rich.cells import cell_len, set_cell_size
from rich.color import blend_rgb
from rich.color_triplet import ColorTriplet
from rich.console import Console, ConsoleOptions, OverflowMethod, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from relmem_cli.chat.story.maps import HeatMap
from relmem_cli.chat.view.theme import HEAT
from relmem_cli.plain import counted

INDENT = 2
BLOCKS = "▁▂▃▄▅▆▇█"
SHADES = " ░▒▓█"
PLAIN = " .:-=+*#"
"""Levels from nothing to the highest: of a strip, a map without colours, and both in ASCII."""

LEAST_ROWS = 3
"""Rows that a map shows in however low a window."""

AROUND = 5
"""Lines of a map that are no rows, with a blank one between maps; a long title takes more."""

Cell = Callable[[float, int], tuple[str, str]]
"""From a level of 0 to 1 and a width to text and style."""


class MapsView:
    """Heat maps one below the other, as high as the window; what has no room is named."""

    def __init__(self, maps: Sequence[HeatMap]) -> None:
        self.maps = tuple(maps)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Of each map the title, the columns' numbers, the rows, and what the colours say."""
        height = console.size.height
        titles = [_title(heat, console, options) for heat in self.maps]
        around = [AROUND - 1 + len(title) for title in titles]
        fitting = _fitting(around, height)
        others = ", ".join(heat.name for heat in self.maps[fitting:])
        left = height - sum(around[:fitting]) - bool(others)
        room = _room([len(heat.values) for heat in self.maps[:fitting]], left)
        for place, rows in enumerate(room):
            if place:
                yield Text()
            yield from titles[place]
            yield from _drawn(self.maps[place], rows, console, options)
        if others:
            yield _line(options, (f"no room for: {others}", "relmem.quiet"))


def _title(heat: HeatMap, console: Console, options: ConsoleOptions) -> list[RenderableType]:
    """The title's lines."""
    lines = Text(heat.heading, style="relmem.strong").wrap(console, options.max_width - INDENT)
    return [Padding(line, (0, 0, 0, INDENT), expand=False) for line in lines]


def _drawn(
    heat: HeatMap, most_rows: int, console: Console, options: ConsoleOptions
) -> Iterator[Text]:
    width = options.max_width
    rows = _rows(heat, most_rows)
    most = max(width // 3, width - INDENT - 1 - 2 * len(heat.values[0]))
    labels = _labels(heat, rows, most, dots="..." if options.ascii_only else "…")
    room = max(1, width - INDENT - cell_len(labels[0]) - 1)
    columns = _strongest(list(zip(*heat.values, strict=True)), room)
    wide = 2 if 2 * len(columns) <= room else 1
    paint, scale = _paint(console, options), 1 / heat.highest if heat.highest else 0.0
    ticks = _ticks(list(map(heat.column_number, columns)), wide)
    yield _line(options, " " * (cell_len(labels[0]) + 1), (ticks, "relmem.quiet"))
    for label, row in zip(labels, rows, strict=True):
        cells = (paint(heat.values[row][column] * scale, wide) for column in columns)
        yield _line(options, (label, "relmem.quiet"), " ", *cells)
    yield _scale(heat, [paint(step / 7, 1) for step in range(8)], options)
    left_out = ", ".join(_left_out(heat, len(rows), len(columns)))
    if left_out:
        yield _line(options, (f"not shown: {left_out}", "relmem.quiet"))


def _scale(heat: HeatMap, levels: Sequence[tuple[str, str]], options: ConsoleOptions) -> Text:
    """What the colours say, and of the strongest columns' words those that fit."""
    line = _line(options, ("0 ", "relmem.quiet"), *levels, (f" {heat.highest:.2f}", "relmem.quiet"))
    for word in _words(heat):
        if line.cell_len + cell_len(word) > options.max_width:
            break
        line.append(word, style="relmem.quiet")
    return line


class Strip:
    """One row of a heat map in one quiet line, and the words of its strongest columns."""

    def __init__(self, heat: HeatMap) -> None:
        self._heat = heat

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """A character for each column; of more than half the width's columns the strongest."""
        del console
        values = self._heat.values[-1]
        levels = "." + PLAIN[2:] if options.ascii_only else BLOCKS
        kept = _strongest([(value,) for value in values], options.max_width // 2)
        drawn = "".join(_level(values[column], levels) for column in kept)
        yield _line(options, (f"{drawn}  {_opened(self._heat)}", "relmem.quiet"))


def _opened(heat: HeatMap) -> str:
    """The columns that have at least half of the highest, the strongest first, by their words."""
    values = heat.values[-1]
    if not values or max(values) < 0.1:
        return f"no {heat.columns} opened"
    order = sorted(range(len(values)), key=lambda column: -values[column])
    strong = [column for column in order if values[column] >= max(values) / 2]
    return ", ".join(dict.fromkeys(_name(heat, column) for column in strong))


def _name(heat: HeatMap, column: int) -> str:
    number = heat.column_number(column)
    if not heat.column_labels:
        return f"{heat.columns} {number}"
    label = heat.column_labels[column]
    return f"{number} {label.rstrip('.')}" if heat.columns == "sentence" else label


def _rows(heat: HeatMap, room: int) -> Sequence[int]:
    """Sentences are the latest ones, anything else the strongest."""
    count = len(heat.values)
    return (
        range(max(0, count - room), count)
        if heat.rows == "sentence"
        else _strongest(heat.values, room)
    )


def _strongest(lines: Sequence[Sequence[float]], room: int) -> list[int]:
    """The places of the lines with the highest numbers, as many as there is room for, in order."""
    order = sorted(range(len(lines)), key=lambda place: -max(lines[place], default=0.0))
    return sorted(order[:room])


def _fitting(around: Sequence[int], height: int) -> int:
    """How many of the maps, the first at least, a window has room for."""
    needed = list(accumulate(lines + LEAST_ROWS for lines in around))
    return max(1, bisect_right(needed, height))


def _room(wanted: Sequence[int], left: int) -> list[int]:
    """For each map the rows that it may have: what the smaller ones leave, evenly."""
    room = [0] * len(wanted)
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    for done, place in enumerate(order):
        room[place] = min(wanted[place], max(LEAST_ROWS, left // (len(order) - done)))
        left -= room[place]
    return room


def _labels(heat: HeatMap, rows: Sequence[int], most: int, *, dots: str) -> list[str]:
    """Each row's number and text, all of one width of at most `most` cells."""
    digits = len(str(heat.row_number(len(heat.values) - 1)))
    if heat.row_labels:
        whole = [f"{heat.row_number(row):>{digits}} {heat.row_labels[row]}" for row in rows]
    else:
        whole = [f"{heat.rows} {heat.row_number(row):>{digits}}" for row in rows]
    width = min(max(map(cell_len, whole)), max(most, digits + 4))
    return [
        set_cell_size(label, width)
        if cell_len(label) <= width
        else set_cell_size(label, width - len(dots)) + dots
        for label in whole
    ]


def _ticks(numbers: Sequence[int], wide: int) -> str:
    """Every fifth column's number, of few columns each one's; it ends where the column ends."""
    every = 1 if wide == 2 and numbers and numbers[-1] < 10 else 5
    line = ""
    for place, number in enumerate(numbers, start=1):
        start = place * wide - len(str(number))
        if number % every == 0 and start >= len(line) + (every > 1 and line != ""):
            line = f"{line:<{start}}{number}"
    return line


def _words(heat: HeatMap) -> Iterator[str]:
    """The strongest columns by their words, as parts of a line."""
    if not heat.column_labels or heat.columns == "sentence":
        return
    peaks = [max(column) for column in zip(*heat.values, strict=True)]
    order = sorted(range(len(peaks)), key=lambda column: -peaks[column])[:8]
    for place, column in enumerate(order):
        begin = ", " if place else f"   {heat.columns}: "
        yield f"{begin}{heat.column_number(column)} {heat.column_labels[column]}"


def _left_out(heat: HeatMap, rows: int, columns: int) -> Iterator[str]:
    """What there was no room for."""
    counts = [
        (len(heat.values) - rows, "earlier" if heat.rows == "sentence" else "weaker", "row"),
        (len(heat.values[0]) - columns, "weaker", "column"),
    ]
    for count, kind, what in counts:
        if count:
            yield counted(count, f"{kind} {what}")


def _paint(console: Console, options: ConsoleOptions) -> Cell:
    """How this console shows a level: 256 colours or more, else characters."""
    if not console.no_color and console.color_system in ("256", "truecolor"):
        stops = [console.get_style(f"relmem.{name}").color for name in HEAT]
        colours = [stop.get_truecolor() for stop in stops if stop]
        return lambda level, wide: (" " * wide, f"on {_colour(level, colours)}")
    levels = PLAIN if options.ascii_only else SHADES
    return lambda level, wide: (_level(level, levels) * wide, "")


def _level(value: float, levels: str) -> str:
    return levels[round(min(max(value, 0.0), 1.0) * (len(levels) - 1))]


def _colour(level: float, stops: Sequence[ColorTriplet]) -> str:
    """Between the two nearest stops."""
    place = min(max(level, 0.0), 1.0) * (len(stops) - 1)
    first = min(int(place), len(stops) - 2)
    return blend_rgb(stops[first], stops[first + 1], place - first).hex


def _line(options: ConsoleOptions, *parts: str | tuple[str, str]) -> Text:
    """One line, indented and cut to the window."""
    overflow: OverflowMethod = "crop" if options.ascii_only else "ellipsis"
    return Text.assemble(" " * INDENT, *parts, no_wrap=True, overflow=overflow)
