"""What `relmem train` and `relmem reproduce` share: jobs from settings, and running them."""

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relmem_cli.commands.shared.output import say
from relmem_cli.commands.shared.waiting import waiting
from relmem_cli.errors import UsageError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from relmem_cli.runs.job import Job
    from relmem_cli.runs.record import RunRecord
    from relmem_cli.stories.sources import Source
    from relmem_cli.training.settings import Settings


def check_place(on: str, workers: int) -> None:
    """Raise UsageError where a cluster was asked for and a number of workers of this machine."""
    if on and workers:
        raise UsageError("--workers is for this machine; a cluster has as many as were started.")


def variants_of(names: Sequence[str]) -> list[str]:
    """The variants' names in repeated options and comma lists, each once."""
    return list(dict.fromkeys(name.strip() for several in names for name in several.split(",")))


def make_jobs(
    several: "Sequence[Settings]",
    source: "Source",
    folder: Path,
    *,
    alone: bool = False,
    **common: Any,
) -> "list[Job]":
    """A job for each of the settings, in a folder of its name below `folder`, or right there."""
    from relmem_cli.runs.job import Job
    from relmem_cli.stories.sources import BabiFolder, Joined

    folder = folder.resolve()  # a worker of a cluster may work elsewhere
    read = replace(source, path=source.path.resolve()) if isinstance(source, BabiFolder) else None
    parts = source.sources if isinstance(source, Joined) else ()
    archive = next(
        (one.path.parent.resolve() for one in parts if isinstance(one, BabiFolder)), None
    )
    return [
        Job(
            settings=settings,
            source=read,
            archive=archive,
            folder=folder if alone else folder / settings.name,
            **common,
        )
        for settings in several
    ]


def sort_out(
    jobs: "Sequence[Job]", *, on: str, resume: bool
) -> "tuple[list[Job], list[RunRecord]]":
    """The jobs that are left and the results of those that are over; nothing is trained yet.

    Raises RelmemError for what is known to be in the way before any run begins.
    """
    from relmem_cli.runs.plan import begin
    from relmem_cli.training.device_names import check_device

    if jobs:
        check_device(jobs[0].device)
    left, over = begin(jobs, resume=resume)
    if left and not on:
        _pick_device(jobs[0].device)
    if left and not on:
        with waiting("getting the kernels ready"):
            from relmem_cli.runs.execute import warm_up  # torch, which a cluster's grid needs not

            warm_up(left)  # or each worker would compile, unseen
    return left, over


@contextmanager
def run_jobs(
    left: "Sequence[Job]", *, over: int, on: str, workers: int, shared: Path
) -> "Iterator[Iterator[RunRecord]]":
    """Results as the jobs end, shown on stderr; leaving it stops what is under way.

    `over` are the jobs that are over already, `shared` a folder that all workers see.
    """
    from relmem_cli.commands.shared.grid_progress import show_grid
    from relmem_cli.runs.locks import issue_ticket
    from relmem_cli.runs.schedule import run_grid

    if not left:
        yield iter(())
        return
    with ExitStack() as stack:
        new_executor = stack.enter_context(_executors(on, workers or _at_once(left)))
        ticket = stack.enter_context(issue_ticket(shared))
        jobs = [replace(job, ticket=ticket) for job in left]
        show_end = stack.enter_context(show_grid(jobs, over=over))
        ending = stack.enter_context(closing(run_grid(new_executor, jobs, ticket)))
        yield _shown(ending, show_end)


def _shown(
    ending: "Iterator[RunRecord]", show_end: "Callable[[RunRecord], None]"
) -> "Iterator[RunRecord]":
    for result in ending:
        yield result
        show_end(result)


def end_on_sigterm() -> None:
    """Have SIGTERM end this process as Ctrl-C does, with what was trained saved."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def stopped(ended: BaseException, *, how_to_go_on: str) -> int:
    """Say that training was stopped; returns the exit code."""
    say(f"relmem: stopped; {how_to_go_on} goes on after the last epoch.")
    return 130 if isinstance(ended, KeyboardInterrupt) else 128 + signal.SIGTERM


def _pick_device(device: str) -> None:
    """Raise where this machine lacks a device that was named, before any run begins."""
    if device not in ("auto", "cpu"):
        from relmem_cli.training.device import pick_device

        pick_device(device)


def _at_once(jobs: "Sequence[Job]") -> int:
    from relmem_cli.runs.pool import cores

    return max(1, min(len(jobs), cores() // int(jobs[0].threads)))


@contextmanager
def _executors(on: str, workers: int) -> "Iterator[Callable[[], Executor]]":
    from relmem_cli.runs.pool import at_home, on_cluster

    if not on:
        yield at_home(workers)
        return
    with on_cluster(on) as new_executor:
        yield new_executor
