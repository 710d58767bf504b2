"""Which runs a grid has, which of them are over, and whether it may begin."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

from relmem_cli.contract import Recipe, Variant
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.files import check_writable
from relmem_cli.runs.folder import RunFolder
from relmem_cli.runs.job import Job
from relmem_cli.runs.recipe import settings_of
from relmem_cli.runs.record import RunRecord, finished
from relmem_cli.runs.run import digests
from relmem_cli.stories.catalogue import TaskName, in_order, task_name
from relmem_cli.stories.sources import BabiFolder, Joined, Source, has_split
from relmem_cli.stories.tasks import JOINT, count_folds
from relmem_cli.training.settings import Settings, split_assignments


def combine(  # noqa: PLR0913  # what is combined, and what all have in common
    variants: Sequence[Variant],
    tasks: Sequence[str],
    folds: Sequence[int],
    seeds: Sequence[int],
    *,
    assignments: Sequence[str],
    usual: Mapping[str, Any] | None = None,
    **common: Any,
) -> list[Settings]:
    """The settings of every combination, variant by variant.

    `assignments` are those of --set; they go before `usual` options, for variants that have them,
    and `common` settings. Raises UsageError where a variant does not take an assignment.
    """
    several: list[Settings] = []
    for variant in variants:
        training, options = split_assignments(assignments, variant)
        defaults = variant.defaults()
        mine = {key: value for key, value in (usual or {}).items() if key in defaults}
        variant.parse_options(options := {**defaults, **mine, **options})
        several += [
            Settings(
                variant=variant.name,
                task=task,
                fold=fold,
                seed=seed,
                options=options,
                **{**variant.training, **common, **training},
            )
            for task, fold, seed in product(tasks, folds, seeds)
        ]
    return several


def drop_missing_folds(
    several: Sequence[Settings], source: Source
) -> tuple[list[Settings], list[str]]:
    """The settings whose fold there is, and a line for those left out.

    One fold alone is never left out: it was asked for, so its run says what is wrong. Raises
    UsageError where nothing is left.
    """
    if len({settings.fold for settings in several}) == 1:
        return list(several), []
    there = {task: _folds(source, task) for task in {settings.task for settings in several}}
    left_out: defaultdict[str, set[int]] = defaultdict(set)
    kept = []
    for settings in several:
        last = there[settings.task]
        if last is None or settings.fold < last:
            kept.append(settings)
        else:
            left_out[settings.task].add(settings.fold)
    notes = [
        f"left out {_list(left_out[task])}: task {task} has {_list(set(range(there[task] or 0)))}"
        for task in map(str, in_order(map(task_name, left_out)))
    ]
    if not kept:
        raise UsageError(f"nothing to train; {'; '.join(notes)}.")
    return kept, notes


def make_jobs(
    several: Sequence[Settings],
    source: Source,
    folder: Path,
    *,
    alone: bool = False,
    **common: Any,
) -> list[Job]:
    """A job for each of the settings, in a folder of its name below `folder`, or right there."""
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


def begin(jobs: Sequence[Job], *, resume: bool) -> tuple[list[Job], list[RunRecord]]:
    """The jobs to do and the results of those that are over; nothing is written.

    From here on all jobs resume: what their folders hold when they begin is this grid's own. Raises
    UsageError where a folder holds a run and it is not to be resumed, or had other settings or
    data, and OSError where nothing can be written.
    """
    begun = [job for job in jobs if _settings_files(job)]
    if begun and not resume:
        names = ", ".join(job.folder.name for job in begun[:3]) + ", ..." * (len(begun) > 3)
        raise UsageError(
            f"{begun[0].folder.parent} already holds {len(begun)} of these {len(jobs)} runs "
            f"({names}); add --resume to go on with them, or choose another folder with --out."
        )
    for job in begun:
        for seed in job.seeds():
            seed.folder.check(seed.settings, resume=True)
    over = {job.folder: result for job in begun if (result := finished(job))}
    for folder, digest in digests(job for job in begun if job.folder in over).items():
        RunFolder(path=folder).check_data(digest)
    left = [replace(job, resume=True) for job in jobs if job.folder not in over]
    for folder in {job.folder.parent for job in left}:
        check_writable(folder)
    return left, list(over.values())


def _folds(source: Source, task: str) -> int | None:
    """How many folds there are, or None where the run itself will say what is wrong."""
    try:
        return None if task == JOINT else count_folds(source, task_name(task))
    except RelmemError:
        return None


def _list(folds: set[int]) -> str:
    """Such as "fold 0" or "folds 1, 2, 3"; "none" where there is none."""
    if not folds:
        return "none"
    return f"fold{'s' * (len(folds) > 1)} {', '.join(map(str, sorted(folds)))}"


def _settings_files(job: Job) -> list[Path]:
    return [*job.folder.glob("settings.toml"), *job.folder.glob("seed-*/settings.toml")]


def plan_runs(
    recipe: Recipe,
    variants: Sequence[Variant],
    tasks: Sequence[TaskName],
    repetitions: int,
    source: Source,
) -> list[Settings]:
    """The settings of all runs, repetition by repetition, so that a stop leaves whole ones behind.

    Repetition k trains on fold k with seeds of its own, k * restarts and the following. A task
    with fewer folds begins them again: only the seeds differ then. A set of 10,000 questions, and
    one with a validation part of its own, is trained whole.
    """
    whole = _is_whole(source)
    folds = {task: 1 if whole else _repeated_folds(source, task, repetitions) for task in tasks}
    return [
        settings_of(
            recipe,
            variant,
            task=task,
            fold=-1 if whole else k % folds[task],
            seed=k * recipe.restarts,
        )
        for k in range(repetitions)
        for task in tasks
        for variant in variants
    ]


def _is_whole(source: Source) -> bool:
    return source.name.endswith("-10k") or has_split(source, "valid")


def _repeated_folds(source: Source, task: TaskName, wanted: int) -> int:
    return 1 if wanted == 1 else count_folds(source, task)
