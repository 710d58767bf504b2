from pathlib import Path

import pytest

from relmem_cli.contract import Recipe
from relmem_cli.errors import RelmemError
from relmem_cli.plugins import registry
from relmem_cli.runs.plan import plan_runs
from relmem_cli.stories.sources import BabiFolder

RECIPE = Recipe(name="x", summary="", variants=(), restarts=4)


@pytest.fixture
def folds(tmp_path: Path) -> BabiFolder:
    """The set en of an archive whose 10k set has three folds of task 1 and nothing of task 3."""
    for name, tasks in {"en": {1: 1000, 3: 1000}, "en-10k": {1: 2500}}.items():
        (tmp_path / name).mkdir()
        for task, questions in tasks.items():
            lines = "1 Ann is in the shed.\n" + "2 Where is Ann?\tshed\t1\n" * questions
            (tmp_path / name / f"qa{task}_x_train.txt").write_text(lines)
    return BabiFolder(name="en", path=tmp_path / "en")


def plan(source: BabiFolder, repetitions: int, tasks=(1, 3)) -> list[tuple[str, int, int]]:
    variants = [registry().variants.get_or_explain("entnet")]
    runs = plan_runs(RECIPE, variants, tasks, repetitions, source)
    return [(run.task, run.fold, run.seed) for run in runs]


def test_each_repetition_has_its_fold_and_seeds_that_no_other_tries(folds: BabiFolder) -> None:
    assert plan(folds, 3, (1,)) == [("1", 0, 0), ("1", 1, 4), ("1", 2, 8)]


def test_a_task_with_one_fold_is_repeated_with_other_seeds(folds: BabiFolder) -> None:
    assert plan(folds, 3, (3,)) == [("3", 0, 0), ("3", 0, 4), ("3", 0, 8)]


def test_whole_repetitions_come_one_after_the_other(folds: BabiFolder) -> None:
    assert [task for task, _, _ in plan(folds, 2)] == ["1", "3", "1", "3"]


def test_one_repetition_needs_no_10k_set(folds: BabiFolder) -> None:
    alone = BabiFolder(name="en", path=folds.path.rename(folds.path.parent / "alone"))
    assert plan(alone, 1) == [("1", 0, 0), ("3", 0, 0)]


def test_a_missing_10k_set_is_told(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    with pytest.raises(RelmemError, match="en-10k is missing"):
        plan(BabiFolder(name="en", path=tmp_path / "en"), 2)
