"""From the words of a sentence to what it says: the phrases, read backwards."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from relmem_cli.stories.tokens import tokenize
from relmem_cli.world.inflection import lemma
from relmem_cli.world.lexicon import Lexicon
from relmem_cli.world.phrases import SLOTS, Phrase, Style

Names = tuple[str, ...]
"""One noun, or several that go together."""


class Parsed(NamedTuple):
    """What a sentence or a question says: its meaning, each part's names, and what else it says."""

    meaning: str
    parts: tuple[Names, ...]
    time: str = ""
    also: tuple["Parsed", ...] = ()

    @property
    def nouns(self) -> tuple[str, ...]:
        """Each part's noun, the first of several that go together."""
        return tuple([names[0] for names in self.parts])


_WORDS_OF_SLOT = {
    "np": "np",
    "them": "np",
    "at": "at",
    "to": "to",
    "into": "into",
    "near": "to",
    "far": "to",
    "fly": "to",
    "seek": "np",
    "name": "np",
    "own": ("his", "her", "its", "their", "our", "my"),
    "goal": "np",
    "inside": "np",
    "a": "a",
    "all": "all",
    "is_": ("is", "am", "are"),
    "was": ("was", "were"),
    "has": ("has", "have"),
    "does": ("does", "do"),
    "he": ("he", "she", "it", "they", "we", "i"),
    "him": ("him", "her", "it", "them", "us", "me"),
}
_ROLES = {
    "who": ("person", "pet"),
    "whom": ("person", "pet"),
    "what": ("person", "pet", "thing", "container", "shape"),
    "place": ("place",),
    "thing": ("thing", "container", "shape"),
    "animal": ("animal",),
    "colour": ("colour",),
    "motive": ("motive",),
    "direction": ("direction",),
    "time": ("time",),
}
"""Which words may stand in a slot."""

_NAMED = frozenset(("person", "pet"))
"""Roles whose words go without an article."""

_CLOSED = ("animal", "colour", "motive", "direction", "time")
"""Roles whose words are all known; a name, a place or a thing may be any word."""

DIRECTIONS = ("north", "east", "south", "west")
HE, THEY = ("he", "she", "it", "him", "her"), ("they", "we", "them")
PRONOUNS = (*HE, *THEY)
_PREPOSITIONS = {"at": ("in", "at", "on"), "to": ("to",), "into": ("into",)}
_MOST_OWNERS = 4
"""Words on 's of a sentence in which each may be an owner, "is" or "has"."""

_ARTICLES = ("the", "my", "a", "an")
_TIMED = {"at": "move", "was_at": "move"}
"""Whoever is somewhere at a time has come there."""

_NO_NAME = frozenset({
    "a", "already", "an", "and", "am", "are", "at", "before", "after", "currently", "did", "do",
    "does", "from", "got", "had", "has", "have", "how", "i", "in", "is", "it", "just", "me", "more",
    "no", "not", "now", "of", "on", "or", "still", "than", "that", "the", "there", "then", "they",
    "to", "was", "were", "what", "when", "where", "which", "who", "why", "will", "with",
})  # fmt: skip
"""Words that are no part of an unknown name."""


@dataclass
class _Node:
    words: dict[str, "_Node"] = field(default_factory=dict)
    slots: dict[tuple[int, str, str], "_Node"] = field(default_factory=dict)
    meanings: set[str] = field(default_factory=set)


