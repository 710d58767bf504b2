from pathlib import Path

import pytest

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tasks import (
    count_folds,
    fold_of,
    load_test,
    load_training,
    split_stories,
)


def stories_of(*counts: int) -> list[Story]:
    """One story for each count, with that many sentences, each followed by a question."""
    return [
        Story(
            sentences=tuple((f"s{n}-{i}", ".") for i in range(count)),
            questions=tuple(
                Question(text=("who", "?"), answer=f"{n}-{i}", position=i + 1) for i in range(count)
            ),
        )
        for n, count in enumerate(counts)
    ]


def en(babi: Path, name: str = "en") -> BabiFolder:
    return BabiFolder(name=name, path=babi / name)


@pytest.mark.parametrize("number", [n for n in range(1, 21) if n != 3])
def test_fold_0_is_the_1k_file_and_every_fold_has_1000_questions(babi: Path, number: int) -> None:
    large = en(babi, "en-10k").stories(number, "train")
    assert fold_of(large, 0) == en(babi).stories(number, "train")
    assert {sum(len(s.questions) for s in fold_of(large, k)) for k in range(10)} == {1000}


def test_a_story_across_a_boundary_is_told_in_both_folds_with_each_ones_questions() -> None:
    stories = stories_of(600, 600, 600)
    first, second = fold_of(stories, 0), fold_of(stories, 1)
    assert [len(s.questions) for s in first] == [600, 400]
    assert [len(s.questions) for s in second] == [200, 600]
    assert len(first[1].sentences) == 400
    assert second[0].sentences == stories[1].sentences
    assert second[0].questions == stories[1].questions[400:]


def test_there_is_no_fold_beyond_the_last() -> None:
    with pytest.raises(UsageError, match="no fold 2; this file has folds 0 to 1"):
        fold_of(stories_of(1500), 2)


def test_the_split_keeps_stories_whole_and_follows_its_seed() -> None:
    stories = stories_of(*[5] * 40)
    train, held = split_stories(stories, 0.1, seed=3)
    assert sum(len(s.questions) for s in held) == 20
    assert sorted(map(id, train + held)) == sorted(map(id, stories))
    assert split_stories(stories, 0.1, seed=3) == (train, held)
    assert split_stories(stories, 0.1, seed=4) != (train, held)


@pytest.mark.parametrize("fraction", [0.0, 1.0, -0.5])
def test_a_validation_part_of_nothing_or_everything_is_refused(fraction: float) -> None:
    with pytest.raises(UsageError, match="between 0 and 1"):
        split_stories(stories_of(5, 5), fraction, seed=0)


def test_one_story_is_too_few() -> None:
    with pytest.raises(UsageError, match="too few"):
        split_stories(stories_of(5), 0.1, seed=0)


def test_folds_are_counted_in_the_file_that_has_them(babi: Path, tiny_world: Path) -> None:
    assert {n: count_folds(en(babi), n) for n in (1, 3, 19)} == {1: 10, 3: 1, 19: 10}
    assert count_folds(en(babi, "en-10k"), 3) == 1
    assert count_folds(BabiFolder(name="tiny", path=tiny_world), 1) == 1


def test_folds_of_a_1k_set_come_from_its_10k_set(babi: Path) -> None:
    data = load_training(en(babi), "1", fold=2)
    expected = fold_of(en(babi, "en-10k").stories(1, "train"), 2)
    assert sum(len(s.questions) for s in data.train + data.validation) == 1000
    assert set(data.train) < set(expected)


def test_joint_holds_all_tasks_with_one_vocabulary_and_says_what_stands_in(babi: Path) -> None:
    data = load_training(en(babi, "en-10k"), "joint")
    assert {story.task for story in data.train} == set(range(1, 21))
    assert {story.task for story in data.validation} == set(range(1, 21))
    assert data.sizes.sentence_length == 12
    assert "task 3" in data.notes[0]
    assert "1,000 questions of en" in data.notes[0]


def test_an_incomplete_10k_set_is_said_where_its_missing_task_is_asked_for(babi: Path) -> None:
    with pytest.raises(RelmemError, match="qa3_three-supporting-facts_train.txt is missing"):
        load_training(en(babi, "en-10k"), "3")
    fold = load_training(en(babi, "en-10k"), "3", fold=0)
    assert sum(len(s.questions) for s in fold.train + fold.validation) == 1000


def test_long_stories_keep_their_latest_sentences(babi: Path) -> None:
    assert max(len(s.sentences) for s in load_test(en(babi), 3)) == 130
    assert max(len(s.sentences) for s in load_test(en(babi), 3, cap=20)) == 20
    assert sum(len(s.questions) for s in load_test(en(babi), 3, cap=20)) == 1000


@pytest.mark.parametrize("language", ["en", "hn", "shuffled"])
def test_every_task_of_every_language_has_1000_questions_a_file(babi: Path, language: str) -> None:
    for number in range(1, 21):
        for split in ("train", "test"):
            stories = en(babi, language).stories(number, split)
            assert sum(len(story.questions) for story in stories) == 1000


@pytest.mark.parametrize("task", ["0", "21", "x", "1-3", ""])
def test_a_task_that_is_none_is_refused(task: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="number from 1 to 20"):
        load_training(BabiFolder(name="en", path=tmp_path), task)
