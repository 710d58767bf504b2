"""Which sentences of a long story a question needs: those that its words lead to."""

from collections import Counter
from collections.abc import Iterable
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]

NAMES = 2
"""What counts of a word is that names something; 1: a word that counts otherwise, 0: none."""

LATEST = 4
"""Mentions of a question's word that are taken first, the latest ones."""

FIRST = 2
"""And the first ones."""

BEFORE, AFTER, LAST = 2, 1, 2
"""Mentions of a word before and after a sentence that has it, and at the story's end."""


def recall(told: Ids, asked: Ids, most: int, counts: npt.NDArray[np.int8]) -> Ids:
    """At most so many of the sentences told, int64 [T, words], by number and in order.

    A sentence without a name of its own, such as "Then she left", belongs to the one before: they
    are taken together. Taken are, until there are enough: those with two of the question's words;
    the latest with one of them; for each word beside it the latest with both; and twice, for each
    word of those that were taken, the nearest before and after, and the story's last ones.

    asked   the question's ids [words]
    counts  by id: 0 for a word that does not count, 1 for one that does, NAMES for one that names
            something; ids beyond its end do
    """
    if len(told) <= most:
        return np.arange(len(told))
    marked = np.append(counts, np.int8(NAMES))[np.minimum(told, len(counts))]
    unit = np.cumsum((marked == NAMES).sum(axis=1) > 1)  # the sentences that are taken together
    return _Search(told, marked > 0, unit, most).run(asked, counts)


class _Search:
    def __init__(self, told: Ids, marked: npt.NDArray[np.bool_], unit: Ids, most: int) -> None:
        self._told, self._unit, self._most = told, unit, most
        self._marked = marked
        self._chosen: dict[int, None] = {}
        self._size = 0
        self._begin = np.searchsorted(unit, np.arange(unit[-1] + 2))
        self._units: dict[int, Ids] = {}

    def run(self, asked: Ids, counts: npt.NDArray[np.int8]) -> Ids:
        own = [
            word
            for word in dict.fromkeys(asked.tolist())
            if word and (word >= len(counts) or counts[word]) and len(self._mentions(word))
        ]
        met = Counter(unit for word in own for unit in self._mentions(word).tolist())
        self._take_all(sorted((u for u in met if met[u] > 1), key=lambda u: (-met[u], -u)))
        both = list(self._chosen)
        self._take_in_turn([self._mentions(word)[::-1][:LATEST].tolist() for word in own])
        self._take_in_turn([self._mentions(word)[:FIRST].tolist() for word in own])
        for unit in both:
            self._take_all(self._near(unit, own))
        self._take_in_turn([self._with_each_other(word) for word in own])
        front = list(self._chosen)
        for _ in range(2):
            before = len(self._chosen)
            for unit in front:
                self._take_all(self._near(unit, self._words(unit)))
            front = list(self._chosen)[before:]
        rows = [np.arange(self._begin[u], self._begin[u + 1]) for u in sorted(self._chosen)]
        return np.concatenate(rows) if rows else np.arange(0)

    def _with_each_other(self, word: int) -> list[int]:
        """For each word that is told together with this one the latest unit with both."""
        seen: set[int] = set()
        found = []
        for unit in self._mentions(word)[::-1].tolist():
            if not (words := self._words(unit)) <= seen:
                seen |= words
                found.append(unit)
        return found

    def _near(self, unit: int, words: Iterable[int]) -> list[int]:
        """The units with these words that are nearest to one."""
        found: list[int] = []
        for word in words:
            mentions = self._mentions(word)
            at, after = np.searchsorted(mentions, [unit, unit + 1]).tolist()
            found += mentions[max(at - BEFORE, 0) : at][::-1].tolist()
            found += mentions[after : after + AFTER].tolist()
            found += mentions[-LAST:][::-1].tolist()
        return found

    def _take_in_turn(self, lists: list[list[int]]) -> None:
        """Take of each list the first, then of each the second, and so on."""
        for some in zip_longest(*lists):
            self._take_all([unit for unit in some if unit is not None])

    def _take_all(self, units: Iterable[int]) -> None:
        for unit in units:
            self._take(unit)

    def _take(self, unit: int) -> None:
        size = int(self._begin[unit + 1] - self._begin[unit])
        if unit not in self._chosen and self._size + size <= self._most:
            self._chosen[unit] = None
            self._size += size

    def _mentions(self, word: int) -> Ids:
        """The units with a word, in order."""
        if word not in self._units:
            rows = (self._told == word).any(axis=1)
            self._units[word] = np.unique(self._unit[rows])
        return self._units[word]

    def _words(self, unit: int) -> set[int]:
        rows = slice(self._begin[unit], self._begin[unit + 1])
        return set(self._told[rows][self._marked[rows]].tolist())
