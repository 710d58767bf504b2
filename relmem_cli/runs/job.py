"""What goes to a worker; light, picklable, and free of torch."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from relmem_cli.runs.folder import Rank, RunFolder
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.training.cards import BEST
from relmem_cli.training.settings import Settings, seeds


class Seed(NamedTuple):
    """One seed of a run: its settings, and the folder that it writes to."""

    settings: Settings
    folder: RunFolder

    @property
    def rank(self) -> Rank:
        """What validation says of it."""
        return self.folder.rank(self.settings)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run of a grid, or the only one.

    With several `restarts` the seeds are settings.seed, settings.seed + 1, ...; each has a folder
    seed-N of its own, and the best one's model is copied to `folder`. No further seed is tried
    once one has made no validation error. Where the settings have `restart_epochs`, seeds train
    so long and the best one alone to its end.

    source   the bAbI folder to read, or None for what settings.data names
    archive  where bAbI's sets are that settings.data names beside others, if it does
    folder   where it writes; a worker on another machine sees it under the same path
    resume   whether a run that `folder` holds already is gone on with
    device   as typed; the machine that runs the job knows what "auto" is
    threads  torch's
    ticket   a file that is there for as long as the grid wants the result, or None for always
    shared   whether the executor may start the job again while it still runs elsewhere: then the
             second waits for the first, which is an error otherwise
    """

    settings: Settings
    source: BabiFolder | None
    folder: Path
    archive: Path | None = None
    restarts: int = 1
    resume: bool = False
    device: str = "auto"
    threads: int = 1
    ticket: Path | None = None
    shared: bool = False

    @property
    def model(self) -> Path:
        """The best model's file."""
        return self.folder / BEST

    @property
    def wanted(self) -> bool:
        """Whether anybody still waits for the result."""
        return self.ticket is None or self.ticket.exists()

    def seeds(self) -> list[Seed]:
        """Every seed; one alone needs no folder below."""
        alone = self.restarts == 1
        return [
            Seed(one, RunFolder(path=self.folder if alone else self.folder / f"seed-{one.seed}"))
            for one in seeds(self.settings, self.restarts)
        ]

    def tried(self) -> list[Seed]:
        """Those that have a model."""
        return [seed for seed in self.seeds() if seed.folder.best.exists()]

    def best(self) -> Seed:
        """The one that validation picks of those that were tried."""
        return min(self.tried(), key=lambda seed: seed.rank)

    @property
    def epochs(self) -> int:
        """How many there are, all seeds' counted, unless patience or a flawless seed ends."""
        settings = self.settings
        each = settings.trial_epochs(self.restarts) or settings.most_epochs
        return each * (self.restarts - 1) + settings.most_epochs

    @property
    def flawless(self) -> bool:
        """Whether a seed was tried that made no validation error, after which no other is."""
        return any(seed.rank.flawless for seed in self.tried())
