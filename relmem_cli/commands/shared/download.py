"""How a download shows its progress on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import DownloadColumn, Progress, TaskID, TimeRemainingColumn

from relmem_cli.console import Console


class DownloadBar:
    """The progress of one download, as pooch reports it."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    @property
    def total(self) -> int:
        """The size of the file in bytes, 0 while the server has not said."""
        return int(self._progress.tasks[0].total or 0)

    @total.setter
    def total(self, size: int) -> None:
        self._progress.update(self._task, total=size or None)

    def update(self, amount: int) -> None:
        """So many bytes more."""
        self._progress.advance(self._task, amount)

    def reset(self) -> None:
        """Start again from none; pooch does before it fills the bar at the end."""
        self._progress.update(self._task, completed=0)

    def close(self) -> None:
        """Nothing: the bar ends with its block."""


@contextmanager
def download_bar(name: str) -> Iterator[DownloadBar]:
    """A bar on a terminal; elsewhere nothing."""
    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        yield DownloadBar(progress, progress.add_task(name, total=None))
