"""Where runs stand, read from their folders, so that it works with any executor."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import is_running
from relmem_cli.runs.metrics import parse_epoch

_TAIL_BYTES = 2048
"""More than a line of metrics.jsonl has."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A run that is under way: epochs done by its present seed, and the last one's error."""

    job: Job
    seed: int
    epoch: int = 0
    validation_error: float | None = None

    @property
    def done(self) -> float:
        """The fraction of the job's epochs, all seeds' counted, that are over."""
        trial = self.job.settings.trial_epochs(self.job.restarts)
        others = self.seed - self.job.settings.seed
        if self.epoch > trial > 0:
            others = self.job.restarts - 1  # it goes on alone
        return (others * (trial or self.end) + self.epoch) / self.job.epochs

    @property
    def end(self) -> int:
        """The epoch up to which the seed trains now."""
        return self.job.settings.end(self.epoch, self.job.restarts)


def under_way(jobs: Iterable[Job]) -> Iterator[Standing]:
    """Each job that a worker has begun and not ended."""
    for job in jobs:
        if is_running(job):
            yield _standing(job)


def _standing(job: Job) -> Standing:
    metrics = {seed.settings.seed: seed.folder.metrics for seed in job.seeds()}
    written = [(_written(path), seed) for seed, path in metrics.items()]
    _, seed = max(written)
    last = _last_line(metrics[seed])
    if last is None:
        return Standing(job=job, seed=job.settings.seed)
    return Standing(
        job=job, seed=seed, epoch=last["epoch"], validation_error=last["validation_error"]
    )


def _written(path: Path) -> int:
    """When a file was last written, 0 where it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _last_line(path: Path) -> Mapping[str, Any] | None:
    """The last whole line, or None while there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _TAIL_BYTES, 0))
            whole = file.read().split(b"\n")[:-1]
        return parse_epoch(whole[-1])
    except (OSError, ValueError, IndexError):
        return None
