"""A sentence in parts: one for each thing that it tells."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.english import first_verb, is_verb, tells_how
from relmem_cli.stories.journeys import may_be_thing, stages
from relmem_cli.stories.short_forms import bare, spell_out
from relmem_cli.stories.word_classes import (
    AUXILIARY,
    DETERMINERS,
    JOINING,
    PREPOSITIONS,
    STOPS,
)

_NEVER_SPLIT = frozenset(("when", "going"))
_OPENING = JOINING | {"just", "soon", "shortly", "right"}
"""What may stand before the first word that tells what kind of clause it is."""

_PARTICLES = frozenset(("up", "out", "down", "away", "back", "along", "just", "also"))
_NUMBERS = frozenset(
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "some")
)
_SIDES = frozenset(("north", "south", "east", "west", "left", "right", "above", "below"))
_COMPARING = _SIDES | {"than"}
_MAY_BE = frozenset(("may", "might", "could"))
_BESIDE = frozenset(("before", "after", "until"))
"""What begins a clause beside the main one where a verb follows: "after he left, Tom slept"."""


def parts(text: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A sentence's tokens between words that may join clauses, and commas."""
    begin = 0
    for place in range(1, len(text)):
        if _joins(text, place):
            yield tuple(text[begin:place])
            begin = place
    yield tuple(text[begin:])


