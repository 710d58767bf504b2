"""How `relmem train` shows where it is: live bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from relmem_cli.commands.output import say
from relmem_cli.training.loop import Epoch, Step
from relmem_cli.training.settings import Settings


def follow(events: Iterable[tuple[Settings, Any]], label: str) -> Iterator[tuple[Settings, Any]]:
    """Pass the events through, showing them on stderr."""
    console = Console(stderr=True)
    return _live(events, label, console) if console.is_terminal else _plain(events, label)


def _plain(events: Iterable[tuple[Settings, Any]], label: str) -> Iterator[tuple[Settings, Any]]:
    for settings, event in events:
        if isinstance(event, Epoch):
            say(f"{label}  seed {settings.seed}  {_epoch_line(event, settings)}")
        yield settings, event


def _live(
    events: Iterable[tuple[Settings, Any]], label: str, console: Console
) -> Iterator[tuple[Settings, Any]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.fields[state]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, expand=True) as progress:
        bar = progress.add_task(label, state="")
        seed, shown, error = -1, "", ""
        started = time.monotonic()
        for settings, event in events:
            if settings.seed != seed:
                seed = settings.seed
                name = f"{label}  seed {seed}"
                progress.reset(bar, total=settings.epochs, description=name)
            if isinstance(event, Step):
                done = event.epoch - 1 + event.questions / event.of
                rate = event.questions / max(time.monotonic() - started, 1e-9)
                shown = f"epoch {event.epoch}  loss {event.loss:.3f}{error}  {rate:,.0f} q/s"
                progress.update(bar, completed=done, state=shown)
            else:
                error = f"  validation {100 * event.validation.error:.1f}%"
                started = time.monotonic()
            yield settings, event
        progress.update(bar, completed=progress.tasks[0].total)


def _epoch_line(epoch: Epoch, settings: Settings) -> str:
    left = (settings.epochs - epoch.epoch) * epoch.seconds
    return (
        f"epoch {epoch.epoch}/{settings.epochs}  loss {epoch.loss:.4f}"
        f"  validation {100 * epoch.validation.error:.1f}%{' best' if epoch.best else ''}"
        f"  {epoch.questions_per_second:,.0f} questions/s  at most {left:.0f} s left"
    )
