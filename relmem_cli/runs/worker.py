"""What a worker does with a job, whatever executor it belongs to."""

import os
import signal
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from relmem_cli.errors import RelmemError
from relmem_cli.plugin_faults import explain
from relmem_cli.plugins import registry
from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import LOOK_EVERY_SECONDS
from relmem_cli.runs.record import RunRecord
from relmem_cli.runs.run import STOPPED, Run

_ALONE = threading.Lock()
"""torch's random numbers belong to the process: two jobs in two threads would mix them up."""


def work(job: Job) -> RunRecord:
    """Run a job; a failure comes back as a value, and an ended worker's job is gone on with.

    The job ends early, with its last epoch saved, when nobody wants it any more or the process is
    sent SIGTERM; then the process ends too.
    """
    with _ALONE, _patience(job) as patience:
        if patience.over():
            return RunRecord.failed(job, STOPPED)
        try:
            return Run(job).train(unwanted=patience.over)
        except Exception as error:
            if os.environ.get("RELMEM_DEBUG") == "1" and not isinstance(error, RelmemError):
                traceback.print_exc()
            return RunRecord.failed(job, f"{explain(error)}{_lost(job)}")


def _lost(job: Job) -> str:
    """Which plugins are at fault where the job's variant is not there, which nobody has read yet.

    What the parent process loads, a worker may not: it is another process.
    """
    if job.settings.variant in registry().variants:
        return ""
    faults = [f"{one.distribution}: {one.status}" for one in registry().plugins if one.faults]
    return f" In this worker, plugin {'; plugin '.join(faults)}." if faults else ""


class _Patience:
    """Whether a job is still wanted; looks at the shared folder once a second at most."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._look_at = 0.0
        self._unwanted = False
        self.terminated = False

    def over(self) -> bool:
        """Whether the job should end now."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY_SECONDS
            self._unwanted = not self._job.wanted
        return self.terminated or self._unwanted

    def terminate(self, signum: int, frame: FrameType | None) -> None:
        """The handler of SIGTERM."""
        del signum, frame
        self.terminated = True


@contextmanager
def _patience(job: Job) -> Iterator[_Patience]:
    patience = _Patience(job)
    if threading.current_thread() is not threading.main_thread():
        yield patience  # a cluster's worker, which sees to its signals itself
        return
    before = signal.signal(signal.SIGTERM, patience.terminate)
    try:
        yield patience
    finally:
        signal.signal(signal.SIGTERM, before)
        if patience.terminated:
            os._exit(128 + signal.SIGTERM)  # a pool's worker outlives every exception
