"""Testing whether words may be exchanged throughout stories.

Where they may, a story is as likely as its twin in which they have changed places. Then the
difference d of any count between a story and its twin is as often positive as negative, whatever
its size, and over all stories |sum of d| reaches z times the root of the sum of d^2 with a
probability of at most 2 exp(-z^2 / 2) (Hoeffding 1963, doi:10.1080/01621459.1963.10500830). That
needs no model of the text, and the questions of a story need not be independent.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from relmem_cli.stories.patterns import PAIRS, PLACES, Counts, IntArray, Patterns, Place

LEVEL = 0.05
"""How often, at most, a right exchange is taken for a wrong one."""

_OWN_PLACES = (Place.IN_SENTENCE, Place.IN_QUESTION, Place.IN_ANSWER)

_WHOLE_PLACES = (*_OWN_PLACES, Place.LIKE_QUESTION, Place.LIKE_ANSWER)
"""Of these it matters how often a word is at any."""


class CountDifference(NamedTuple):
    """A count that an exchange changes: of words `a` and `b` in the stories, and in their twins."""

    z: float
    phrase: str
    a: int
    b: int | None
    times: int
    exchanged: int


class Exchange(NamedTuple):
    """Words that change places with those of the same index; each side belongs together."""

    left: tuple[int, ...]
    right: tuple[int, ...]

    @property
    def moved(self) -> tuple[int, ...]:
        """All words that change places."""
        return self.left + self.right

    @property
    def steps(self) -> "list[Exchange]":
        """The exchanges of two words that it is made of."""
        return [Exchange((a,), (b,)) for a, b in zip(self.left, self.right, strict=True)]

    @property
    def reverse(self) -> "Exchange":
        """The same exchange with its sides named the other way round."""
        return Exchange(self.right, self.left)

    def target(self, word: int) -> int:
        """Where a word goes."""
        to = dict(zip(self.moved, self.right + self.left, strict=True))
        return to.get(word, word)

    def along(self, left: int, right: int) -> "Exchange":
        """The exchange in which two more words change places."""
        return Exchange((*self.left, left), (*self.right, right))


class Exchanges:
    """Tests of exchanges on the counts of some stories."""

    def __init__(self, patterns: Patterns) -> None:
        self._pairs = patterns.pairs
        self._places = patterns.places
        self._size = len(patterns.words) + 1
        self._odd_counts: dict[Exchange, npt.NDArray[np.float64]] = {}
        self._totals = patterns.pairs.sum(axis=-1, dtype=np.int64)

    def limit(self, moved: int = 2) -> float:
        """The z at which an exchange of so many words is rejected, whichever count it is of."""
        return _limit(2 * moved * len(PAIRS) * self._size)

    def same_places(self, one: int, other: int) -> bool:
        """Whether two words are as often at each place of a sentence, a question, an answer."""
        return all(
            np.abs(_scores(counts[one].astype(np.int32) - counts[other])).max(initial=0.0)
            < self.limit()
            for counts in map(self._places.__getitem__, _OWN_PLACES)
        )

    def worst(self, exchange: Exchange) -> CountDifference:
        """The count that speaks most against an exchange."""
        moved = np.array(exchange.moved)
        target = np.array(exchange.right + exchange.left)
        everywhere = np.arange(self._size)
        to = everywhere.copy()
        to[moved] = target
        found = [
            _greatest((phrase,), counts[moved], counts[target], moved, None)
            for phrase, counts in zip(PLACES, self._places, strict=True)
        ]
        first, second = self._pairs[moved], self._pairs[:, moved]
        first_twin = self._pairs[target[:, None], to[None, :]]
        second_twin = self._pairs[to[:, None], target[None, :]]
        found.append(_greatest(PAIRS, first, first_twin, moved, everywhere))
        found.append(_greatest(PAIRS, second, second_twin, everywhere, moved))
        return max(found, key=lambda difference: difference.z)

    def tie(self, one: Exchange, other: Exchange) -> float:
        """How far two exchanges of two words each are from being independent, as a z.

        Above 0 the left words go together and the right ones, below 0 a left and a right one. What
        either exchange alone turns into its opposite and both leave as it is: how often words are
        together, and products of two counts that each only one of the exchanges turns round.
        """
        if set(one.moved) & set(other.moved):
            return 0.0
        (a,), (b,), (x,), (y,) = *one, *other
        first = self._pairs[a, x] + self._pairs[b, y] - self._pairs[a, y] - self._pairs[b, x]
        second = self._pairs[x, a] + self._pairs[y, b] - self._pairs[y, a] - self._pairs[x, b]
        left, right = self._odd(one), self._odd(other)
        products = left @ right.T / np.sqrt(np.maximum(left**2 @ right.T**2, 1))
        together = np.concatenate([_scores(first), _scores(second)])
        clearest = float(together[np.abs(together).argmax()])
        return math.copysign(max(abs(clearest), float(np.abs(products).max())), clearest)

    def tie_limit(self, tests: int) -> float:
        """The |z| from which, of so many pairs of exchanges, one counts as tied."""
        odd = len(PAIRS) + len(_WHOLE_PLACES)
        return _limit((2 * len(PAIRS) + odd**2) * max(tests, 1))

    def partners(self, exchange: Exchange, worst: CountDifference) -> tuple[int, int] | None:
        """Two words whose changing places as well might set a difference right.

        They are in the order in which they go with the exchange's left and right words. None where
        no other word is part of the difference.
        """
        a, b = worst.a, worst.b
        if b is None or (a in exchange.moved) == (b in exchange.moved):
            return None
        kind = PAIRS.index(worst.phrase)
        if a in exchange.moved:
            moved, still, counts = a, b, self._totals[:, :, kind]
        else:
            moved, still, counts = b, a, self._totals[:, :, kind].T
        more = counts[exchange.target(moved)] - counts[moved]
        if worst.times < worst.exchanged:
            more = -more
        more[[still, self._size - 1, *exchange.moved]] = 0
        partner = int(more.argmax())
        if more[partner] <= 0 or not self.same_places(still, partner):
            return None
        goes_left = (moved in exchange.left) == (worst.times > worst.exchanged)
        return (still, partner) if goes_left else (partner, still)

    def _odd(self, exchange: Exchange) -> npt.NDArray[np.float64]:
        """Counts [counts, stories] that an exchange of two words turns into their opposites."""
        if exchange not in self._odd_counts:
            (a,), (b,) = exchange
            both = self._pairs[a, b].astype(np.float64) - self._pairs[b, a]
            one = [
                counts[a].sum(axis=(0, 1)).astype(np.float64) - counts[b].sum(axis=(0, 1))
                for counts in map(self._places.__getitem__, _WHOLE_PLACES)
            ]
            self._odd_counts[exchange] = np.concatenate([both, one])
        return self._odd_counts[exchange]


def _limit(tests: int) -> float:
    return math.sqrt(2 * math.log(2 * tests / LEVEL))


def _scores(differences: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
    """The z of differences [..., stories]; 0 where there are none."""
    exact = differences.astype(np.float64)
    squares = np.einsum("...s,...s->...", exact, exact)
    scores: npt.NDArray[np.float64] = exact.sum(axis=-1) / np.sqrt(np.maximum(squares, 1))
    return scores


def _greatest(
    phrases: Sequence[str], counts: Counts, twins: Counts, first: IntArray, second: IntArray | None
) -> CountDifference:
    """The count [first, second, kind, stories] that differs most from its twin."""
    scores = np.abs(_scores(counts.astype(np.int32) - twins))
    if not scores.size:
        return CountDifference(0.0, "", 0, None, 0, 0)
    i, j, kind = map(int, np.unravel_index(int(scores.argmax()), scores.shape))
    return CountDifference(
        z=float(scores[i, j, kind]),
        phrase=phrases[kind],
        a=int(first[i]),
        b=None if second is None else int(second[j]),
        times=int(counts[i, j, kind].sum()),
        exchanged=int(twins[i, j, kind].sum()),
    )
