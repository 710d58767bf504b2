"""Running one job in this process: train, test, and say how it went. Imports torch."""

from collections.abc import Callable, Generator, Iterable
from contextlib import closing, suppress
from typing import Any

import torch

from relmem_cli.contract import Kernels, TrainingEvent
from relmem_cli.plugins import registry
from relmem_cli.runs.experiment import Experiment, prepare
from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import sole_writer
from relmem_cli.runs.record import RunRecord, finished
from relmem_cli.sealing import off_stdout, sealed
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_cli.training.arithmetic import use_threads
from relmem_cli.training.device import pick_device
from relmem_cli.training.loop import Epoch
from relmem_cli.training.settings import Settings

SMALL = Sizes(vocabulary=2, sentence_length=1, question_length=1)
Events = Generator[tuple[Settings, Any], None, None]
STOPPED = "it was stopped; the same command with --resume goes on after its last epoch."


@sealed()
@off_stdout()
def run(
    job: Job,
    *,
    prepared: Experiment | None = None,
    follow: Callable[[Events], Events] = lambda events: events,
    unwanted: Callable[[], bool] = lambda: False,
) -> RunRecord:
    """Train and test; `follow` sees every event go by, `unwanted` may end it after any of them.

    `prepared` is what `prepare` made of the job, unless that is to be done now.

    Raises RelmemError for what a person can mend, before anything is written where that is known.
    """
    use_threads(job.threads)
    experiment = prepared or prepare(job)
    _ = experiment.torch_device  # raises where it is not there, before anything is written
    if job.ticket is None:  # a grid has done it before its workers began
        warm_up([job])
    with sole_writer(job, unwanted) as mine:
        done = finished(job) if job.ticket else None  # by a worker that was lost since
        if done or not mine:
            return done or RunRecord.failed(job, STOPPED)
        with closing(experiment.events()) as events, closing(follow(events)) as seen:
            for settings, event in seen:
                if isinstance(event, Epoch):
                    registry().training_event(_told(experiment, settings, event))
                if unwanted():
                    return RunRecord.failed(job, STOPPED)
        return RunRecord.of(job, experiment.finish().card)


def warm_up(jobs: Iterable[Job]) -> None:
    """Take the jobs' variants through a story of one sentence on the CPU, to have them compiled.

    What fails here is left to the run, which will say it.
    """
    for name, job in {job.settings.variant: job for job in jobs}.items():
        kernels = Kernels(job.settings.kernels)
        if kernels is Kernels.auto and pick_device(job.device).type == "cpu":
            with suppress(Exception), sealed(), off_stdout(), torch.random.fork_rng(devices=[]):
                options = dict(job.settings.options)
                model = registry().variants.get_or_explain(name).build(SMALL, options)
                model.learn(_one_question())  # training, then its validation
                with torch.inference_mode():
                    model.eval()(_one_question())


def _one_question() -> StoryBatch:
    one = torch.ones(1, dtype=torch.int64)
    return StoryBatch(
        sentences=one[None, None], questions=one[None], story=one - 1, position=one, answers=one
    )


def _told(experiment: Experiment, settings: Settings, epoch: Epoch) -> TrainingEvent:
    return TrainingEvent(
        run=str(experiment.folder),
        variant=settings.variant,
        epoch=epoch.epoch,
        loss=epoch.loss,
        validation_error=epoch.validation.error,
        parts=epoch.parts,
    )
