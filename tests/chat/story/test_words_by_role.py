"""What a model knows is listed by role, and there are stories of each kind to try."""

from random import Random

import pytest

from relmem_cli.chat.story.examples import kinds_to_try, tell_example
from relmem_cli.chat.story.words_by_role import ANY, words_by_role
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_cli.training.cards import ModelCard


def card(vocabulary: Vocabulary, **record: object) -> ModelCard:
    sizes = Sizes(vocabulary=len(vocabulary), sentence_length=9, question_length=9)
    return ModelCard(variant="v", options={}, sizes=sizes, vocabulary=vocabulary, record=record)


def test_an_open_vocabulary_takes_any_name_and_lists_its_verbs() -> None:
    items = ("<pad>", "<end>", "<said>", "<verb>", ",", "go~", "kitchen", "the", "tired", "xyzzy's")
    groups = words_by_role(card(Vocabulary(items)))
    assert groups["names, places, things"] == [ANY]
    assert groups["verbs"] == ["go"]
    assert "the" in groups["function words"]
    assert "kitchen" in groups["other nouns"]
    assert groups["adjectives and adverbs"] == ["tired"]
    assert groups["other words"] == ["xyzzy's"]
    assert not any("<" in word for words in groups.values() for word in words)


def test_a_closed_vocabulary_is_listed_by_the_roles_that_training_found() -> None:
    vocabulary = Vocabulary(("<pad>", "garden", "john", "kitchen", "mary", "went"))
    roles = {"1": [[["mary"], ["john"]]], "2": [[["john"], ["mary"]], [["kitchen"], ["garden"]]]}
    groups = words_by_role(card(vocabulary, roles=roles))
    assert groups["role 1"] == ["john", "mary"]
    assert groups["role 2"] == ["garden", "kitchen"]
    assert groups["other words"] == ["went"]


@pytest.mark.parametrize("style", ["babi", "everyday"])
@pytest.mark.parametrize("kind", kinds_to_try())
def test_an_example_of_every_kind_is_short_and_ends_with_a_question(kind: str, style: str) -> None:
    found = tell_example(kind, style=style, rng=Random(3))
    assert found.title
    assert [line.answer is not None for line in found.lines].count(True) == 1
    assert found.lines[-1].answer
    assert sum(len(tokenize(line.text)) for line in found.lines) < 120
