"""What `relmem train` and `relmem reproduce` share: jobs from settings, and running them."""

import signal
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from relmem_cli.commands.shared.output import say
from relmem_cli.commands.shared.waiting import waiting
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.sealing import Terminated, off_stdout, sealed

if TYPE_CHECKING:
    from relmem_cli.runs.job import Job
    from relmem_cli.runs.record import RunRecord


WAIT_SECONDS = 60

WaitOption: Any = typer.Option(
    None,
    min=1,
    help=f"How many seconds a cluster may be without workers; {WAIT_SECONDS} if not given.",
)

OnOption: Any = typer.Option(
    "",
    metavar="dask://HOST:PORT",
    help="Run on a Dask cluster that shares --out and the data; tls:// with certificates.",
)


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where a grid runs: on a cluster, or on this machine.

    on       the cluster's address, or ""
    wait     for how many seconds it may be without workers, or None
    workers  how many of this machine's run at once, 0 for as many as cores
    """

    on: str
    wait: int | None
    workers: int

    def check(self) -> None:
        """Raise UsageError where something was given that is for the other place."""
        if self.on and self.workers:
            raise UsageError(
                "--workers is for this machine; a cluster has as many as were started."
            )
        if self.wait and not self.on:
            raise UsageError("--wait is for a cluster's workers; leave it out, or say --on.")


def variants_of(names: Sequence[str]) -> list[str]:
    """The variants' names in repeated options and comma lists, each once."""
    return list(dict.fromkeys(name.strip() for several in names for name in several.split(",")))


@sealed()
@off_stdout()
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
            from relmem_cli.runs.warm_up import warm_up  # torch, which a cluster's grid needs not

            warm_up(left)  # or each worker would compile, unseen
    return left, over


@contextmanager
def run_jobs(
    left: "Sequence[Job]", *, over: int, where: Where, shared: Path
) -> "Iterator[Iterator[RunRecord]]":
    """Results as the jobs end, shown on stderr; leaving it stops what is under way.

    `over` are the jobs that are over already, `shared` a folder that all workers see. Raises
    RelmemError where the workers of a cluster could not do the runs.
    """
    from relmem_cli.commands.shared.grid_progress import show_grid

    if not left:
        yield iter(())
        return
    with ExitStack() as stack:
        begin = _begin_on_cluster if where.on else _begin_at_home
        jobs, results = begin(left, where, shared, stack)
        show_end = stack.enter_context(show_grid(jobs, over=over))
        yield _shown(stack.enter_context(closing(results)), show_end)


_Begun = tuple["list[Job]", "Generator[RunRecord, None, None]"]


def _begin_at_home(left: "Sequence[Job]", where: Where, shared: Path, stack: ExitStack) -> "_Begun":
    from relmem_cli.runs.locks import issue_ticket
    from relmem_cli.runs.pool import at_home
    from relmem_cli.runs.schedule import run_grid

    ticket = stack.enter_context(issue_ticket(shared))
    jobs = [replace(job, ticket=ticket) for job in left]
    executors = at_home(where.workers or _at_once(left))
    return jobs, run_grid(executors, jobs, ticket, stopping=_say_stopping)


def _say_stopping() -> None:
    """To who watches; elsewhere the line at the end is enough."""
    if sys.stderr.isatty():
        say("relmem: stopping...")


def _begin_on_cluster(
    left: "Sequence[Job]", where: Where, shared: Path, stack: ExitStack
) -> "_Begun":
    from relmem_cli.runs.cluster import on_cluster
    from relmem_cli.runs.crew import Crew, run_on
    from relmem_cli.runs.locks import hold_beside, issue_ticket
    from relmem_cli.runs.needs import Needs

    with waiting(f"asking {where.on}"):
        cluster = stack.enter_context(on_cluster(where.on))
        ticket = stack.enter_context(issue_ticket(shared))
        stack.enter_context(hold_beside(ticket))
        crew = Crew(cluster, Needs.of(left, ticket), where.wait or WAIT_SECONDS)
        crew.assemble()
    jobs = [replace(job, ticket=ticket) for job in left]
    return jobs, run_on(crew, jobs, ticket)


def _shown(
    ending: "Iterator[RunRecord]", show_end: "Callable[[RunRecord], None]"
) -> "Iterator[RunRecord]":
    for result in ending:
        yield result
        show_end(result)


def end_on_signals() -> None:
    """Have SIGTERM and SIGHUP end this process as Ctrl-C does, with what was trained saved.

    A hang-up that is ignored already, as under nohup, stays so.
    """
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, _: object) -> None:
    raise Terminated(128 + number)


def stopped(ended: BaseException, *, left: int, how_to_go_on: str) -> int:
    """Say that training was stopped, and why if it was not by the user; returns the exit code.

    left  how many runs have not ended well
    """
    why = str(ended) if isinstance(ended, RelmemError) else "stopped"
    then = f"{how_to_go_on} goes on after the last epoch" if left else "all runs are done"
    say(f"relmem: {why}; {then}.")
    if isinstance(ended, RelmemError):
        return ended.exit_code
    return 130 if isinstance(ended, KeyboardInterrupt) else getattr(ended, "code", 1)


def _pick_device(device: str) -> None:
    """Raise where this machine lacks a device that was named, before any run begins."""
    if device not in ("auto", "cpu"):
        from relmem_cli.training.device import pick_device

        pick_device(device)


def _at_once(jobs: "Sequence[Job]") -> int:
    from relmem_cli.runs.pool import cores

    return max(1, min(len(jobs), cores() // int(jobs[0].threads)))
