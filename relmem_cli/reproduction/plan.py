"""Which runs make Table 6: every variant and task, several times over."""

from collections.abc import Sequence

from relmem_cli.contract import Recipe, Variant
from relmem_cli.reproduction.recipes import settings_of
from relmem_cli.stories.catalogue import TaskName
from relmem_cli.stories.sources import Source
from relmem_cli.stories.tasks import count_folds
from relmem_cli.training.settings import Settings


def plan_runs(
    recipe: Recipe,
    variants: Sequence[Variant],
    tasks: Sequence[TaskName],
    repetitions: int,
    source: Source,
) -> list[Settings]:
    """The settings of all runs, repetition by repetition, so that a stop leaves whole ones behind.

    Repetition k trains on fold k with seeds of its own, k * restarts and the following. A task
    with fewer folds begins them again: only the seeds differ then.
    """
    folds = {task: _folds(source, task, repetitions) for task in tasks}
    return [
        settings_of(recipe, variant, task=task, fold=k % folds[task], seed=k * recipe.restarts)
        for k in range(repetitions)
        for task in tasks
        for variant in variants
    ]


def _folds(source: Source, task: TaskName, wanted: int) -> int:
    return 1 if wanted == 1 else count_folds(source, task)
