"""What goes to a worker and what comes back; light, picklable, and free of torch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relmem_cli.errors import RelmemError
from relmem_cli.library import BEST
from relmem_cli.stories.catalogue import TaskName, task_name
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.training.cards import ModelCard, read_card
from relmem_cli.training.run_folder import RunFolder
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


@dataclass(frozen=True, kw_only=True)
class TaskScore:
    """A model's errors on the test questions of a task."""

    task: TaskName
    errors: int
    n: int


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a job ended: its model's figures, or one sentence in `failure`.

    `seconds` is what the kept seed's training took, `validation_error` a fraction.
    """

    settings: Settings
    folder: Path
    epoch: int | None = None
    validation_error: float | None = None
    tests: tuple[TaskScore, ...] = ()
    seconds: float | None = None
    notes: tuple[str, ...] = ()
    failure: str | None = None

    @classmethod
    def of(cls, job: Job, card: ModelCard) -> "Result":
        """What the card of a model that was tested says."""
        record = card.record
        validation = record["validation"]
        return cls(
            settings=job.settings,
            folder=job.folder,
            epoch=record["epoch"],
            validation_error=validation["errors"] / validation["n"],
            tests=tuple(
                TaskScore(task=task_name(task), errors=test["errors"], n=test["n"])
                for task, test in record["test"].items()
            ),
            seconds=record["seconds"],
            notes=tuple(record["notes"]),
        )

    @classmethod
    def failed(cls, job: Job, sentence: str) -> "Result":
        """A job without a model."""
        return cls(settings=job.settings, folder=job.folder, failure=sentence)

    @property
    def test_error(self) -> float | None:
        """The mean over the tasks that it was tested on, or None where it failed."""
        errors = [test.errors / test.n for test in self.tests]
        return sum(errors) / len(errors) if errors else None

    def rows(self) -> Iterator[dict[str, Any]]:
        """Plain values for machines: one row, or one for each task of a joint model."""
        settings = self.settings
        for test in self.tests or (None,):
            task = settings.task
            yield {
                "variant": settings.variant,
                "task": test.task if test else task_name(task),
                "fold": settings.fold if settings.fold >= 0 else None,
                "seed": settings.seed,
                "epoch": self.epoch,
                "validation_error": self.validation_error,
                "test_error": test.errors / test.n if test else None,
                "n": test.n if test else None,
                "seconds": self.seconds,
                "model": None if self.failure else str(self.folder / BEST),
                "failure": self.failure,
            }


def finished(job: Job) -> Result | None:
    """The result of a job that has nothing left to do, from its model's card; else None.

    A model is tested last of all, so a card with a test says that training has ended.
    """
    if not job.model.exists():
        return None
    try:
        card = read_card(job.model)
    except RelmemError:
        return None  # whoever trains or tests it will say what is wrong
    record = card.record
    if not record.get("test"):
        return None
    over = record.get("seeds_tried", 1) >= job.restarts or job.flawless
    return Result.of(job, card) if over else None