def clauses(text: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A sentence's tokens as one part for each thing that it tells.

    It is parted before "and", "but", "then" or at a comma, where there is a verb on both sides. A
    verb with a list of things is a part for each: "took the apple and the milk"; so is one with
    several places, "ran from the hut to the park and then to the lake", with one for where it was.

    >>> list(clauses(["i'm", "here,", "and", "my", "dog", "ran", "home", "."]))
    [("i'm", 'here,'), ('and', 'my', 'dog', 'ran', 'home', '.')]
    """
    if any(bare(token) == "or" for token in text):
        return _parted(text)
    return map(_unsure, _parted(text))


def _parted(text: Sequence[str]) -> Iterator[tuple[str, ...]]:
    verbs = _count_verbs(text)
    first = next((word for word in map(bare, text) if word not in _OPENING), "")
    comma = next((at for at, token in enumerate(text) if token[-1] in STOPS), len(text) - 1)
    unsure = not {"if", "either"}.isdisjoint(map(bare, text[:3]))
    if unsure or first in _NEVER_SPLIT or (first in _BESIDE and verbs[comma + 1]):
        yield tuple(text)
        return
    joins = [place for place in range(1, len(text)) if _joins(text, place)]
    begin = 0
    for place, end in pairwise((*joins, len(text))):
        if verbs[begin] < verbs[place] < verbs[end]:
            yield from _told(text[begin:place])
            begin = place
    yield from _told(text[begin:])


def _count_verbs(text: Sequence[str]) -> list[int]:
    """How many verbs there are before each token, and in all."""
    found = spell_out(text)
    plain = [word for word, _ in found]
    marked = [0] * (len(text) + 1)
    for at, (word, token) in enumerate(found):
        verb = word not in STOPS and is_verb(plain, at) and not tells_how(plain, at)
        marked[token + 1] += verb
    return list(accumulate(marked))


def _told(clause: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A clause for each place of a way, each side where something is and each thing of a list."""
    for stage in stages(clause):
        for side in _sides(stage):
            yield from _each(side)


def _sides(clause: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A clause for each of "is north of the hut and to the left of the park".

    And of "is older than Ann and younger than Bob".
    """
    plain = [bare(token) for token in clause]
    if {"and", "but"}.isdisjoint(plain) or _COMPARING.isdisjoint(plain):
        yield tuple(clause)
        return
    begin = verb = first_verb(plain)
    for at in range(verb + 1, len(plain) - 1):
        if plain[at] in ("and", "but") and (_is_side(plain, at + 1) or _compares(plain, at)):
            yield (*clause[:verb], *clause[begin:at])
            begin = at
            clause = (*clause[:at], clause[verb], *clause[at + 1 :])  # "is" in place of "and"
    yield (*clause[:verb], *clause[begin:])


def _is_side(plain: Sequence[str], at: int) -> bool:
    at += 2 * (plain[at : at + 2] == ["to", "the"])
    return at < len(plain) and plain[at] in _SIDES


def _compares(plain: Sequence[str], at: int) -> bool:
    """Whether one more comparison with the same subject follows, "and younger than Bob"."""
    again = "than" in plain[:at] and "than" in plain[at + 2 : at + 4]
    return again and plain[at + 1] not in DETERMINERS


def _unsure(clause: tuple[str, ...]) -> tuple[str, ...]:
    """A clause that tells where somebody may be, with "or elsewhere" at its end."""
    plain = [bare(token) for token in clause]
    modal = next((at for at, word in enumerate(plain) if word in _MAY_BE), len(plain))
    where = PREPOSITIONS.intersection(plain[modal + 2 : modal + 3])
    if plain[modal + 1 : modal + 2] != ["be"] or not where:
        return clause
    end = len(clause) - (clause[-1] == ".")
    return (*clause[:end], "or", "elsewhere", *clause[end:])


def _each(clause: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A clause for each thing of a list after its verb."""
    plain = [bare(token) for token in clause]
    verb = first_verb(plain)
    at = _object_at(plain, verb + 1)
    things, end = _list_from(clause, plain, at)
    if len(things) > 1:
        for thing in things:
            yield (*clause[:at], *thing, *clause[end:])
    elif second := _second_thing(plain, at):
        yield tuple(clause[: second - 1])
        yield from _each((*clause[:at], *clause[second:]))
    else:
        yield tuple(clause)


def _object_at(plain: Sequence[str], at: int) -> int:
    """Where what a verb is about begins: right after it, "bought milk", or with an article."""
    while at < len(plain) and plain[at] in _PARTICLES:
        at += 1
    if at < len(plain) and may_be_thing(plain, at):
        return at
    return next((at for at in range(at, len(plain)) if plain[at] in DETERMINERS), len(plain))


def _second_thing(plain: Sequence[str], at: int) -> int:
    """Where another thing begins that the verb has too, after the first one; 0 where none does.

    at  where that begins: "the cup on the table and the fork in the drawer"
    """
    for place in range(at + 1, len(plain) - 2):
        joined = plain[place] == "and" and plain[place + 1] in DETERMINERS
        if not joined or not any(word in PREPOSITIONS for word in plain[at:place]):
            continue
        end = place + 2
        while end < len(plain) and may_be_thing(plain, end):
            end += 1
        if place + 2 < end < len(plain) and plain[end] in PREPOSITIONS:
            return place + 1
    return 0


def _list_from(
    clause: Sequence[str], plain: Sequence[str], at: int
) -> tuple[list[tuple[str, ...]], int]:
    """The things of a list that begins at a token, each with its article, and where it ends.

    None has one in "eggs, milk and cheese", where nothing or a preposition follows.
    """
    things: list[tuple[str, ...]] = []
    articles = plain[at : at + 1] and plain[at] in DETERMINERS
    while at < len(plain) and (plain[at] in DETERMINERS or not articles):
        end = at + (plain[at] in DETERMINERS)
        while end < len(plain) and may_be_thing(plain, end):
            end += 1
            if clause[end - 1][-1] in STOPS:
                break
        if end == at + (plain[at] in DETERMINERS):
            break
        things.append((*clause[at : end - 1], clause[end - 1].rstrip(STOPS)))
        comma, joined = clause[end - 1][-1] in STOPS, plain[end : end + 1] == ["and"]
        at = end + joined
        if not comma and not joined:
            plainly = articles or (_ends(plain, end) and all(map(_is_bare_thing, things)))
            return (things, end) if plainly else ([], end)
    return [], at


def _ends(plain: Sequence[str], end: int) -> bool:
    return end == len(plain) or not plain[end] or plain[end] in PREPOSITIONS


def _is_bare_thing(thing: Sequence[str]) -> bool:
    """Whether words without an article are a thing or somebody: "milk", "two pears", "Ann"."""
    *number, name = thing
    if len(number) > 1 or not all(one.isdecimal() or one in _NUMBERS for one in number):
        return False
    return not {"ADJ", "ADV", "NUM"} & lemmas(name).keys()


def _joins(text: Sequence[str], place: int) -> bool:
    """Whether a clause may begin at a token."""
    word, before = bare(text[place]), text[place - 1]
    if word == "then" and before in AUXILIARY:
        return False  # "had then left"
    return word in JOINING or before[-1] in STOPS
