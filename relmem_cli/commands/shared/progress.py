"""How `relmem train` shows where it is: live bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Generator, Iterable

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from relmem_cli.commands.shared.output import say
from relmem_cli.commands.shared.waiting import now
from relmem_cli.console import Console
from relmem_cli.door import doors
from relmem_cli.training.loop import Epoch, Step
from relmem_cli.training.settings import Settings


def follow(
    events: Iterable[tuple[Settings, Step | Epoch]], label: str, restarts: int
) -> Generator[tuple[Settings, Step | Epoch], None, None]:
    """Pass the events through, showing them on stderr."""
    console = Console(stderr=True)
    if console.is_terminal:
        return _live(events, label, restarts, console)
    return _plain(events, label, restarts)


def _plain(
    events: Iterable[tuple[Settings, Step | Epoch]], label: str, restarts: int
) -> Generator[tuple[Settings, Step | Epoch], None, None]:
    for settings, event in events:
        if isinstance(event, Epoch):
            say(f"{label}  seed {settings.seed}  {_epoch_line(event, settings, restarts)}")
        yield settings, event


def _live(
    events: Iterable[tuple[Settings, Step | Epoch]], label: str, restarts: int, console: Console
) -> Generator[tuple[Settings, Step | Epoch], None, None]:
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(compact=True),
        expand=True,
    )
    bar = progress.add_task(label)
    state = Text("getting ready", no_wrap=True, overflow="ellipsis", style="dim")
    seed: _Seed | None = None
    now("")
    with Live(Group(progress, state), console=console, transient=True), doors():
        for settings, event in events:
            if seed is None or settings.seed != seed.settings.seed:
                if seed is not None:
                    console.print(seed.summary(label))
                seed = _Seed(settings, restarts)
                progress.reset(bar, description=f"{label}  seed {settings.seed}")
            progress.update(bar, completed=seed.take(event), total=seed.end)
            state.plain = seed.state()
            yield settings, event
        if seed is not None:
            console.print(seed.summary(label))
    now("testing")


class _Seed:
    """Where one seed's run stands."""

    def __init__(self, settings: Settings, restarts: int) -> None:
        self.settings = settings
        self.restarts = restarts
        self.end = settings.most_epochs
        self._step: Step | None = None
        self._last: Epoch | None = None
        self._started = time.monotonic()

    def take(self, event: Step | Epoch) -> float:
        """Note an event; returns the epochs done, with the fraction of the present one."""
        self.end = self.settings.end(event.epoch, self.restarts)
        if isinstance(event, Step):
            self._step = event
            return event.epoch - 1 + event.questions / event.of
        self._last = event
        self._started = time.monotonic()
        return event.epoch

    def state(self) -> str:
        """Epoch, loss, speed and validation error."""
        parts = []
        if self._step:
            rate = self._step.questions / max(time.monotonic() - self._started, 1e-3)
            parts += [f"epoch {self._step.epoch}/{self.end}"]
            parts += [f"loss {self._step.loss:.3f}", f"{rate:,.0f} questions/s"]
        if self._last:
            parts += [f"validation {100 * self._last.validation.error:.1f}%"]
        if self._last and not self.settings.refit:
            best = 100 * self._last.best_validation.error
            parts += [f"best {best:.1f}% (epoch {self._last.best_epoch})"]
        return "  ".join(parts)

    def summary(self, label: str) -> str:
        """What came of a seed."""
        name = f"{label}  seed {self.settings.seed}"
        if self._last is None:
            return f"{name}: stopped in its first epoch"
        error = 100 * self._last.best_validation.error
        return f"{name}: validation {error:.1f}% at epoch {self._last.best_epoch}"


def _epoch_line(epoch: Epoch, settings: Settings, restarts: int) -> str:
    best = " best" if epoch.best and not settings.refit else ""
    validation = f"validation {100 * epoch.validation.error:.1f}%{best}"
    if epoch.refit:
        validation = "refitting"
    end = settings.end(epoch.epoch, restarts)
    left = (end - epoch.epoch) * epoch.seconds
    return (
        f"epoch {epoch.epoch}/{end}  loss {epoch.loss:.4f}"
        f"  {validation}  {epoch.questions_per_second:,.0f} questions/s  at most {left:.0f} s left"
    )