class Grammar:
    """Reads sentences in some styles; the lexicons say which known words play which role."""

    def __init__(self, styles: Iterable[Style], lexicons: Iterable[Lexicon]) -> None:
        self._root = _Node()
        self._roles: dict[str, set[str]] = {}
        self._then: list[tuple[str, ...]] = []
        self._times: list[tuple[str, ...]] = []
        self.order: dict[str, int] = {}
        for style in styles:
            self._learn(style)
        for lexicon in lexicons:
            for role, nouns in lexicon.roles.items():
                for noun in nouns:
                    self._know(noun.name, role)
            for motive in lexicon.motives:
                self._know(motive.feeling.name, "motive")
        for direction in DIRECTIONS:
            self._know(direction, "direction")
        self._no_name = _NO_NAME.union(PRONOUNS, *self._then, *self._times)
        self.read = lru_cache(maxsize=100_000)(self._read_plain)

    def _know(self, name: str, role: str) -> None:
        self._roles.setdefault(name.lower(), set()).add(role)

    def _learn(self, style: Style) -> None:
        for ways in style.ways.values():
            for phrases in ways:
                for phrase in phrases:
                    self._add(phrase)
        self._then += [tuple(tokenize(words)) for words in style.then]
        for place, time in enumerate(style.times_in_order()):
            self._times.append(tuple(tokenize(time)))
            self.order[time.lower()] = place
            self._know(time, "time")
        self._then.sort(key=len, reverse=True)
        self._times.sort(key=len, reverse=True)

    def _add(self, phrase: Phrase) -> None:
        node = self._root
        slots = iter(phrase.slots)
        for word in _pattern(phrase.text):
            if word == "%s":
                number, form = next(slots)
                name = SLOTS[phrase.meaning][number].rstrip("2")
                node = node.slots.setdefault((number, form, name), _Node())
            else:
                node = node.words.setdefault(word, _Node())
        node.meanings.add(phrase.meaning.removesuffix("_there"))

    def _read_plain(self, tokens: tuple[str, ...]) -> tuple[Parsed, ...]:
        """All that a sentence may say, in the fewest words of names; none if it fits no phrase."""
        found = next(filter(None, map(self._read, _spelled_out(tokens))), ())
        fewest = min(map(self._cost, found), default=(0, 0))
        return tuple(said for said in found if self._cost(said) == fewest)

    def _cost(self, said: Parsed) -> tuple[int, int]:
        """How many words its names have, and how many names are not known."""
        parts = [*said.parts, *(part for other in said.also for part in other.parts)]
        names = [name for names in parts for name in names]
        words = sum(len(name.removeprefix("my ").split(" ")) for name in names)
        return words, sum(
            name not in self._roles and name not in ("i", *PRONOUNS) for name in names
        )

    def _read(self, tokens: tuple[str, ...]) -> tuple[Parsed, ...]:
        found = dict.fromkeys(self._match(tokens))
        if found:
            return tuple(said for said in found if said.meaning != "was_at") or tuple(
                said._replace(meaning="at") for said in found
            )
        for said in self._without_frame(tokens):
            found[said] = None
        return tuple(found) or tuple(self._in_two(tokens))

    def _in_two(self, tokens: tuple[str, ...]) -> Iterator[Parsed]:
        """What two sentences with "and" between say; the second may lack its subject."""
        for place, word in enumerate(tokens):
            if word != "and":
                continue
            rest = tokens[place + 1 :]
            for one in self._read(tokens[:place]):
                subjects, *_ = one.parts
                subject = " and ".join(subjects).split()
                for other in (*self._read(rest), *self._read((*subject, *rest))):
                    yield one._replace(also=(other,))

    def _without_frame(self, tokens: tuple[str, ...]) -> Iterator[Parsed]:
        """Without words such as "then", and with a time taken off either end."""
        for then in self._then:
            if tokens[: len(then)] == then:
                yield from self._read(tokens[len(then) :])
                return
        for time in self._times:
            size = len(time)
            rest: tuple[str, ...] = ()
            if tokens[:size] == time:
                rest = tokens[size:]
            elif tokens[-size:] == time:
                rest = tokens[:-size]
            if rest:
                for said in self._match(rest):
                    meaning = _TIMED.get(said.meaning, said.meaning)
                    yield said._replace(meaning=meaning, time=" ".join(time))

    def _match(self, tokens: tuple[str, ...]) -> Iterator[Parsed]:
        for meaning, bound in _walk(self, self._root, tokens, 0, {}):
            parts = tuple(bound[number] for number in range(len(SLOTS[meaning])) if number in bound)
            if len(parts) == len(SLOTS[meaning]):
                yield Parsed(meaning, parts)

    def fill(
        self, form: str, slot: str, tokens: tuple[str, ...], at: int
    ) -> Iterator[tuple[Names | None, int]]:
        """What may fill a slot from a place on, with where it ends."""
        kind = _WORDS_OF_SLOT[form]
        if isinstance(kind, tuple):
            if tokens[at] in kind:
                yield None, at + 1
        elif kind == "np":
            yield from self._group(slot, tokens, at)
        elif kind in _PREPOSITIONS:
            if tokens[at] in _PREPOSITIONS[kind]:
                yield from self._noun(slot, tokens, at + 1)
            elif kind == "to" and tokens[at] == "home":
                yield ("home",), at + 1
        elif kind == "a" and tokens[at] in ("a", "an"):
            yield from self._noun(slot, tokens, at + 1)
        elif kind == "all":
            yield (lemma(tokens[at], "NOUN"),), at + 1

    def _group(self, slot: str, tokens: tuple[str, ...], at: int) -> Iterator[tuple[Names, int]]:
        """A noun, or several with "and" between."""
        at += tokens[at] == "both" and slot == "who"
        for names, end in self._noun(slot, tokens, at):
            yield names, end
            if slot == "who" and end < len(tokens) and tokens[end] in ("and", ","):
                for more, last in self._group(slot, tokens, end + 1):
                    yield names + more, last

    def _noun(self, slot: str, tokens: tuple[str, ...], at: int) -> Iterator[tuple[Names, int]]:
        first = at
        if at < len(tokens) and tokens[at] in _ARTICLES:
            at += 1
        for end in range(at + 1, min(at + 4, len(tokens)) + 1):
            if tokens[end - 1].endswith("'s"):
                continue
            owned = tokens[at].endswith("'s")
            words = tokens[at + owned : end]  # Tom's bike is the bike
            name = " ".join(words)
            if tokens[first] == "my" and f"my {name}" in self._roles:
                name = f"my {name}"
            bare = not owned and tokens[first] not in _ARTICLES
            if name in ("i", "me", *PRONOUNS):
                may = slot in ("who", "whom", "what")
            else:
                may = self._may_be(slot, name, named=bare or tokens[first] == "my")
            if may:
                yield ("i" if name == "me" else name,), end

    def _may_be(self, slot: str, name: str, *, named: bool) -> bool:
        """Whether a slot may have a noun: by its role, or if it is unknown by its words.

        named  whether it has no article, as names have none
        """
        known = self._roles.get(name)
        if known is not None:
            return not (known if named else known - _NAMED).isdisjoint(_ROLES[slot])
        words = name.split(" ")
        may = slot not in _CLOSED and len(words) <= 2 and self._no_name.isdisjoint(words)
        return may and not (named and slot == "thing")


