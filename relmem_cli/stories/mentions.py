"""How people mention things, as bAbI does not: a thing at first, "it" when it was just told of."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from relmem_cli.stories.english import VERB, Word, words
from relmem_cli.stories.story import Question, Story

OFTEN = 0.3
"""How many of the things that could be "it" are."""

AT_FIRST = 0.15
"""How many things are "a" thing where they are told of for the first time."""

_PARTICLES = frozenset(("up", "down", "away", "along", "back", "off", "out"))
_THE = frozenset(("the",))
_ARTICLES = _THE | {"my"}
_PERSONS = ("he", "she")


def as_mentioned(story: Story, names: Container[str], rng: Any) -> Story:
    """The story with "it" for some things that the sentence before did something with too.

    That is so where both have the thing as an object, "took the ball", "put down the ball", and
    the one before no other. Some things are "a" thing at first. Questions ask of the thing or the
    person that the sentence before them is about as "it", and as "he" or "she", by chance.
    """
    told: list[tuple[str, ...]] = []
    before: list[Names] = []
    met: set[tuple[str, ...]] = set()
    for sentence in story.sentences:
        objects = list(_objects(words(sentence), names))
        same = len(before) == len(objects) == 1 and objects[0].name == before[0].name
        said = _put(sentence, objects[0], "it", rng) if same else sentence
        told.append(_indefinite(said, names, met, rng))
        before = objects
    questions = tuple(_asked(question, story, names, rng) for question in story.questions)
    return replace(story, sentences=tuple(told), questions=questions)


class Names(NamedTuple):
    """A name in a text: its words, and its first and last token with its article."""

    name: tuple[str, ...]
    first: int
    last: int


def _indefinite(
    text: tuple[str, ...], names: Container[str], met: set[tuple[str, ...]], rng: Any
) -> tuple[str, ...]:
    """The text with "a" before some names that are new; all of its names are met then."""
    found = words(text)
    said = list(text)
    for at in range(len(found) - 1):
        one = _name(found, at, names)
        if one is None:
            continue
        new = one.name not in met
        met.add(one.name)
        if new and said[one.first] == "the" and rng.random() < AT_FIRST:
            said[one.first] = "an" if said[one.first + 1][0] in "aeiou" else "a"
    return tuple(said)


def _put(text: tuple[str, ...], name: Names, pronoun: str, rng: Any) -> tuple[str, ...]:
    """The text, OFTEN with a pronoun for a name."""
    if rng.random() >= OFTEN or "'" in text[name.last]:
        return text
    return (*text[: name.first], pronoun, *text[name.last + 1 :])


def _asked(question: Question, story: Story, names: Container[str], rng: Any) -> Question:
    """A question about what the sentence before it is about, by a pronoun at times."""
    if not question.position:
        return question
    before = words(story.sentences[question.position - 1])
    objects, subject = list(_objects(before, names)), _subject(before, names)
    found = words(question.text)
    for at in range(1, len(found)):
        asked = _name(found, at, names)
        if asked is None:
            continue
        if len(objects) == 1 and asked.name == objects[0].name and found[at].base in _ARTICLES:
            return replace(question, text=_put(question.text, asked, "it", rng))
        if subject and asked.name == subject.name and found[at].base not in _THE:
            return replace(question, text=_put(question.text, asked, rng.choice(_PERSONS), rng))
    return question


def _subject(found: Sequence[Word], names: Container[str]) -> Names | None:
    """Who a sentence begins with, alone."""
    one = _name(found, 0, names)
    after = next((word.base for word in found if one and word.place > one.last), "")
    return None if after in ("and", ",") else one


def _name(found: Sequence[Word], at: int, names: Container[str]) -> Names | None:
    """The name that begins at a word, with its article."""
    begin = at + (found[at].base in _ARTICLES)
    end = begin
    while end < len(found) and found[end].base in names:
        end += 1
    if end == begin:
        return None
    name = tuple(word.base for word in found[begin:end])
    return Names(name, found[at].place, found[end - 1].place)


def _objects(found: Sequence[Word], names: Container[str]) -> Iterator[Names]:
    """Each thing that a verb is about."""
    for at in range(1, len(found) - 1):
        after_verb = found[at - 1].base.endswith(VERB) or found[at - 1].base in _PARTICLES
        if found[at].base in _ARTICLES and after_verb and (one := _name(found, at, names)):
            yield one
