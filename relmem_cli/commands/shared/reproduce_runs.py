"""The runs of `relmem reproduce`: trained now, or read from results files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from relmem_cli.commands.shared.grids import (
    Where,
    end_on_signals,
    run_jobs,
    sort_out,
    stopped,
    variants_of,
)
from relmem_cli.commands.shared.output import say, show_log
from relmem_cli.errors import StoppedError, UsageError
from relmem_cli.stories.catalogue import TaskName, task_name

if TYPE_CHECKING:
    from relmem_cli.contract import Recipe
    from relmem_cli.runs.job import Job
    from relmem_cli.runs.ledger import Ledger
    from relmem_cli.runs.record import Key, RunRecord

FOLDS = 3
RECIPE = "dropconnect"

_QUICK = (
    "relmem: --quick is one fold and one restart. Its intervals tell of the test questions alone; "
    "another fold or seed may move a task's error beyond them."
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked for on the command line.

    table   what results files begin with: "table6" of its recipes, "" of those that have names of
            their own
    data    "" for the recipe's
    """

    table: str
    recipe: str
    data: str
    variants: Sequence[str]
    tasks: str
    folds: int
    folds_given: bool
    quick: bool
    results: Sequence[Path]
    where: Where
    device: str
    out: Path | None


def rows_of(wanted: Wanted) -> "tuple[list[RunRecord], int]":
    """The runs that a table is made of, and the exit code."""
    variants = variants_of(wanted.variants)
    if wanted.results:
        return _read(wanted, variants), 0
    wanted.where.check()
    if wanted.quick and wanted.folds_given and wanted.folds > 1:
        raise UsageError("--quick is one fold; leave out --quick or --folds.")
    return _train(wanted, variants)


def _read(wanted: Wanted, variants: Sequence[str]) -> "list[RunRecord]":
    """Those runs of the files that were asked for; needs neither data nor torch."""
    from relmem_cli.runs.ledger import read_results

    found = [one for row in read_results(wanted.results).rows for one in row.by_task()]
    tasks = _asked_for_among({row.task for row in found}, wanted.tasks)
    rows = [
        row
        for row in found
        if row.task in tasks
        and (not variants or row.variant in variants)
        and wanted.recipe in ("", row.recipe)
    ]
    if not any(not row.failure for row in rows):
        raise UsageError(
            f"no run in {', '.join(map(str, wanted.results))} is what --recipe, --variant and "
            "--task ask for."
        )
    return rows


def _asked_for_among(there: set[TaskName], text: str) -> set[TaskName]:
    """The tasks that --task asks for of those that results files have."""
    from relmem_cli.stories.catalogue import parse_tasks

    named = {name.strip() for name in text.split(",")}
    return there if text == "all" else there & named or there & {*parse_tasks(text)}


def _train(wanted: Wanted, names: Sequence[str]) -> "tuple[list[RunRecord], int]":
    from relmem_cli.asked_data import asked_tasks
    from relmem_cli.runs.ledger import open_ledger
    from relmem_cli.runs.recipe import find_recipe, resolved

    recipe = find_recipe(wanted.recipe or RECIPE)
    if wanted.data:
        recipe = _on(recipe, wanted.data)
    if wanted.quick:
        say(_QUICK)
        recipe = recipe.quick
    tasks = asked_tasks(wanted.tasks, recipe.settings.get("data", "en"))
    out = (wanted.out or _usual_folder()).resolve()
    jobs = _jobs(wanted, recipe, tasks, names or recipe.variants, out / "runs" / recipe.name)
    show_log()
    end_on_signals()
    code = 0
    path = out / f"{'-'.join(filter(None, (wanted.table, recipe.name)))}.jsonl"
    with open_ledger(path, recipe.name, resolved(recipe)) as file:
        _check_unchanged(path, jobs, file.rows)
        try:
            _run(jobs, file, wanted)
        except (KeyboardInterrupt, SystemExit, StoppedError) as ended:
            done = sum(not row.failure for row in _asked_for(jobs, file))
            code = stopped(ended, left=len(jobs) - done, how_to_go_on="the same command")
        rows = _asked_for(jobs, file)
    if path.exists():  # not where no run has ended
        say(f"relmem: results: {path}")
    return rows, code or int(any(row.failure for row in rows))


