"""How /watch looks: the story beside the slots, or beside what each step read of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from relmem_cli.chat.story.scenes import Line, Part, Scene, Slot
from relmem_cli.chat.view import render
from relmem_cli.plain import counted

INDENT = 2

WIDE = 72
"""Columns from which story and memory stand side by side."""

LEAST_STORY = 24
"""Columns of the story beside the memory, at least."""

OPENED = 0.1
"""The gate from which a slot counts as opened."""

FIRST = "tell it a sentence, such as: Mary went to the kitchen."
ASK = "ask a question to see what is read for it"
_EIGHTHS = " ▏▎▍▌▋▊▉█"


@dataclass(frozen=True, slots=True)
class _Columns:
    """The cells of a slot's columns: its key, its gate, each part's word and how far it is read."""

    key: int
    gate: int
    word: int
    read: int

    def width(self, parts: int) -> int:
        """Of the row."""
        return (
            self.key + 1 + self.gate + parts * (1 + self.word + (1 + self.read) * bool(self.read))
        )


class WatchView:
    """A scene as large as the window: title, story and memory, then the question's answer.

    Between the lines of a conversation it is indented, and leaves out slots that stayed closed.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Lines that are not longer than the window is wide."""
        if options.height:
            yield from _screen(self.scene, options.max_width, options.height, options)
            return
        opened = tuple(slot for slot in self.scene.slots if _weight(slot) >= OPENED)
        scene = replace(self.scene, slots=opened or self.scene.slots)
        width, height = options.max_width - INDENT, console.size.height - 2
        for line in _body(scene, width, height, ascii_only=options.ascii_only):
            yield Text(" " * INDENT, no_wrap=True).append_text(line)


def _screen(scene: Scene, width: int, height: int, options: ConsoleOptions) -> list[Text]:
    """As many lines as the window has."""
    *body, asked = _body(scene, width, height, ascii_only=options.ascii_only)
    return [*body, *[Text()] * (height - len(body) - 1), asked]


def _body(scene: Scene, width: int, height: int, *, ascii_only: bool) -> list[Text]:
    """The lines, the question's below the others."""
    draw = _with_slots if scene.slots else _story
    lines = draw(scene, width, max(3, height - 1), ascii_only=ascii_only)
    return [*lines, _asked(scene, width, ascii_only=ascii_only)]


def _title(scene: Scene, width: int, *, ascii_only: bool) -> Text:
    place = f"line {scene.place} of {scene.places}" if scene.places else "no line yet"
    name = Text(scene.model, style="relmem.strong", no_wrap=True)
    name = _shortened(name, width - len(place) - 2, ascii_only=ascii_only)
    return name.append(f"  {place}", "relmem.quiet")


def _asked(scene: Scene, width: int, *, ascii_only: bool) -> Text:
    """The question with its answer now, or what could be done for one."""
    if scene.trouble:
        return _shortened(Text(scene.trouble, "relmem.problem"), width, ascii_only=ascii_only)
    if not scene.question:
        return _quiet(ASK if scene.lines else "", width, ascii_only=ascii_only)
    line = Text.assemble((scene.question, "relmem.quiet"))
    if scene.answer:
        given = Text.assemble("  ", render.reply(scene.answer), f"  {scene.answer.probability:.1%}")
        line = _shortened(line, width - given.cell_len, ascii_only=ascii_only)
        line.append_text(given)
    return _shortened(line, width, ascii_only=ascii_only)


