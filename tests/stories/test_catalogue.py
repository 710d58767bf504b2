from pathlib import Path

import pytest

from relmem_cli.errors import UsageError
from relmem_cli.stories.catalogue import TASKS, parse_tasks
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of


@pytest.mark.parametrize("number", TASKS)
def test_the_sizes_that_ship_are_those_of_the_english_train_files(babi: Path, number: int) -> None:
    stories = BabiFolder(name="en", path=babi / "en").stories(number, "train")
    assert sizes_of(Vocabulary.of(stories), stories) == TASKS[number].sizes


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("7", (7,)), ("1-3", (1, 2, 3)), ("5,1, 2-3", (1, 2, 3, 5)), ("all", tuple(range(1, 21)))],
)
def test_tasks_are_numbers_ranges_and_lists(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_tasks(text) == numbers


@pytest.mark.parametrize("text", ["", "0", "21", "x", "3-", "-3", "5-2", "1,,2", "1.5"])
def test_what_names_no_task_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="task"):
        parse_tasks(text)
