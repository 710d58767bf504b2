"""Things that were just told of said again as "it", as people do and bAbI does not."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import Any

from relmem_cli.stories.english import VERB, Word, words
from relmem_cli.stories.story import Story

OFTEN = 0.3
"""How many of the things that could be "it" are."""

_PARTICLES = frozenset(("up", "down", "away", "along", "back", "off", "out"))
_ARTICLES = frozenset(("the", "my"))


def with_pronouns(story: Story, names: Container[str], rng: Any) -> Story:
    """The story with "it" for some things that the sentence before did something with too.

    That is so where both have the thing as an object, "took the ball", "put down the ball", and
    the one before no other.
    """
    told: list[tuple[str, ...]] = []
    before: list[tuple[str, ...]] = []
    for sentence in story.sentences:
        found = words(sentence)
        objects = list(_objects(found, names))
        new = sentence
        if len(before) == len(objects) == 1:
            name, first, last = objects[0]
            if name == before[0] and rng.random() < OFTEN:
                new = (*sentence[:first], "it", *sentence[last + 1 :])
        told.append(new)
        before = [name for name, _, _ in objects]
    return replace(story, sentences=tuple(told))


def _objects(
    found: Sequence[Word], names: Container[str]
) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Each thing that a verb is about: its words, and its first and last token."""
    for at in range(1, len(found) - 1):
        after_verb = found[at - 1].base.endswith(VERB) or found[at - 1].base in _PARTICLES
        if found[at].base in _ARTICLES and after_verb:
            end = at + 1
            while end < len(found) and found[end].base in names:
                end += 1
            if end > at + 1:
                name = tuple(word.base for word in found[at + 1 : end])
                yield name, found[at].place, found[end - 1].place
