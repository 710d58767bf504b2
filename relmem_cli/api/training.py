"""Training from Python: what `relmem train` does, for one variant and one task."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relmem_cli.api.calling import at_work, told_in_python
from relmem_cli.api.drawing import draw_curve
from relmem_cli.api.evaluation import TaskError
from relmem_cli.api.model import Model, load
from relmem_cli.asked_data import asked_tasks, open_data, usual_data, whole_path
from relmem_cli.contract import TrainingEvent
from relmem_cli.errors import UsageError
from relmem_cli.files import typed_path, write_atomically
from relmem_cli.library import look_up
from relmem_cli.plugins import registry
from relmem_cli.runs.job import Job
from relmem_cli.runs.plan import combine, make_jobs
from relmem_cli.runs.recipe import find_recipe
from relmem_cli.runs.record import RunRecord
from relmem_cli.runs.run import Events, Run, as_event
from relmem_cli.sealing import kept_stdout
from relmem_cli.stories.catalogue import TaskName, title
from relmem_cli.stories.tasks import JOINT
from relmem_cli.training.cards import SUFFIX
from relmem_cli.training.settings import Settings

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_OWN = {"variant", "task", "data", "begin", "options"}
"""Settings that `train` takes under a name of its own."""


def list_variants() -> list[str]:
    """The memory networks that can be trained, those of plugins among them."""
    return sorted(registry().variants)


def train(  # noqa: PLR0913  # what a run is made of
    variant: str,
    task: int | str = 1,
    *,
    data: str | os.PathLike[str] = "",
    recipe: str = "",
    restarts: int = 0,
    begin: str | os.PathLike[str] = "",
    out: str | os.PathLike[str] = "",
    resume: bool = False,
    device: str = "auto",
    on_epoch: Callable[[TrainingEvent], object] | None = None,
    **settings: Any,
) -> "TrainedRun":
    """Train a variant on a task; epoch and seed are picked by validation, never by test.

    variant   its name (`list_variants`)
    task      a number, a name that the data has, or "joint" for all as one
    data      a bAbI set, "world:mixture,questions=1000", or a folder; bAbI's "en" where it is on
              this machine, stories told anew ("world") where it is not
    recipe    settings to begin with (`relmem reproduce recipes`)
    restarts  seeds to try, until one has no validation error; 1, or the recipe's
    begin     a model to begin with; words that it lacks are added
    out       the folder that keeps the run; without it nothing is kept but what is returned
    resume    whether a run that `out` holds is gone on with
    device    "auto", "cpu", "cuda" or "mps"
    on_epoch  is called after every epoch with epoch, loss, validation_error and more
    settings  epochs, seed, learning_rate, words="open" and whatever else `relmem train --set`
              takes, the variant's options among them: slots=10

    Raises RelmemError for what is in the way, before anything is written.
    """
    if resume and not out:
        raise UsageError("resume goes on with a run in a folder: name it with out.")
    with told_in_python():
        data = whole_path(os.fspath(data) or usual_data())
        base = _of_recipe(recipe) | _of_model(os.fspath(begin), variant, device)
        wanted = _settings(variant, _one_task(str(task), data), data, {**base, **settings})
        job_in = partial(
            _job,
            wanted,
            restarts=restarts or (find_recipe(recipe).restarts if recipe else 1),
            resume=resume,
            device=device,
        )
        if out:
            return _trained(job_in(typed_path(os.fspath(out))), on_epoch)
        passing = Path(tempfile.mkdtemp(prefix="relmem-"))
        try:
            run = _trained(job_in(passing / wanted.name), on_epoch)
        except BaseException:
            shutil.rmtree(passing, ignore_errors=True)
            raise
        weakref.finalize(run, shutil.rmtree, passing, ignore_errors=True)
        return run


def _job(wanted: Settings, folder: Path, **how: Any) -> Job:
    (job,) = make_jobs([wanted], open_data(wanted.data), folder, alone=True, **how)
    return job


def _trained(job: Job, on_epoch: Callable[[TrainingEvent], object] | None) -> "TrainedRun":
    with kept_stdout() as on_stdout, at_work():

        def followed(events: Events) -> Events:
            from relmem_cli.training.loop import Epoch  # noqa: PLC0415  # torch

            for settings, event in events:
                if on_epoch and isinstance(event, Epoch):
                    with on_stdout():  # of a notebook, say: what models print does not go there
                        on_epoch(as_event(job, settings, event))
                yield settings, event

        return TrainedRun(job, Run(job).train(follow=followed))


class TrainedRun:
    """A run that has ended.

    variant, task, data  what was trained on what
    settings  all of them, the variant's options among them
    folder    where it lies; without `out` it goes when this object does
    seed      the one that was kept, and `epoch` of it
    seconds   that all seeds took
    curve     [training loss, validation error] of every epoch of the kept seed
    tests     the test error of every task
    notes     what has to be said of the training stories
    """

    def __init__(self, job: Job, record: RunRecord) -> None:
        settings = job.settings
        self.variant, self.task, self.data = settings.variant, settings.task, settings.data
        self.settings: dict[str, Any] = asdict(settings)
        self.folder = job.folder
        self.seed, self.epoch, self.seconds = record.kept_seed, record.epoch, record.all_seconds
        self.curve = record.curve
        self.notes = record.notes
        self.validation_error, self.test_error = record.validation_error, record.test_error
        self.tests: Mapping[TaskName, TaskError] = {
            one.task: TaskError(
                task=one.task, title=title(one.task), errors=one.test_errors or 0, n=one.test_n or 0
            )
            for one in record.by_task()
        }
        self._job, self._record = job, record

    @cached_property
    def model(self) -> Model:
        """The model that was trained."""
        return load(self._job.model, device=self._job.device)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the model to a file, which `load` and `relmem chat --model` take; returns its path.

        Raises OSError where it cannot be written.
        """
        file = typed_path(os.fspath(path))
        if file.suffix != SUFFIX:
            raise UsageError(f"a model's file is named NAME{SUFFIX}, not {file.name!r}.")
        write_atomically(file, self._job.model.read_bytes())
        return file

    def plot(self) -> "Figure":
        """The validation error by epoch; raises RelmemError where matplotlib is not installed."""
        return draw_curve(self._record)

    def __repr__(self) -> str:
        what = f"{self.variant} on task {self.task} of {self.data}"
        return f"<TrainedRun of {what}: {self.test_error:.1%} test error after epoch {self.epoch}>"


