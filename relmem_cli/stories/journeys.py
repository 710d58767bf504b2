"""Ways with several places: "from the attic to the hall", "to the shop and then to the bank"."""

from collections.abc import Iterator, Sequence

from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.english import FIGURES, first_verb, is_verb
from relmem_cli.stories.short_forms import bare, spell_out
from relmem_cli.stories.word_classes import (
    AUXILIARY,
    DETERMINERS,
    FUNCTION_WORDS,
    HOMES,
    JOINING,
    LIGHT,
    RELATED,
    STOPS,
    TIMES,
)

_TO = frozenset(("to", "into", "onto", "towards", "toward"))
_THERE = HOMES | {"inside", "outside"}
_NEXT = frozenset(("and", "then"))
_ON = frozenset(("on", "over", "back", "up", "down", "out", "off", "straight", "directly"))
"""What may stand before "to": "and on to the shop"."""

_LONGEST = 100
"""Tokens of a clause: nobody says more."""

_MAY = frozenset(("will", "would", "can", "could", "shall", "should", "may", "might", "must"))
_NO_WAY = frozenset(("not", "never", "nobody", "read", "change", "switch", "turn"))
_NO_WAY |= {"translate", "pour"}
"""With "from ... to ...", nobody was somewhere: "read from the book to the kids"."""

_ARTICLES = frozenset(("the", "a", "an"))
_OUT = frozenset(("to", "out", "up", "off", "away"))
"""What may follow a verb: "to help out"."""

_ENDS = frozenset(("head", "nose", "top", "front", "start", "beginning", "left", "right", "side"))
"""Where what is no place begins: "black from head to toe"."""

_TIMES = TIMES.union(
    ("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    ("october", "november", "december"),
)


_HOURS = frozenset((*FIGURES.values(), "eleven", "twelve"))
"""What "from nine to five" tells of, and no places."""


def may_be_thing(plain: Sequence[str], at: int) -> bool:
    """Whether a word of a clause may be part of the name of a thing, a place or somebody."""
    if plain[at] == "of" and plain[at + 1 : at + 2] and plain[at + 1] not in FUNCTION_WORDS:
        return True  # "a cup of tea"
    return bool(plain[at]) and plain[at] not in FUNCTION_WORDS and not is_verb(plain, at)


def stages(clause: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """A clause's tokens as one part for each place that it leads to, and one for where it begins.

    >>> list(stages(["tom", "ran", "from", "school", "to", "work"]))
    [('tom', 'was', 'in', 'school'), ('tom', 'ran', 'to', 'work')]
    >>> list(stages(["tom", "ran", "to", "work,", "then", "to", "the", "hut"]))
    [('tom', 'ran', 'to', 'work'), ('tom', 'ran', 'to', 'the', 'hut')]
    """
    plain = [bare(token) for token in clause]
    joined = not _NEXT.isdisjoint(plain) or any(token[-1] in STOPS for token in clause)
    if len(clause) > _LONGEST or not (joined or "from" in plain):
        yield tuple(clause)
        return
    verb = first_verb(plain)
    begin, end = _from_to(clause, plain, verb)
    if end:
        yield (*_subject(clause[:verb]), "was", "in", *clause[begin + 1 : end])
        yield from stages((*clause[:begin], *clause[end:]))
        return
    first = next((at for at in range(verb + 1, len(plain)) if plain[at] in _TO | _THERE), None)
    begin, end = _next_place(clause, plain, first) if first else (0, 0)
    if not first or not end:
        yield tuple(clause)
        return
    yield (*clause[: begin - 1], *filter(None, [clause[begin - 1].rstrip(STOPS)]))
    said = plain[end] in _TO | _THERE
    to = () if said else (clause[first] if plain[first] in _TO else "to",)
    yield from stages((*clause[:first], *to, *clause[end:]))


def _subject(tokens: Sequence[str]) -> tuple[str, ...]:
    """Tokens before a verb without those that go with it: "i" of "i've just"."""
    for end in range(len(tokens), 0, -1):
        words = [word for word, _ in spell_out(tokens[end - 1 : end]) if word not in STOPS]
        if words and not (words[0] in AUXILIARY or words[0] in LIGHT):
            return (*tokens[: end - 1], words[0])
    return tuple(tokens)


def _from_to(clause: Sequence[str], plain: Sequence[str], verb: int) -> tuple[int, int]:
    """Where "from" is and the "to" after its place; zeros where nobody went such a way.

    Nor is it one where something is handed on: "the pen passed from Ann to Bob".
    """
    begin = next((at for at in range(verb + 1, len(plain)) if plain[at] == "from"), 0)
    end = _place_end(plain, begin + 1)
    while end > begin + 1 and plain[end - 1] in _ON:
        end -= 1  # "from work straight to the gym"
    to = end
    while to < len(plain) and plain[to] in _ON:
        to += 1
    if not begin or not verb or plain[verb] in _MAY or {*plain[to : to + 1]}.isdisjoint(_TO):
        return 0, 0
    if any(token[-1] in STOPS for token in clause[begin - 1 : end]):
        return 0, 0
    if not _NO_WAY.isdisjoint((*plain[:begin], *lemmas(plain[verb]).get("VERB", ()))):
        return 0, 0
    one, other = plain[begin + 1 : end], plain[to + 1 : _place_end(plain, to + 1)]
    if one == other or not _names_place(one) or not _is_place(plain, to + 1):
        return 0, 0
    who = [word for word in plain[:verb] if word not in JOINING and word not in LIGHT]
    goes = len(who) == 1 or (who[-1:] and who[-1] in RELATED)
    return (begin, end) if goes or not _ARTICLES.isdisjoint((one[0], other[0])) else (0, 0)


def _next_place(clause: Sequence[str], plain: Sequence[str], at: int) -> tuple[int, int]:
    """Where words join another place to the one at `at`, and where that begins; else zeros."""
    for begin in range(at + 1 + (plain[at] in _TO), len(plain)):
        if plain[begin] not in _NEXT and clause[begin - 1][-1] not in STOPS:
            continue
        place = begin
        while place < len(plain) and plain[place] in _NEXT:
            place += 1
        if plain[place : place + 1] and plain[place] in _ON:
            place += 1
        rest = plain[place:]
        if rest and (rest[0] in _THERE or (rest[0] in _TO and _is_place(plain, place + 1))):
            return begin, place
        ends = not any(plain[_place_end(plain, place) :])
        if ends and "then" in plain[begin:place] and _is_place(plain, place):
            return begin, place
    return 0, 0


def _is_place(plain: Sequence[str], at: int) -> bool:
    """Whether words from one on name a place that somebody goes to, and no deed: "to get to it"."""
    end = _place_end(plain, at)
    name = plain[at:end]
    more = len(name) > 1 or not _OUT.isdisjoint(plain[end : end + 1])
    return _names_place(name) and not (more and name[0] in lemmas(name[0]).get("VERB", ()))


def _names_place(name: Sequence[str]) -> bool:
    """Whether words may name a place, and no time or number."""
    if not name or name[-1] == "next" or name[0] in _ENDS:
        return False
    return not any(map(_tells_when, name))


def _tells_when(word: str) -> bool:
    return word in _TIMES or word in _HOURS or word.endswith("day") or word.isdecimal()


def _place_end(plain: Sequence[str], at: int) -> int:
    while at < len(plain) and (plain[at] in DETERMINERS or may_be_thing(plain, at)):
        at += 1
    return at
