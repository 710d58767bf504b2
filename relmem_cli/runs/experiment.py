"""One task trained from one or several seeds: the best by validation is kept, and tested once.

Light until it trains: what is in the way of it is found without torch, which takes seconds.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relmem_cli.contract import Kernels, Variant
from relmem_cli.errors import UsageError
from relmem_cli.files import check_writable, write_atomically
from relmem_cli.plugins import registry
from relmem_cli.runs.folder import RunFolder
from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import check_free
from relmem_cli.sealing import off_stdout, sealed
from relmem_cli.stories.catalogue import TaskName
from relmem_cli.stories.sources import BabiFolder, Source, open_source
from relmem_cli.stories.tasks import TaskData, load_test, load_training, tasks_of
from relmem_cli.training.cards import ModelCard, read_card
from relmem_cli.training.device_names import check_device
from relmem_cli.training.settings import Settings, seeds
from relmem_cli.world.open_vocabulary import open_words

if TYPE_CHECKING:
    from collections.abc import Generator

    import torch

    from relmem_cli.runs.run import Run
    from relmem_cli.training.checkpoints import TrainedModel
    from relmem_cli.training.evaluation import Score
    from relmem_cli.training.loop import Epoch, Step
    from relmem_cli.training.renaming import OpenRenaming, Renaming


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it: the model's file, its card, and its test score by task."""

    model: Path
    card: ModelCard
    tests: dict[TaskName, "Score"]

    @property
    def validation(self) -> "Score":
        """The best epoch's score on the held-out training questions."""
        from relmem_cli.training.evaluation import Score  # noqa: PLC0415  # torch

        return Score(**self.card.record["validation"])


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Settings, where the stories come from, where to write, and how many seeds to try.

    With several `restarts` the seeds are settings.seed, settings.seed + 1, ...; each has a folder
    seed-N of its own, and the best one's model is copied to `folder`. No further seed is tried
    once one has made no validation error. Where the settings have `restart_epochs`, seeds train
    so long and the best one alone to its end. The `device` is named as people type it.
    """

    variant: Variant
    settings: Settings
    source: Source
    folder: Path
    restarts: int = 1
    resume: bool = False
    device: str = "cpu"

    @cached_property
    def data(self) -> TaskData:
        """The training and validation stories; the test stories are not among them."""
        settings = self.settings
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
        settings = self.settings
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

        return pick_device(self.device)

    @cached_property
    def renaming(self) -> "Renaming | OpenRenaming | None":
        """How the training stories are renamed, with every role, where the settings want it."""
        from relmem_cli.training.renaming import OpenRenaming, Renaming  # noqa: PLC0415  # torch

        if self.settings.words == "open":
            return OpenRenaming(self.data.vocabulary, self.settings.open_words)
        return Renaming(self.data) if self.settings.rename == "auto" else None

    def runs(self) -> list[tuple[Settings, RunFolder]]:
        """Each seed's settings and folder."""
        each = seeds(self.settings, self.folder, self.restarts)
        return [(settings, RunFolder(path=folder)) for settings, folder in each]

    def check(self) -> None:
        """Raise RelmemError or OSError where training would be in vain; writes nothing.

        What only torch can tell, such as which devices there are, is not among it.
        """
        check_device(self.device)
        if self.settings.extra and not self.variant.open and self.settings.words == "closed":
            raise UsageError(
                f"{self.variant.name} reads no words outside its vocabulary; set extra to 0."
            )
        check_writable(self.folder)
        _ = self.data
        for number in tasks_of(self.source, self.settings.task):
            if isinstance(self.source, BabiFolder) and isinstance(number, int):
                self.source.file(number, "test")
        alone = RunFolder(path=self.folder).settings.exists()
        several = any(self.folder.glob("seed-*"))
        if several if self.restarts == 1 else alone:
            raise UsageError(
                f"{self.folder} holds a run that was begun with another --restarts; "
                "resume with the same, or choose another folder with --out."
            )
        for settings, folder in self.runs():
            folder.check(settings, resume=self.resume)
            folder.check_data(self.data.digest)

    def events(self) -> "Generator[tuple[Settings, Step | Epoch], None, None]":
        """Train every seed, one after the other."""
        self.check()
        first = self.settings.trial_epochs(self.restarts)
        for settings, folder in self.runs():
            run = self._run(settings, folder)
            folder.begin(settings, resume=self.resume)
            for event in run.events(until=first):
                yield settings, event
            if folder.rank(settings)[0] == 0:
                break
        if first:
            settings, folder = self._best()
            for event in self._run(settings, folder).events():
                yield settings, event

    def _run(self, settings: Settings, folder: RunFolder) -> "Run":
        """A seed's run, from where it is."""
        from relmem_cli.runs.run import Run  # noqa: PLC0415  # torch

        return Run(
            variant=self.variant,
            data=self.data,
            settings=settings,
            folder=folder,
            device=self.torch_device,
            renaming=self._renaming(settings),
        )

    def _best(self) -> tuple[Settings, RunFolder]:
        """The seed that validation picks of those that were tried."""
        tried = [(settings, folder) for settings, folder in self.runs() if folder.best.exists()]
        return min(tried, key=lambda one: one[1].rank(one[0]))

    def _renaming(self, settings: Settings) -> "Renaming | OpenRenaming | None":
        """A seed's own."""
        from relmem_cli.training.renaming import OpenRenaming  # noqa: PLC0415  # torch

        if isinstance(self.renaming, OpenRenaming):
            return self.renaming
        if self.renaming is None or settings.rename == "off":
            return None
        return self.renaming.without(settings.rename_without)

    def finish(self) -> Outcome:
        """Keep the best seed's model and test it; the test error goes into its card."""
        from relmem_cli.training.checkpoints import add_to_record, load_model  # noqa: PLC0415
        from relmem_cli.training.evaluation import score_stories  # noqa: PLC0415

        best = self._best()[1].best
        kept = RunFolder(path=self.folder).best
        if best != kept:
            write_atomically(kept, best.read_bytes())
        kernels = Kernels(self.settings.kernels)
        trained = load_model(kept, {self.variant.name: self.variant}, self.torch_device, kernels)
        tests = {
            number: score_stories(
                trained.model,
                load_test(
                    self.source,
                    number,
                    cap=self.settings.cap,
                    tokens=self.variant.own_tokens,
                    clauses=self.settings.words == "open",
                ),
                trained.vocabulary,
            )
            for number in tasks_of(self.source, self.settings.task)
        }
        more: dict[str, Any] = {
            "seeds_tried": sum(folder.best.exists() for _, folder in self.runs()),
            "test": {str(number): asdict(test) for number, test in tests.items()},
        }
        if self.settings.words == "open":
            more["temperature"] = self._temperature(trained)
        return Outcome(model=kept, card=add_to_record(kept, more), tests=tests)

    def _temperature(self, trained: "TrainedModel") -> float:
        """How sure the model may be, by validation stories all of which have unknown words."""
        import numpy as np  # noqa: PLC0415  # light until it trains

        from relmem_cli.stories.batch import encode_story  # noqa: PLC0415  # torch
        from relmem_cli.training.calibration import answered, temperature  # noqa: PLC0415
        from relmem_cli.training.unlearned import Unlearned  # noqa: PLC0415

        vocabulary = trained.vocabulary
        stories = [
            encode_story(story, vocabulary, trained.model.sizes) for story in self.data.validation
        ]
        unlearned = Unlearned(vocabulary, self.settings.open_words, stories, often=1)
        generator = np.random.default_rng(0)
        return temperature(
            answered(trained.model, [unlearned.read(story, generator) for story in stories])
        )