def _of_recipe(name: str) -> dict[str, Any]:
    """A recipe's settings and options."""
    if not name:
        return {}
    recipe = find_recipe(name)
    return {**recipe.settings, _USUAL: dict(recipe.options)}


def _of_model(name: str, variant: str, device: str) -> dict[str, Any]:
    """What a run that begins with a model has in common with it."""
    if not name:
        return {}
    begun = look_up(name, device)
    if begun.card.variant != variant:
        raise UsageError(f"{name} is a {begun.card.variant}; go on with it as that, not {variant}.")
    words = begun.card.sizes.words
    return {**begun.card.options, "words": words, "begin": str(begun.path.resolve())}


def _settings(variant: str, task: str, data: str, given: dict[str, Any]) -> Settings:
    """The settings of the run; raises UsageError for one that neither training nor variant has."""
    offered = registry().variants.get_or_explain(variant)
    training = {one.name for one in fields(Settings)} - _OWN
    options = offered.defaults()
    usual = given.pop(_USUAL, {})
    if unknown := given.keys() - training - options.keys() - {"begin"}:
        names = ", ".join([*sorted(options), *sorted(training)])
        raise UsageError(f"{variant} has no setting {min(unknown)!r}; it has {names}.")
    (settings,) = combine(
        [offered],
        [task],
        [given.pop("fold", -1)],
        [given.pop("seed", 0)],
        assignments=[],
        usual={**usual, **{name: value for name, value in given.items() if name in options}},
        data=data,
        **{name: value for name, value in given.items() if name not in options},
    )
    return settings


_USUAL = "a recipe's options"
"""Under which they are handed on: a variant need not have them."""


def _one_task(task: str, data: str) -> str:
    if task == JOINT:
        return task
    tasks = asked_tasks(task, data)
    if len(tasks) != 1:
        raise UsageError(f"task {task!r} is {len(tasks)} tasks; train one, or 'joint' for all.")
    return str(tasks[0])
