"""What is in the way of a job, found before torch is imported."""

from relmem_cli.grid.folders import check_free
from relmem_cli.grid.jobs import Job
from relmem_cli.plugins import registry
from relmem_cli.stories.sources import open_source
from relmem_cli.training.experiment import Experiment


def prepare(job: Job) -> Experiment:
    """The job's experiment, with its stories read.

    Raises RelmemError or OSError where training would be in vain; nothing is written, and torch is
    not imported.
    """
    experiment = Experiment(
        variant=registry().variants.get_or_explain(job.settings.variant),
        settings=job.settings,
        source=job.source
        or open_source(
            job.settings.data,
            roots=[job.archive] if job.archive else [],
            others=registry().sources.values(),
        ),
        folder=job.folder,
        restarts=job.restarts,
        resume=job.resume,
        device=job.device,
    )
    experiment.check()
    check_free(job)
    return experiment