def _walk(
    grammar: Grammar, node: _Node, tokens: tuple[str, ...], at: int, bound: Mapping[int, Names]
) -> Iterator[tuple[str, Mapping[int, Names]]]:
    if at == len(tokens):
        yield from ((meaning, bound) for meaning in node.meanings)
        return
    if following := node.words.get(tokens[at]):
        yield from _walk(grammar, following, tokens, at + 1, bound)
    for (number, form, slot), following in node.slots.items():
        for names, end in grammar.fill(form, slot, tokens, at):
            if names is None or bound.get(number, names) == names:
                more = bound if names is None else {**bound, number: names}
                yield from _walk(grammar, following, tokens, end, more)


def _pattern(text: str) -> tuple[str, ...]:
    """A phrase's words in small letters, with %s for a slot."""
    return _plain(tokenize(text.replace("%%", "%")))


def _spelled_out(tokens: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The words without contractions, in each way that they can be meant."""
    words = [part for word in _plain(tokens) for part in _long_form(word)]
    forms = [
        ((word,), (word[:-2], "is"), (word[:-2], "has")) if word.endswith("'s") else ((word,),)
        for word in words
    ]
    if sum(len(ways) > 1 for ways in forms) > _MOST_OWNERS:
        yield tuple(words)
        return
    for chosen in product(*forms):
        yield tuple(part for parts in chosen for part in parts)


def _long_form(word: str) -> tuple[str, ...]:
    """Is not for isn't."""
    for end, long in (("n't", "not"), ("'m", "am"), ("'ve", "have"), ("'re", "are")):
        if word.endswith(end):
            return word.removesuffix(end), long
    return (word,)


def _plain(tokens: Iterable[str]) -> tuple[str, ...]:
    """Commas as words of their own, and nothing at the end."""
    words = [word for token in tokens for word in token.replace(",", " , ").split()]
    return tuple(words[:-1] if words and words[-1] in (".", "?") else words)
