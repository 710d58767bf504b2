from dataclasses import replace
from pathlib import Path

import pytest

from relmem_cli.errors import UsageError
from relmem_cli.stories.catalogue import TASKS, parse_numbers, parse_tasks
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of


@pytest.mark.parametrize("number", TASKS)
def test_the_sizes_that_ship_are_those_of_the_english_train_files(babi: Path, number: int) -> None:
    stories = BabiFolder(name="en", path=babi / "en").stories(number, "train")
    sizes = sizes_of(Vocabulary.of(stories), stories)
    longest = min(sizes.story_length, TASKS[number].cap)
    assert replace(sizes, story_length=longest) == TASKS[number].sizes


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


def test_numbers_begin_at_0_and_have_no_end() -> None:
    assert parse_numbers("seed", "21, 0-3,2") == (0, 1, 2, 3, 21)


@pytest.mark.parametrize("text", ["", "-1", "x", "3-1", "0-10000", "1-99999999999999999999"])
def test_what_is_no_list_of_numbers_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match="seed"):
        parse_numbers("seed", text)