def _on(recipe: "Recipe", data: str) -> "Recipe":
    """The recipe on other data, under a name of its own, so that results are kept apart."""
    from relmem_cli.asked_data import whole_path

    data = whole_path(data)
    named = re.sub(r"[^\w.]+", "-", data).strip("-")
    return replace(
        recipe,
        name=f"{recipe.name}-{named}",
        settings={**recipe.settings, "data": data},
        published={},
    )


def _usual_folder() -> Path:
    from relmem_cli.paths import runs_folder

    return runs_folder().parent / "reproduction"


def _jobs(
    wanted: Wanted, recipe: "Recipe", tasks: Sequence[TaskName], names: Sequence[str], folder: Path
) -> "list[Job]":
    from relmem_cli.asked_data import open_data
    from relmem_cli.plugins import registry
    from relmem_cli.runs.plan import make_jobs, plan_runs
    from relmem_cli.runs.recipe import resolved

    variants = [registry().variants.get_or_explain(name) for name in names]
    source = open_data(resolved(recipe)["data"])
    folds = 1 if wanted.quick else wanted.folds
    return make_jobs(
        plan_runs(recipe, variants, tasks, folds, source),
        source,
        folder,
        restarts=recipe.restarts,
        device=wanted.device,
        shared=bool(wanted.where.on),
    )


def _check_unchanged(path: Path, jobs: "Sequence[Job]", rows: "Sequence[RunRecord]") -> None:
    """Raise UsageError where a run that the file has was trained with other settings or data."""
    from relmem_cli.plugins import registry
    from relmem_cli.runs.folder import data_changes
    from relmem_cli.runs.ledger import run_changes
    from relmem_cli.runs.run import digests

    done = {row.key: row for row in rows if not row.failure}
    now = digests(job for job in jobs if _key(job) in done and done[_key(job)].data)
    for job in jobs:
        row = done.get(_key(job))
        if row is None:
            continue
        if changed := data_changes(row.data, now.get(job.folder, {})):
            raise UsageError(
                f"{path} holds {row.name} as trained on other data ({changed}); "
                "choose another folder with --out."
            )
        variant = registry().variants.get_or_explain(row.variant)
        if changed := run_changes(row, job.settings, variant):
            raise UsageError(
                f"{path} holds {row.name} as trained with other settings ({changed}); "
                "choose another folder with --out."
            )


def _run(jobs: "Sequence[Job]", file: "Ledger", wanted: Wanted) -> None:
    """Train what the file does not have, adding every run as it ends."""
    from relmem_cli.runs.machine import provenance

    there = {row.key for row in file.rows if not row.failure}
    missing = [job for job in jobs if _key(job) not in there]
    left, over = sort_out(missing, on=wanted.where.on, resume=True)
    if not missing:
        return
    done = len(jobs) - len(left)
    if done:
        say(f"relmem: {done} of {len(jobs)} runs are over already.")
    folder = jobs[0].folder.parent
    with run_jobs(left, over=done, where=wanted.where, shared=folder) as ending:
        file.begin(provenance(wanted.device, on=wanted.where.on))
        for record in chain(over, ending):
            file.add(record)


def _asked_for(jobs: "Sequence[Job]", file: "Ledger") -> "list[RunRecord]":
    """The file's rows of these jobs, in their order."""
    rows = {row.key: row for row in file.rows}
    return [rows[_key(job)] for job in jobs if _key(job) in rows]


def _key(job: "Job") -> "Key":
    settings = job.settings
    return settings.variant, task_name(settings.task), settings.fold, settings.seed
