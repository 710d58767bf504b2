import random

import numpy as np
import pytest

from relmem_cli.stories import patterns
from relmem_cli.stories.patterns import PAIRS, Patterns, answer_parts
from relmem_cli.stories.story import Question, Story

WORDS = ("ann", "bob", "cup", "hat", "got", "lost")


def stories(seed: int, count: int = 12) -> list[Story]:
    """Stories of random words, some of them with joint answers."""
    generator = random.Random(seed)

    def text() -> tuple[str, ...]:
        return tuple(generator.choices(WORDS, k=3))

    return [
        Story(
            sentences=tuple(text() for _ in range(4)),
            questions=tuple(
                Question(text=text(), answer=",".join(text()[:n]), position=n + 1) for n in (1, 2)
            ),
        )
        for _ in range(count)
    ]


def renamed(story: Story, to: dict[str, str]) -> Story:
    def words(text: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(to[word] for word in text)

    return Story(
        sentences=tuple(map(words, story.sentences)),
        questions=tuple(
            Question(
                text=words(q.text),
                answer=",".join(words(answer_parts(q.answer))),
                position=q.position,
            )
            for q in story.questions
        ),
    )


@pytest.mark.parametrize("seed", range(5))
def test_renaming_all_stories_renames_the_counts_and_changes_nothing_else(seed: int) -> None:
    told = stories(seed)
    other = list(WORDS)
    random.Random(seed).shuffle(other)
    to = dict(zip(WORDS, other, strict=True))
    before, after = Patterns(told), Patterns([renamed(story, to) for story in told])
    place = np.array([*(after.ids[to[word]] for word in before.words), len(WORDS)])
    assert np.array_equal(before.pairs, after.pairs[place][:, place])
    assert np.array_equal(before.stories, after.stories[place])
    for one, two in zip(before.places, after.places, strict=True):
        assert np.array_equal(one.sum(axis=1), two[place].sum(axis=1))


def test_pairs_count_what_they_say() -> None:
    story = Story(
        sentences=(("ann", "got", "cup"), ("bob", "lost", "cup")),
        questions=(Question(text=("ann", "hat"), answer="Bob,cup", position=2),),
    )
    found = Patterns([story] * 3)

    def count(phrase: str, a: str, b: str) -> list[int]:
        kind = PAIRS.index(phrase)
        return found.pairs[found.ids[a], found.ids[b], kind].tolist()

    assert count("{a} before {b} in a sentence", "ann", "cup") == [1, 1, 1]
    assert count("{a} right before {b} in a sentence", "ann", "cup") == [0, 0, 0]
    assert count("question with {a}, answer {b}", "hat", "bob") == [1, 1, 1]
    assert count("{a} told of before {b}", "got", "lost") == [1, 1, 1]
    assert count("{a} told of before {b}", "lost", "got") == [0, 0, 0]
    assert count("{a} in the last sentence, answer {b}", "lost", "cup") == [1, 1, 1]
    assert count("{a} in the last sentence, answer {b}", "got", "cup") == [0, 0, 0]


def test_only_words_that_are_told_or_asked_count_as_spoken() -> None:
    found = Patterns(
        [Story(sentences=(("ann",),), questions=(Question(text=("?",), answer="x", position=1),))]
    )
    spoken = {word: bool(found.spoken[number]) for word, number in found.ids.items()}
    assert spoken == {"ann": True, "?": True, "x": False}


def test_large_data_are_looked_at_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "MOST_WORDS", 3)
    monkeypatch.setattr(patterns, "MOST_CELLS", len(PAIRS) * 16 * 5)
    found = Patterns(stories(0, 12))
    assert len(found.words) == 3
    assert found.pairs.shape == (4, 4, len(PAIRS), 4)
