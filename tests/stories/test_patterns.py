import itertools
import random
from collections import Counter

import numpy as np
import pytest

from relmem_cli.stories import patterns
from relmem_cli.stories.patterns import PAIRS, PLACES, Patterns, answer_parts
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


FIRST, SECOND, THIRD = "ann got cup .", "ann lost a hat .", "bob got hat ."
TOLD = Story(
    sentences=tuple(tuple(text.split()) for text in (FIRST, SECOND, THIRD)),
    questions=(
        Question(text=("where", "ann", "hat"), answer="Cup", position=2),
        Question(text=("where", "got"), answer="hat,bob", position=3),
    ),
)
ASKED = Story(sentences=(), questions=(Question(text=("where", "bob"), answer="a", position=0),))
"""Beside TOLD it makes "where" a word of all questions, which no question asks for."""


def cross(*sides: tuple[str, str]) -> Counter[tuple[str, ...]]:
    """Every word of a left side with every word of its right side."""
    return Counter(
        pair for one, other in sides for pair in itertools.product(one.split(), other.split())
    )


def ordered(*texts: str) -> Counter[tuple[str, ...]]:
    """Every word of a text with every later one."""
    return Counter(pair for text in texts for pair in itertools.combinations(text.split(), 2))


EVERY = "ann got cup . lost a hat bob"

EXPECTED_PAIRS = {
    "{a} before {b} in a sentence": ordered(FIRST, SECOND, THIRD),
    "{a} right before {b} in a sentence": ordered(
        "ann got", "got cup", "cup .", "ann lost", "lost a", "a hat", "hat .",
        "bob got", "got hat", "hat .",
    ),
    "{a} before {b} in a question": ordered("where ann hat", "where got"),
    "question with {a}, answer {b}": cross(("where ann hat", "cup"), ("where got", "hat bob")),
    "{a} in a sentence, {b} in the next": cross((FIRST, SECOND), (SECOND, THIRD)),
    "{a} and {b} in one story": ordered(EVERY, " ".join(reversed(EVERY.split()))),
    "{a} told of before {b}": cross((FIRST, "lost a hat bob"), ("lost a hat", "bob")),
    "{a} told of, question with {b}": cross(
        ("ann got cup . lost a hat", "where ann hat"), (EVERY, "where got")
    ),
    "{a} told of, answer {b}": cross(("ann got cup . lost a hat", "cup"), (EVERY, "hat bob")),
    "{a} in the last sentence, answer {b}": cross((SECOND, "cup"), (THIRD, "hat bob")),
    # of the first and third sentence, both as like "where got", the later one
    "{a} in the sentence most like the question, answer {b}": cross(
        (SECOND, "cup"), (THIRD, "hat bob")
    ),
    "{a} in the sentence most like the question, {b} in that most like the answer": cross(
        (SECOND, FIRST), (THIRD, THIRD)
    ),
    "answers {a} and {b} in one story": ordered("cup hat bob", "bob hat cup"),
    # they share ann, got and hat; the full stop, in all of them, is no such word
    "{a} in a sentence, {b} in the next that shares a word": cross(
        (FIRST, SECOND), (FIRST, THIRD), (SECOND, THIRD)
    ),
    # the first question asks for ann and hat before the third sentence, the second one for got
    "{a} before the first word that is asked for, answer {b}": cross(("ann bob", "hat bob")),
    "{a} after the first word that is asked for, answer {b}": cross(
        ("got cup . lost a hat .", "cup"), ("cup . hat .", "hat bob")
    ),
    "{a} before the second word that is asked for, answer {b}": cross(("ann lost a", "cup")),
    "{a} after the second word that is asked for, answer {b}": cross((".", "cup")),
}  # fmt: skip

EXPECTED_PLACES = {
    "{a} at a place in a sentence": [
        "ann bob", "got got", "cup hat", ". .", "ann", "lost", "a", "hat", ".",
    ],
    "{a} at a place in a question": ["where", "ann", "hat", "where", "got"],
    "{a} at a place in an answer": ["cup", "hat", "bob"],
    "{a} in the sentence most like the question": [f"{SECOND} {THIRD}"],
    "{a} in the sentence most like the answer": [f"{FIRST} {THIRD}"],
    "answer {a} to a question as like a sentence": ["cup", "hat bob"],
    "{a} in a sentence as far into the story": [FIRST, SECOND, THIRD],
    "{a} in as many sentences of a story": ["cup lost a bob", "ann got hat", "."],
}  # fmt: skip


@pytest.mark.parametrize("phrase", PAIRS)
def test_pairs_count_what_they_say(phrase: str) -> None:
    found = Patterns([TOLD, ASKED])
    counts = found.pairs[:, :, PAIRS.index(phrase), 0]
    seen = {
        (found.words[a], found.words[b]): int(counts[a, b]) for a, b in np.argwhere(counts).tolist()
    }
    assert seen == EXPECTED_PAIRS[phrase]


@pytest.mark.parametrize("phrase", PLACES)
def test_places_count_what_they_say(phrase: str) -> None:
    """As the words at each place: which number a place has says nothing."""
    found = Patterns([TOLD, ASKED])
    counts = found.places[PLACES.index(phrase)][:, :, 0, 0]
    seen = [
        sorted(word for word, n in zip(found.words, column, strict=False) for _ in range(n))
        for column in counts.T.tolist()
        if any(column)
    ]
    assert sorted(seen) == sorted(sorted(words.split()) for words in EXPECTED_PLACES[phrase])


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
