"""What goes to a worker; light, picklable, and free of torch."""

from dataclasses import dataclass
from pathlib import Path

from relmem_cli.runs.folder import RunFolder
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.training.cards import BEST
from relmem_cli.training.settings import Settings, seeds


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run of a grid, or the only one.

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

    def runs(self) -> list[tuple[Settings, Path]]:
        """Each seed's settings and folder."""
        return seeds(self.settings, self.folder, self.restarts)

    @property
    def epochs(self) -> int:
        """How many there are, all seeds' counted, unless patience or a flawless seed ends."""
        settings = self.settings
        each = settings.trial_epochs(self.restarts) or settings.most_epochs
        return each * (self.restarts - 1) + settings.most_epochs

    @property
    def flawless(self) -> bool:
        """Whether a seed was tried that made no validation error, after which no other is."""
        tried = [(settings, RunFolder(path=folder)) for settings, folder in self.runs()]
        return any(folder.rank(one)[0] == 0 for one, folder in tried if folder.best.exists())
