"""Error by task and variant as bars on a terminal: a row for each task, a bar for each variant."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from relmem_cli.console import Console
from relmem_cli.reports.bars import draw_bar
from relmem_cli.reports.summary import RunGroup, groups_of
from relmem_cli.runs.record import RunRecord
from relmem_cli.stories.catalogue import TaskName, in_order

_COLOURS = ("blue", "yellow", "green", "magenta", "cyan", "red")
_TASK, _GAP, _NUMBER = 4, 2, 6
"""Characters of the task's column, between columns, and of a number with the blank before it."""
_SHORTEST, _LONGEST = 10, 30


def show_bars(rows: Sequence[RunRecord], console: Console) -> None:
    """Print the bars to the console, in blocks of as many variants as are wide enough."""
    groups = groups_of(rows)
    room = console.width - _TASK
    across = max(1, min(len(groups), room // (_GAP + _SHORTEST + _NUMBER)))
    length = max(1, min(room // across - _GAP - _NUMBER, _LONGEST))
    for first in range(0, len(groups), across):
        console.print()
        console.print(_block(groups[first : first + across], first, length, console))
    mark = "|" if console.options.ascii_only else "│"
    console.print(Text(f"\nFrom 0 to 100% of the test questions; {mark}: the paper.", style="dim"))


def _block(groups: Sequence[RunGroup], first: int, length: int, console: Console) -> Table:
    several = len({group.recipe for group in groups}) > 1
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("task", justify="right")
    for group in groups:
        table.add_column(f"{group.variant}\n{group.recipe}" if several else group.variant)
    for task in in_order(task for group in groups for task in group.tasks):
        cells = [
            _cell(group, task, length, _COLOURS[(first + place) % len(_COLOURS)], console)
            for place, group in enumerate(groups)
        ]
        table.add_row(str(task), *cells)
    return table


def _cell(group: RunGroup, task: TaskName, length: int, colour: str, console: Console) -> Text:
    one = group.tasks.get(task)
    if one is None:
        return Text("-")
    ascii_only = console.options.ascii_only
    bar = draw_bar(one.error, length, mark=group.paper(task), ascii_only=ascii_only)
    cell = Text(bar.text, style=colour)
    if bar.mark is not None:
        within = bar.mark + 1 <= length * one.error
        cell.stylize(
            f"bold black on {colour}" if within else "bold default", bar.mark, bar.mark + 1
        )
    return cell.append(f"{100 * one.error:{_NUMBER}.1f}", style="default")
