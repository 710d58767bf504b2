"""How people mention things, as bAbI does not: a thing at first, "it" when it was just told of."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from relmem_cli.stories.english import VERB, Word, words
from relmem_cli.stories.story import Question, Story, retold
from relmem_cli.stories.word_classes import PREPOSITIONS, TIMES

OFTEN = 0.3
"""How many of those that could be "it", "he" or "she" are."""

AT_FIRST = 0.25
"""How many things are "a" thing, "some", "his" or nothing before where they are told of first."""

OTHERWISE = 0.15
"""How many people without an article are "the" one in a story, and of mine "our", "her", ..."""

JOINED = 0.1
"""How many sentences begin with a word that joins them to the one before."""

_JOINING = ("and", "but")
_PARTICLES = frozenset(("up", "down", "away", "along", "back", "off", "out"))
_THE = frozenset(("the",))
_ARTICLES = _THE | {"my"}
_PERSONS = ("he", "she")
_FIRST = ("a", "a", "some", "", "his", "her", "my")
_OF_A_KIND = frozenset(("a", "an", "all", "most", "the", "to", "in", "at", "from", "of"))
_WHEN = TIMES | {
    "then", "next", "later", "afterwards", "after", "that", "soon", "shortly", "following", "this",
    "last", "yesterday", "today", "tonight", "now", "and", "but", "so", "two", "ago", "end",
    "on", "at", "in", "a", "little", "monday", "tuesday", "wednesday", "thursday", "right", "long",
}  # fmt: skip
"""What may come before whom a sentence is about: "in a little while Mary", "on Monday Mary"."""
_words = lru_cache(maxsize=4096)(words)
_OWNERS = ("the", "our", "his", "her", "their")


def as_mentioned(story: Story, names: Container[str], rng: Any) -> Story:
    """The story with pronouns for some of what the sentence before was about too.

    "it" for a thing that both have as an object, "took the ball", "put down the ball", the one
    before no other; one sentence between them may have none; or one sentence has it twice.
    "he", "she" or "it" for whom both begin with. Some things are "a" or "his" thing at first, some
    sentences begin with "and" or "but". Questions ask of the thing or the person that the sentence
    before them is about by a pronoun, by chance. In some stories somebody is "the" one, or not
    mine but "our" or "her" one.
    """
    story = _called(story, names, rng)
    sentences: list[tuple[str, ...]] = []
    before: list[Names] = []
    silent = 0
    subject: Names | None = None
    met: set[tuple[str, ...]] = set()
    persons: dict[tuple[str, ...], str] = {}
    for sentence in story.sentences:
        found = _words(sentence)
        objects, about = list(_objects(found, names)), _subject(found, names)
        same = len(before) == len(objects) == 1 and objects[0].name == before[0].name
        said = sentence
        if len(objects) == 2 and objects[0].name == objects[1].name:
            said, objects = _put(said, objects[1], "it", rng), objects[:1]
            same = len(before) == 1 and objects[0].name == before[0].name
        if same:
            said = _put(said, objects[0], "it", rng)
        if about and subject and about.name == subject.name:
            pronoun = persons.setdefault(about.name, rng.choice(_PERSONS))
            said = _put(said, about, "it" if said[about.first] == "the" else pronoun, rng)
        said = _indefinite(said, names, met, rng)
        joined = bool(sentences) and said[0] not in _JOINING and rng.random() < JOINED
        sentences.append((rng.choice(_JOINING), *said) if joined else said)
        silent = 0 if objects else silent + 1
        before = objects or (before if silent == 1 else [])
        if about or any(word.base in names for word in found):
            subject = about
    questions = tuple(_asked(question, story, names, rng) for question in story.questions)
    return replace(story, sentences=tuple(sentences), questions=questions)


class Names(NamedTuple):
    """A name in a text: its words, and its first and last token with its article."""

    name: tuple[str, ...]
    first: int
    last: int


def _indefinite(
    text: tuple[str, ...], names: Container[str], met: set[tuple[str, ...]], rng: Any
) -> tuple[str, ...]:
    """The text with "a" before some names that are new; all of its names are met then."""
    found = _words(text)
    said = list(text)
    for at in range(len(found) - 1):
        one = _name(found, at, names)
        if one is None:
            continue
        new = one.name not in met
        met.add(one.name)
        if new and said[one.first] == "the" and rng.random() < AT_FIRST:
            said[one.first] = rng.choice(_FIRST)
    return tuple(filter(None, said))


def _called(story: Story, names: Container[str], rng: Any) -> Story:
    """The story with other articles for some people, the same ones throughout."""
    those = {name for name in _people(story, names) if rng.random() < OTHERWISE}
    owner = rng.choice(_OWNERS) if rng.random() < OTHERWISE else "my"
    if not those and owner == "my":
        return story

    def said(text: Sequence[str]) -> tuple[str, ...]:
        the = {word.place for word in _words(tuple(text)) if word.base in those}
        called = [owner if word == "my" else word for word in text]
        return tuple(
            word
            for at, one in enumerate(called)
            for word in (("the", one) if at in the else (one,))
        )

    return retold(story, said)


def _people(story: Story, names: Container[str]) -> list[str]:
    """Whom sentences begin with, but for kinds and places, that have other words before them."""
    first, others = set(), set()
    for text in (*story.sentences, *(question.text for question in story.questions)):
        before = ""
        for word in _words(text):
            if word.base in names and not before:
                first.add(word.base)
            elif word.base in names and before in _OF_A_KIND:
                others.add(word.base)
            before = word.base
    return sorted(first - others)


def _put(text: tuple[str, ...], name: Names, pronoun: str, rng: Any) -> tuple[str, ...]:
    """The text, OFTEN with a pronoun for a name."""
    if rng.random() >= OFTEN or "'" in text[name.last]:
        return text
    return (*text[: name.first], pronoun, *text[name.last + 1 :])


def _asked(question: Question, story: Story, names: Container[str], rng: Any) -> Question:
    """A question about what the sentence before it is about, by a pronoun at times."""
    if not question.position:
        return question
    before = _words(story.sentences[question.position - 1])
    objects, subject = list(_objects(before, names)), _subject(before, names)
    found = _words(question.text)
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
    """Who a sentence begins with, alone; words that tell when may come before."""
    at = next((at for at, word in enumerate(found) if word.base not in _WHEN), len(found))
    one = _name(found, at, names) if at < len(found) else None
    if at and found[at - 1].base in PREPOSITIONS:
        return None
    after = next((word.base for word in found if one and word.place > one.last), "")
    return None if after in ("and", ",") else one


def _name(found: Sequence[Word], at: int, names: Container[str]) -> Names | None:
    """The name that begins at a word, with its article."""
    begin = at + (found[at].base in _ARTICLES)
    end = begin
    while end < len(found) and found[end].base in names and not found[end].base.endswith(VERB):
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
