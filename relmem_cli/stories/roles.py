"""Words that play the same role, found from stories alone: names, places, things.

Exchanges of two words are tested first. Where one fails, or is not independent of another, it is
tried again with further words that change places along: cats with cat, wolves with wolf.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import NamedTuple

from relmem_cli.stories.exchange import CountDifference, Exchange, Exchanges
from relmem_cli.stories.patterns import Patterns
from relmem_cli.stories.story import Story

_MOST_PAIRS = 6
"""Pairs of words that change places at once, at most."""


@dataclass(frozen=True, kw_only=True)
class Role:
    """Members that may be exchanged; a member's words go together, as in (cat, cats)."""

    members: tuple[tuple[str, ...], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """All words of the role."""
        return tuple(word for member in self.members for word in member)


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """Two words in the same places that may not be exchanged, and what differs between them."""

    words: tuple[str, str]
    why: str


@dataclass(frozen=True, kw_only=True)
class Roles:
    """What was found: the roles, and the exchanges that were thought of and rejected."""

    roles: tuple[Role, ...] = ()
    rejected: tuple[Rejected, ...] = ()


def find_roles(stories: Sequence[Story]) -> Roles:
    """The roles of the stories' words; none where there are too few stories to tell."""
    return _RoleSearch(Patterns(stories)).run() if stories else Roles()


_Members = list[tuple[int, ...]]
"""A role as words' numbers."""


class _Tie(NamedTuple):
    """Another exchange, and how far one is from being independent of it (`Exchanges.tie`)."""

    score: float
    exchange: Exchange


class _RoleSearch:
    """The search in some stories' counts."""

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        self._tests = Exchanges(patterns)
        self._ties: dict[Exchange, list[_Tie]] = {}
        self._free: list[Exchange] = []

    def run(self) -> Roles:
        """Find everything."""
        pairs = self._candidates()
        differences = {pair: self._tests.worst(pair) for pair in pairs}
        limit = self._tests.limit()
        classes = _classes([pair for pair in pairs if differences[pair].z < limit])
        tied = self._find_ties(classes)
        classes = [words for place, words in enumerate(classes) if place not in tied]
        groups = [set(words) for words in classes]
        self._free = [_pair(*two) for words in classes for two in combinations(words, 2)]
        found: list[_Members] = [[(word,) for word in words] for words in classes]
        alone = len(found)
        for joint in self._joint_exchanges(pair for pair in pairs if not _together(pair, groups)):
            if not _together(joint, groups):
                found[alone:] = _attach(found[alone:], joint)
                groups = _joined(groups, joint)
        return Roles(
            roles=tuple(self._role(members) for members in found),
            rejected=tuple(self._explain(differences, groups)),
        )

    def _candidates(self) -> list[Exchange]:
        """Pairs of words in the same places, in enough stories that a half of them would tell.

        A word that is only ever an answer has no meaning of its own: it moves along or not at all.
        """
        patterns = self._patterns
        enough = 2 * self._tests.limit() ** 2
        words = [
            word
            for word in range(len(patterns.words))
            if patterns.spoken[word] and patterns.stories[word] >= enough
        ]
        return [_pair(*two) for two in combinations(words, 2) if self._tests.same_places(*two)]

    def _find_ties(self, classes: Sequence[Sequence[int]]) -> set[int]:
        """The classes whose exchanges are not independent of another's, or of one another."""
        swaps = [[_pair(*two) for two in combinations(words, 2)] for words in classes]
        count = sum(map(len, swaps))
        limit = self._tests.tie_limit(count * count // 2)
        tied = set()
        for i, j in combinations_with_replacement(range(len(classes)), 2):
            for one in swaps[i]:
                for other in swaps[j]:
                    score = self._tests.tie(one, other)
                    if abs(score) >= limit:
                        tied |= {i, j}
                        self._ties.setdefault(one, []).append(_Tie(score, other))
                        self._ties.setdefault(other, []).append(_Tie(score, one))
        return tied

    def _joint_exchanges(self, pairs: Iterable[Exchange]) -> list[Exchange]:
        """The pairs with what has to move along, where that makes them right; the smallest first.

        What smaller ones already do is not done again by larger ones.
        """
        joint = [found for pair in pairs if (found := self._with_partners(pair))]
        return sorted(joint, key=lambda exchange: len(exchange.left))

    def _with_partners(self, exchange: Exchange) -> Exchange | None:
        """The exchange with what has to move along, or None where that does not make it right."""
        for _ in range(_MOST_PAIRS):
            worst = self._tests.worst(exchange)
            if worst.z >= self._tests.limit(len(exchange.moved)):
                more = self._tests.partners(exchange, worst)
            else:
                more = self._tied_to(exchange)
                if more is None:
                    return exchange if self._independent(exchange) else None
            if more is None or set(more) & set(exchange.moved):
                return None
            exchange = exchange.along(*more)
        return None

    def _tied_to(self, exchange: Exchange) -> tuple[int, int] | None:
        """The two words that this exchange is most tied to, in the order of its sides."""
        ties = [
            _Tie(score if step == key else -score, other)
            for step in exchange.steps
            for key in (step, step.reverse)
            for score, other in self._ties.get(key, ())
            if not set(other.moved) & set(exchange.moved)
        ]
        if not ties:
            return None
        score, other = max(ties, key=lambda tie: abs(tie.score))
        (left,), (right,) = other
        return (left, right) if score > 0 else (right, left)

    def _independent(self, exchange: Exchange) -> bool:
        """Whether an exchange with partners is tied to none that is free."""
        limit = self._tests.tie_limit(len(exchange.left) * len(self._free))
        return all(abs(self._tests.tie(a, b)) < limit for a in exchange.steps for b in self._free)

    def _role(self, members: _Members) -> Role:
        words = self._patterns.words
        named = [tuple(words[word] for word in member) for member in members]
        return Role(members=tuple(_by_spelling(*named) if len(named) == 2 else named))

    def _explain(
        self, differences: Mapping[Exchange, CountDifference], groups: Sequence[set[int]]
    ) -> Iterator[Rejected]:
        """Why groups of words are apart, by the clearest difference between two of their words."""
        words = [*self._patterns.words, "another word"]
        seen = set()
        for pair in sorted(differences, key=lambda pair: -differences[pair].z):
            worst = differences[pair]
            apart = frozenset(_group_of(word, groups) for word in pair.moved)
            if len(apart) == 2 and apart not in seen:
                seen.add(apart)
                said = worst.phrase.format(a=words[worst.a], b=words[worst.b or 0])
                why = f"{said}: {worst.times:,} times, {worst.exchanged:,} after the exchange"
                one, other = pair.moved
                yield Rejected(words=(words[one], words[other]), why=why)


def _pair(one: int, other: int) -> Exchange:
    return Exchange((one,), (other,))


def _classes(pairs: Sequence[Exchange]) -> list[list[int]]:
    """Groups of words of which any two are among the pairs."""
    allowed = {frozenset(pair.moved) for pair in pairs}
    groups = [[word] for word in sorted({word for pair in pairs for word in pair.moved})]
    for pair in pairs:
        one, other = (next(g for g in groups if word in g) for word in pair.moved)
        if one is not other and all(frozenset((a, b)) in allowed for a in one for b in other):
            one += other
            groups.remove(other)
    return [sorted(group) for group in groups if len(group) > 1]


def _group_of(word: int, groups: Sequence[set[int]]) -> frozenset[int]:
    return next((frozenset(group) for group in groups if word in group), frozenset({word}))


def _together(exchange: Exchange, groups: Sequence[set[int]]) -> bool:
    """Whether the first two words of an exchange may take each other's place already."""
    return any({exchange.left[0], exchange.right[0]} <= group for group in groups)


def _joined(groups: Sequence[set[int]], exchange: Exchange) -> list[set[int]]:
    """The groups of words that may take each other's place, after one more exchange."""
    groups = list(groups)
    for pair in exchange.steps:
        joined = set().union(*(_group_of(word, groups) for word in pair.moved))
        groups = [group for group in groups if not group & joined] + [joined]
    return groups


def _attach(roles: Sequence[_Members], exchange: Exchange) -> list[_Members]:
    """The roles with an exchange added: as one more member where it moves exactly one of them."""
    for place, role in enumerate(roles):
        shared = [word for word in exchange.moved if any(word in member for member in role)]
        to = [exchange.target(word) for word in shared]
        if len(shared) == len(exchange.left) == len(role[0]) and not set(to) & set(shared):
            members = _split(role, shared) if len(role) == 2 else role
            for member in members:
                if set(member) == set(shared):
                    grown = [*members, tuple(exchange.target(word) for word in member)]
                    return [*roles[:place], grown, *roles[place + 1 :]]
    return [*roles, [exchange.left, exchange.right]]


def _split(role: _Members, member: Sequence[int]) -> _Members:
    """A role of two members with one of them named anew: which words go together was unknown."""
    known = Exchange(*role)
    return [tuple(member), tuple(known.target(word) for word in member)]


def _by_spelling(one: tuple[str, ...], other: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Two members with each word on the side of one that it begins: (north, n) and (south, s).

    For the reader alone: all words change places whichever side they are on.
    """
    pairs = [
        (right, left) if one[0].startswith(right) or other[0].startswith(left) else (left, right)
        for left, right in zip(one, other, strict=True)
    ]
    return list(zip(*pairs, strict=True))
