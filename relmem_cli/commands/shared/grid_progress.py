"""How a grid shows where it is: one live display on a terminal, elsewhere a line for each end."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from relmem_cli.commands.shared.output import say
from relmem_cli.console import Console
from relmem_cli.door import doors
from relmem_cli.plain import brief_end
from relmem_cli.runs.job import Job
from relmem_cli.runs.record import RunRecord
from relmem_cli.runs.watch import Standing, under_way

_REFRESHES_PER_SECOND = 1


@contextmanager
def show_grid(jobs: Sequence[Job], *, over: int) -> Iterator[Callable[[RunRecord], None]]:
    """Show the jobs on stderr, after `over` that are over already; call what it yields at ends."""
    console = Console(stderr=True)
    board = Board(jobs, over=over, console=console)
    if not console.is_terminal or console.is_dumb_terminal:
        yield lambda result: say(board.end(result))
        return
    live = Live(
        get_renderable=board.render,
        console=console,
        refresh_per_second=_REFRESHES_PER_SECOND,
        transient=True,
    )
    with live, doors():

        def end(result: RunRecord) -> None:
            line = board.end(result)
            if result.failure:
                console.print(Text(line, style="red"))

        yield end


class Board:
    """Which jobs have ended and which are under way."""

    def __init__(self, jobs: Sequence[Job], *, over: int, console: Console) -> None:
        self._left = {job.folder: job for job in jobs}
        self._all = len(jobs) + over
        self._begun_with = float(over)
        self._failed = 0
        self._console = console
        self._started = time.monotonic()

    def end(self, result: RunRecord) -> str:
        """Note a job that ended; returns a line on it."""
        del self._left[result.folder]
        name = result.folder.name
        count = f"({self._all - len(self._left)} of {self._all})"
        if result.failure:
            self._failed += 1
            return f"{name} failed: {result.failure} {count}"
        return (
            f"{name}  validation {_percent(result.validation_error)}"
            f"  test {_percent(result.test_error)}  {count}"
        )

    def render(self) -> RenderableType:
        """The whole on one line, and below it a line for each run that is under way."""
        standings = list(under_way(list(self._left.values())))
        room = max(self._console.height - 3, 1)
        shown = standings if len(standings) <= room else standings[: room - 1]
        lines: list[RenderableType] = [self._overall(standings), _runs(shown, self._console.width)]
        if len(shown) < len(standings):
            lines.append(Text(f"and {len(standings) - len(shown)} more", style="dim"))
        return Group(*lines)

    def _overall(self, standings: Sequence[Standing]) -> RenderableType:
        ended = self._all - len(self._left)
        done = ended + sum(standing.done for standing in standings)
        line = Table.grid(padding=(0, 1), expand=True)
        line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        line.add_column(no_wrap=True, justify="right")
        failed = f", {self._failed} failed" if self._failed else ""
        line.add_row(
            f"{ended} of {self._all} runs{failed}",
            ProgressBar(total=self._all, completed=done),
            self._time_left(done),
        )
        return line

    def _time_left(self, done: float) -> str:
        gained = done - self._begun_with
        if gained <= 0:
            return "--:--"
        seconds = (time.monotonic() - self._started) * (self._all - done) / gained
        hours, rest = divmod(round(seconds), 3600)
        clock = f"{rest // 60:02d}:{rest % 60:02d}"
        return f"{hours}:{clock}" if hours else clock


def _runs(standings: Sequence[Standing], width: int) -> RenderableType:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True, justify="right")
    for standing in standings:
        where, error = "begins", ""
        if standing.epoch:
            where = f"{standing.epoch}/{standing.end}"
            error = _percent(standing.validation_error)
        if standing.epoch and width >= 60:
            where, error = f"epoch {where}", f"validation {error}"
        table.add_row(brief_end(_label(standing), width - 20), where, error, style="dim")
    return table


def _label(standing: Standing) -> str:
    name = standing.job.folder.name
    return f"{name} seed {standing.seed}" if standing.job.restarts > 1 else name


def _percent(error: float | None) -> str:
    return "-" if error is None else f"{error:.1%}"
