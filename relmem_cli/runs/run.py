"""A run: a job's seeds are trained, the best by validation is kept, and tested once.

Light until it trains: what is in the way of it is found without torch, which takes seconds.
"""

from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relmem_cli.contract import Kernels, TrainingEvent, Variant
from relmem_cli.errors import UsageError
from relmem_cli.files import check_writable, write_atomically
from relmem_cli.plugins import registry
from relmem_cli.runs.folder import RunFolder
from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import check_free, sole_writer
from relmem_cli.runs.record import RunRecord, finished
from relmem_cli.sealing import off_stdout, sealed
from relmem_cli.stories.sources import BabiFolder, Source, open_source
from relmem_cli.stories.tasks import TaskData, load_test, load_training, tasks_of
from relmem_cli.training.cards import ModelCard, read_card
from relmem_cli.training.device_names import check_device
from relmem_cli.training.settings import Settings
from relmem_cli.world.open_vocabulary import open_words

if TYPE_CHECKING:
    import torch

    from relmem_cli.training.loop import Epoch
    from relmem_cli.training.renaming import OpenRenaming, Renaming

Events = Generator[tuple[Settings, Any], None, None]
"""Each seed's settings with its steps and epochs, as they come."""

STOPPED = "it was stopped; the same command with --resume goes on after its last epoch."