def _with_slots(scene: Scene, width: int, height: int, *, ascii_only: bool) -> list[Text]:
    """The story beside the slots, or above them where the window is narrow."""
    parts = max(len(slot.parts) for slot in scene.slots)
    asked = scene.answer is not None
    if width < WIDE:
        columns = _Columns(key=6 if parts > 1 else 11, gate=4, word=8, read=4 * asked)
        rows = 1 + max(1, min(len(scene.lines), height // 3))
        above = _story(scene, width, rows, ascii_only=ascii_only)
        return above + _slots(scene, columns, height - len(above), ascii_only=ascii_only)
    columns = _Columns(key=11, gate=5, word=9, read=4 * asked)  # the heads stand side by side
    left = max(LEAST_STORY, width - columns.width(parts) - 2)
    story = _story(scene, left, height, ascii_only=ascii_only)
    slots = _slots(scene, columns, height, ascii_only=ascii_only)
    story += [Text()] * (len(slots) - len(story))
    slots += [Text()] * (len(story) - len(slots))
    return [_beside(one, other, left, width) for one, other in zip(story, slots, strict=True)]


def _beside(left: Text, right: Text, place: int, width: int) -> Text:
    line = left.copy()
    line.append(" " * (place - left.cell_len + 2))
    line.append_text(right)
    line.truncate(width)
    return line


def _story(scene: Scene, width: int, height: int, *, ascii_only: bool) -> list[Text]:
    """A title, then the lines that have room: the latest ones, and of the others the most read."""
    head = [_title(scene, width, ascii_only=ascii_only)]
    longest = max((cell_len(line.text) for line in scene.lines), default=0)
    if scene.steps:  # the bars stand near the text
        width = min(width, max(LEAST_STORY, longest + 6) + 5 * scene.steps)
    if not scene.lines:
        head.append(_quiet(f"  {FIRST}", width, ascii_only=ascii_only))
    head += [_steps(scene.steps, width)] if scene.steps else []
    kept = _kept(scene.lines, height - len(head))
    hidden = len(scene.lines) - len(kept)
    if hidden and height - len(head) > 2:
        kept = _kept(scene.lines, height - len(head) - 1)
        hidden = len(scene.lines) - len(kept)
        head.append(_quiet(f"{counted(hidden, 'line')} not shown", width, ascii_only=ascii_only))
    return head + [_line(line, scene.steps, width, ascii_only=ascii_only) for line in kept]


def _kept(lines: Sequence[Line], room: int) -> list[Line]:
    room = max(1, room)
    latest = max(1, room // 2)
    order = sorted(
        range(len(lines)),
        key=lambda i: (i < len(lines) - latest, -max(lines[i].reads, default=0.0), -i),
    )
    return [lines[place] for place in sorted(order[:room])]


def _steps(steps: int, width: int) -> Text:
    """The steps' numbers above their bars."""
    numbers = "".join(f"{step:>5}" for step in range(1, _fitting(steps, width) + 1))
    head = f"read in step{numbers}" if steps > 1 else "    read"
    return Text(f"{head:>{width}}"[-width:], style="relmem.quiet", no_wrap=True)


def _fitting(steps: int, width: int) -> int:
    """How many steps' bars there is room for; the last ones are shown."""
    return max(1, min(steps, (width - LEAST_STORY) // 5))


def _line(line: Line, steps: int, width: int, *, ascii_only: bool) -> Text:
    mark = (">" if ascii_only else "▶") if line.latest else " "
    number = f"{line.number:>3}" if line.number else "   "
    style = "relmem.quiet" if not line.number else "relmem.strong" if line.latest else ""
    shown = Text(no_wrap=True)
    shown.append(f"{mark}{number} ", "relmem.quiet")
    shown.append(line.text if line.read else f"(not read) {line.text}", style)
    bars = Text()
    if steps and line.reads:
        for read in line.reads[-_fitting(steps, width) :]:
            bars.append(" ").append_text(_bar(read, 4, ascii_only=ascii_only))
    elif line.answer:
        bars.append("  ").append(line.answer, "relmem.answer")
    room = width - (5 * _fitting(steps, width) if steps and line.number else bars.cell_len)
    shown = _shortened(shown, room, ascii_only=ascii_only)
    if steps and line.number:
        shown.append(" " * (room - shown.cell_len))
    return shown.append_text(bars)


def _slots(scene: Scene, columns: _Columns, height: int, *, ascii_only: bool) -> list[Text]:
    """A head, then a row for each slot; of many those that the story opened widest."""
    room = height - 1
    kept = sorted(scene.slots, key=lambda slot: (-_weight(slot), slot.number))
    if len(kept) > room:
        kept = kept[: max(1, room - 1)]
    kept.sort(key=lambda slot: slot.number)
    names = ("holds",) if len(scene.slots[0].parts) < 2 else ("memory", "relation")
    head = set_cell_size("slot", columns.key) + " " + set_cell_size("gate", columns.gate)
    for name in names:
        head += " " + set_cell_size(name, columns.word)
        head += " " + set_cell_size("read", columns.read) if columns.read else ""
    rows = [Text(head.rstrip(), style="relmem.quiet", no_wrap=True)]
    rows += [_slot(slot, columns, ascii_only=ascii_only) for slot in kept]
    hidden = len(scene.slots) - len(kept)
    if hidden and len(rows) < height:
        rows.append(Text(f"{counted(hidden, 'slot')} opened less", style="relmem.quiet"))
    return rows


def _weight(slot: Slot) -> float:
    return max(slot.widest, *(part.read or 0.0 for part in slot.parts))


def _slot(slot: Slot, columns: _Columns, *, ascii_only: bool) -> Text:
    label = set_cell_size(f"{slot.number:>2} {slot.key}", columns.key)
    row = Text(label, style="" if slot.gate >= OPENED else "relmem.quiet", no_wrap=True)
    row.append(" ").append_text(_bar(slot.gate, columns.gate, ascii_only=ascii_only))
    for part in slot.parts:
        word = part.word if slot.widest >= OPENED else ""  # nothing was written there yet
        row.append(" ").append(set_cell_size(word, columns.word), _style(slot, part))
        if columns.read:
            row.append(" ").append_text(_bar(part.read or 0.0, columns.read, ascii_only=ascii_only))
    return row


def _style(slot: Slot, part: Part) -> str:
    """What has just been written stands out."""
    return "relmem.answer" if part.changed and slot.gate >= OPENED else ""


def _bar(part: float, width: int, *, ascii_only: bool) -> Text:
    """A bar of so many cells for 1; what is less than half of its thinnest part is nothing."""
    if ascii_only:
        return Text(f"{'#' * round(min(part, 1.0) * width):<{width}}", style="relmem.bar")
    eighths = round(min(part, 1.0) * width * 8)
    drawn = "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
    return Text(f"{drawn:<{width}}", style="relmem.bar")


def _quiet(text: str, width: int, *, ascii_only: bool) -> Text:
    return _shortened(Text(text, style="relmem.quiet"), width, ascii_only=ascii_only)


def _shortened(line: Text, width: int, *, ascii_only: bool) -> Text:
    """The line, cut where it is longer."""
    line.no_wrap = True
    line.truncate(max(1, width), overflow="crop" if ascii_only else "ellipsis")
    return line