@sealed()
@off_stdout()
def prepare(job: Job) -> Experiment:
    """The job's experiment, with its stories read.

    Raises RelmemError or OSError where training would be in vain; nothing is written, and torch is
    not imported.
    """
    experiment = _experiment(job)
    experiment.check()
    check_free(job)
    return experiment


def digests(jobs: Iterable[Job]) -> dict[Path, dict[str, str]]:
    """What tells each job's data from others, by folder; what several jobs read is read once."""
    known: dict[object, dict[str, str]] = {}
    found = {}
    for job in jobs:
        experiment = _experiment(job)
        read = (
            job.source,
            job.archive,
            experiment.variant.open,
            experiment.variant.own_tokens,
            *(getattr(job.settings, name) for name in _OF_DATA),
        )
        if read not in known:
            known[read] = experiment.data.digest
        found[job.folder] = known[read]
    return found


_OF_DATA = (
    "data", "task", "fold", "cap", "validation", "split_seed", "words", "open_words", "rare",
    "begin",
)  # fmt: skip
"""The settings that say what a run reads."""


def _experiment(job: Job) -> Experiment:
    return Experiment(
        variant=registry().variants.get_or_explain(job.settings.variant),
        settings=job.settings,
        source=source_of(job),
        folder=job.folder,
        restarts=job.restarts,
        resume=job.resume,
        device=job.device,
    )


def source_of(job: Job) -> Source:
    """Where the job's stories come from; raises RelmemError where there is no such source."""
    return job.source or open_source(
        job.settings.data,
        roots=[job.archive] if job.archive else [],
        others=registry().sources.values(),
    )