class Run:
    """A job in this process: `prepare` says what is in its way, `train` does it."""

    def __init__(self, job: Job) -> None:
        self.job = job

    @cached_property
    def variant(self) -> Variant:
        """What is trained; raises UsageError for a name that there is not."""
        return registry().variants.get_or_explain(self.job.settings.variant)

    @cached_property
    def source(self) -> Source:
        """Where the stories come from; raises RelmemError where there is no such source."""
        job = self.job
        return job.source or open_source(
            job.settings.data,
            roots=[job.archive] if job.archive else [],
            others=registry().sources.values(),
        )

    @cached_property
    def data(self) -> TaskData:
        """The training and validation stories; the test stories are not among them."""
        settings = self.job.settings
        return load_training(
            self.source,
            settings.task,
            fold=settings.fold if settings.fold >= 0 else None,
            cap=settings.cap,
            validation=settings.validation,
            split_seed=settings.split_seed,
            extra=settings.open_words if self.variant.open else 0,
            rare=settings.rare,
            tokens=self.variant.own_tokens,
            names=open_words() if settings.words == "open" else None,
            bank=0 if self.variant.open else settings.open_words,
            known=(self._begun.vocabulary, self._begun.sizes) if self._begun else None,
        )

    @cached_property
    def _begun(self) -> ModelCard | None:
        """The card of the model that the run begins with.

        Raises RelmemError where there is none, and UsageError where this run is another kind.
        """
        settings = self.job.settings
        if not settings.begin:
            return None
        card = read_card(Path(settings.begin))
        words = card.sizes.words
        if (card.variant, card.options, words) != (
            self.variant.name,
            settings.options,
            settings.words,
        ):
            set_ = " ".join(f"--set {name}={value}" for name, value in card.options.items())
            raise UsageError(
                f"{settings.begin} is of another kind; go on with it by --variant {card.variant} "
                f"--words {words} {set_}."
            )
        return card

    @cached_property
    def torch_device(self) -> "torch.device":
        """The device itself; raises UsageError where this machine lacks it."""
        from relmem_cli.training.device import pick_device  # noqa: PLC0415  # torch

        return pick_device(self.job.device)

    @cached_property
    def renaming(self) -> "Renaming | OpenRenaming | None":
        """How the training stories are renamed, with every role, where the settings want it."""
        from relmem_cli.training.renaming import OpenRenaming, Renaming  # noqa: PLC0415  # torch

        settings = self.job.settings
        if settings.words == "open":
            return OpenRenaming(self.data.vocabulary, settings.open_words)
        return Renaming(self.data) if settings.rename == "auto" else None

    @sealed()
    @off_stdout()
    def prepare(self) -> None:
        """Read the stories; raises RelmemError or OSError where training would be in vain.

        Nothing is written, and torch is not imported.
        """
        self.check()
        check_free(self.job)

    def check(self) -> None:
        """As `prepare`, but that another process may have the folder."""
        job, settings = self.job, self.job.settings
        check_device(job.device)
        if settings.extra and not self.variant.open and settings.words == "closed":
            raise UsageError(
                f"{self.variant.name} reads no words outside its vocabulary; set extra to 0."
            )
        check_writable(job.folder)
        _ = self.data
        for number in tasks_of(self.source, settings.task):
            if isinstance(self.source, BabiFolder) and isinstance(number, int):
                self.source.file(number, "test")
        alone = RunFolder(path=job.folder).settings.exists()
        several = any(job.folder.glob("seed-*"))
        if several if job.restarts == 1 else alone:
            raise UsageError(
                f"{job.folder} holds a run that was begun with another --restarts; "
                "resume with the same, or choose another folder with --out."
            )
        for seed in job.seeds():
            seed.folder.check(seed.settings, resume=job.resume)
            seed.folder.check_data(self.data.digest)

    @sealed()
    @off_stdout()
    def train(
        self,
        *,
        follow: Callable[[Events], Events] = lambda events: events,
        unwanted: Callable[[], bool] = lambda: False,
    ) -> RunRecord:
        """Train and test; `follow` sees every event go by, `unwanted` may end it after any of them.

        Raises RelmemError for what a person can mend, before anything is written where that is
        known.
        """
        from relmem_cli.runs.warm_up import warm_up  # noqa: PLC0415  # torch
        from relmem_cli.training.arithmetic import use_threads  # noqa: PLC0415
        from relmem_cli.training.loop import Epoch  # noqa: PLC0415

        job = self.job
        use_threads(job.threads)
        self.prepare()
        _ = self.torch_device  # raises where it is not there, before anything is written
        if job.ticket is None:  # a grid has done it before its workers began
            warm_up([job])
        with sole_writer(job, unwanted) as mine:
            done = finished(job) if job.ticket else None  # by a worker that was lost since
            if done or not mine:
                return done or RunRecord.failed(job, STOPPED)
            with closing(self.events()) as events, closing(follow(events)) as seen:
                for settings, event in seen:
                    if isinstance(event, Epoch):
                        registry().training_event(as_event(job, settings, event))
                    if unwanted():
                        return RunRecord.failed(job, STOPPED)
            return self.finish()

    def events(self) -> Events:
        """Train every seed, one after the other."""
        from relmem_cli.runs.seed_run import SeedRun  # noqa: PLC0415  # torch

        self.check()
        job = self.job
        trial = job.settings.trial_epochs(job.restarts)
        for seed in job.seeds():
            seed_run = SeedRun(self, seed)
            seed.folder.begin(seed.settings, resume=job.resume)
            for event in seed_run.events(until=trial):
                yield seed.settings, event
            if seed.rank.flawless:
                break
        if trial:
            best = job.best()
            for event in SeedRun(self, best).events():
                yield best.settings, event

    def finish(self) -> RunRecord:
        """Keep the best seed's model and test it; the test error goes into its card."""
        from relmem_cli.training.calibration import unlearned_temperature  # noqa: PLC0415  # torch
        from relmem_cli.training.checkpoints import add_to_record, load_model  # noqa: PLC0415
        from relmem_cli.training.evaluation import score_stories  # noqa: PLC0415

        job, settings = self.job, self.job.settings
        best = job.best().folder.best
        if best != job.model:
            write_atomically(job.model, best.read_bytes())
        kernels = Kernels(settings.kernels)
        known = {self.variant.name: self.variant}
        trained = load_model(job.model, known, self.torch_device, kernels)
        tests = {}
        for task in tasks_of(self.source, settings.task):
            stories = load_test(
                self.source,
                task,
                cap=settings.cap,
                tokens=self.variant.own_tokens,
                clauses=settings.words == "open",
            )
            score = score_stories(
                trained.model, stories, trained.vocabulary, name=f"variant {self.variant.name}"
            )
            tests[str(task)] = asdict(score)
        more: dict[str, Any] = {"seeds_tried": len(job.tried()), "test": tests}
        if settings.words == "open":
            more["temperature"] = unlearned_temperature(
                trained, self.data.validation, settings.open_words
            )
        return RunRecord.of(job, add_to_record(job.model, more))


def digests(jobs: Iterable[Job]) -> dict[Path, dict[str, str]]:
    """What tells each job's data from others, by folder; what several jobs read is read once."""
    known: dict[object, dict[str, str]] = {}
    found = {}
    for job in jobs:
        run = Run(job)
        read = (
            job.source,
            job.archive,
            run.variant.open,
            run.variant.own_tokens,
            *(getattr(job.settings, name) for name in _OF_DATA),
        )
        if read not in known:
            known[read] = run.data.digest
        found[job.folder] = known[read]
    return found


_OF_DATA = (
    "data", "task", "fold", "cap", "validation", "split_seed", "words", "open_words", "rare",
    "begin",
)  # fmt: skip
"""The settings that say what a run reads."""


def as_event(job: Job, settings: Settings, epoch: "Epoch") -> TrainingEvent:
    """What is told of a finished epoch."""
    return TrainingEvent(
        run=str(job.folder),
        variant=settings.variant,
        epoch=epoch.epoch,
        loss=epoch.loss,
        validation_error=epoch.validation.error,
        parts=epoch.parts,
    )
