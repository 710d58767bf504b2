"""Where runs stand, read from their folders, so that it works with any executor."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relmem_cli.grid.folders import is_running
from relmem_cli.grid.jobs import Job

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
        epochs = self.job.settings.most_epochs
        over = (self.seed - self.job.settings.seed) * epochs + self.epoch
        return over / (epochs * self.job.restarts)


def under_way(jobs: Iterable[Job]) -> Iterator[Standing]:
    """Each job that a worker has begun and not ended."""
    for job in jobs:
        if is_running(job):
            yield _standing(job)


def _standing(job: Job) -> Standing:
    for settings, folder in reversed(job.runs()):
        last = _last_line(folder / "metrics.jsonl")
        if last:
            return Standing(
                job=job,
                seed=settings.seed,
                epoch=last["epoch"],
                validation_error=last["validation_error"],
            )
    return Standing(job=job, seed=job.settings.seed)


def _last_line(path: Path) -> dict[str, Any] | None:
    """The last whole line, or None while there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _TAIL_BYTES, 0))
            whole = file.read().split(b"\n")[:-1]
        line: dict[str, Any] = json.loads(whole[-1])
    except (OSError, ValueError, IndexError):
        return None
    return line
