"""Having a variant's kernels compiled before they are needed. Imports torch."""

from collections.abc import Iterable
from contextlib import suppress

import torch

from relmem_cli.contract import Kernels
from relmem_cli.plugins import registry
from relmem_cli.runs.job import Job
from relmem_cli.sealing import off_stdout, sealed
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_cli.training.device import pick_device

SMALL = Sizes(vocabulary=2, sentence_length=1, question_length=1)


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
