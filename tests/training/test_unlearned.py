"""Words that few stories have are read, at times, as ones that a vocabulary lacks."""

import numpy as np
import pytest

from relmem_cli.stories.asked import open_sizes
from relmem_cli.stories.batch import EncodedStory, encode_story
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.training import unlearned
from relmem_cli.training.unlearned import Unlearned

NAMES = {"mary", "ball"}
BANK = 20
TOLD = ["Mary took the ball."] * 49 + ["Mary gladly took the ball in haste, no doubt."]


def story(told: str) -> Story:
    question = Question(text=tuple(tokenize("Who has the ball?")), answer="mary", position=1)
    return Story(sentences=(tuple(tokenize(told)),), questions=(question,))


STORIES = list(map(story, TOLD))
VOCABULARY = Vocabulary.of_open(STORIES, names=NAMES, bank=0)
ENCODED = [encode_story(one, VOCABULARY, open_sizes(VOCABULARY, STORIES, BANK)) for one in STORIES]


def read(often: float) -> list[EncodedStory]:
    words = Unlearned(VOCABULARY, BANK, ENCODED, often=often)
    generator = np.random.default_rng(0)
    return [words.read(one, generator) for one in ENCODED]


def items(ids: list[int]) -> list[str]:
    closed = VOCABULARY.closed
    return [VOCABULARY.items[i] if i < closed else f"name {i - closed}" for i in ids]


def test_verbs_are_others_adverbs_are_gone_and_other_words_are_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unlearned, "VERBS", 1.0)
    monkeypatch.setattr(unlearned, "WORDS", 1.0)
    found = read(1.0)
    assert items(found[0].sentences[0].tolist())[:4] == ["name 0", "<verb>", "the", "name 1"]
    told = items(found[-1].sentences[0].tolist())
    assert told[:5] == ["name 0", "<verb>", "the", "name 1", "in"]
    haste, comma, no, doubt, *rest = told[5:]
    assert (comma, no) == (",", "no")
    assert int(haste.removeprefix("name ")) > 1
    assert int(doubt.removeprefix("name ")) > 1
    assert not set(rest) - {"<pad>"}
    asked = items(found[-1].questions[0].tolist())
    assert asked[:4] == ["who", "have", "the", "name 1"]


def test_some_of_some_stories_words_are_read_so() -> None:
    assert read(0.0) == ENCODED
    often = read(1.0)
    changed = [
        not np.array_equal(one.sentences, other.sentences)
        for one, other in zip(often, ENCODED, strict=True)
    ]
    assert 0 < sum(changed) < len(changed) / 2
    same = sum(one is other for one, other in zip(read(unlearned.STORIES), ENCODED, strict=True))
    assert len(ENCODED) * 0.7 < same < len(ENCODED)
