"""Which sentences of a long story a question needs: those that its words lead to."""

from collections import Counter
from collections.abc import Iterable
from itertools import zip_longest

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Marks = npt.NDArray[np.int8]

NAMES = 2
"""What counts of a word is that names something; 1: a word that counts otherwise, 0: none."""

EVENTS = 16
"""Sentences with most of the question's words around which others are looked for first."""

LATEST, FIRST = 8, 2
"""Mentions of a question's word that are taken: the latest and the first ones."""

BEFORE, AFTER, LAST = 2, 1, 2
"""Mentions of a word before and after a sentence that has it, and at the story's end."""

TELLING, CHAIN = 4, 3
"""Sentences with a word that say something seldom, at most; and how far they lead to others."""

SELDOM = 0.05
"""A word that counts and names nothing, such as "north", says what a sentence is about where no
more than this part of the story has it."""


def recall(told: Ids, asked: Ids, most: int, counts: Marks) -> Ids:
    """At most so many of the sentences told, int64 [T, words], by number and in order.

    A sentence without a name of its own, such as "Then she left", belongs to the one before: they
    are taken together. Taken are, until there are enough: those with most of the question's words,
    and what its words do around them; the latest and first with one of them; for each word beside
    it the latest with both, those that say something seldom first; and twice, for each word of
    those that were taken, the nearest before and after, and the story's last ones.

    asked   the question's ids [words]
    counts  by id: 0 for a word that does not count, 1 for one that does, NAMES for one that names
            something; ids beyond its end do
    """
    if len(told) <= most:
        return np.arange(len(told))
    marked = np.append(counts, np.int8(NAMES))[np.minimum(told, len(counts))]
    return _Search(told, marked, most).run(asked, counts)


class _Search:
    """The search in one story; a unit is a sentence with those that belong to it."""

    def __init__(self, told: Ids, marked: Marks, most: int) -> None:
        self._told, self._names, self._most = told, marked == NAMES, most
        self._unit = np.cumsum((marked == NAMES).sum(axis=1) > 1)
        self._begin = np.searchsorted(self._unit, np.arange(self._unit[-1] + 2))
        self._chosen: dict[int, None] = {}
        self._size = 0
        rows, _ = np.nonzero(marked)
        words = told[marked > 0]
        order = np.argsort(words, kind="stable")
        self._words_told, self._units_told = words[order], self._unit[rows[order]]
        self._units: dict[int, Ids] = {}
        self._seldom = self._count_seldom_words(told[marked == 1])

    def run(self, asked: Ids, counts: Marks) -> Ids:
        own = [
            word
            for word in dict.fromkeys(asked.tolist())
            if word and (word >= len(counts) or counts[word]) and len(self._mentions(word))
        ]
        met = Counter(unit for word in own for unit in self._mentions(word).tolist())
        events = sorted((u for u in met if met[u] > 1), key=lambda u: (-met[u], -u))
        self._take_all(events[:EVENTS])
        for unit in events[:EVENTS]:
            others = set(own) - self._words(unit)
            self._take_all(self._before(unit, word) for word in others)
        self._take_in_turn([self._mentions(word)[::-1][:LATEST].tolist() for word in own])
        self._take_in_turn([self._mentions(word)[:FIRST].tolist() for word in own])
        told = list(own)
        for _ in range(CHAIN):
            before = len(self._chosen)
            self._take_in_turn([self._telling(word) for word in told])
            told = [w for unit in list(self._chosen)[before:] for w in self._words(unit)]
        self._take_all(events[EVENTS:])
        self._take_in_turn([self._with_each_other(word) for word in own])
        front = list(self._chosen)
        for _ in range(2):
            before = len(self._chosen)
            for unit in front:
                self._take_all(self._near(unit, self._words(unit)))
            front = list(self._chosen)[before:]
        rows = [np.arange(self._begin[u], self._begin[u + 1]) for u in sorted(self._chosen)]
        return np.concatenate(rows) if rows else np.arange(0)

    def _count_seldom_words(self, words: Ids) -> dict[int, int]:
        """For each unit with a word that counts and names nothing how often that is told."""
        found: dict[int, int] = {}
        numbers, counts = np.unique(words, return_counts=True)
        for at in np.argsort(counts, kind="stable"):
            if counts[at] <= max(SELDOM * len(self._begin), LATEST):
                for unit in self._mentions(int(numbers[at])).tolist():
                    found.setdefault(unit, int(counts[at]))
        return found

    def _telling(self, word: int) -> list[int]:
        """The units with a word that say something seldom, the most seldom first."""
        units = [unit for unit in self._mentions(word).tolist() if unit in self._seldom]
        return sorted(units, key=lambda unit: (self._seldom[unit], -unit))[:TELLING]

    def _with_each_other(self, word: int) -> list[int]:
        """For each word that is told together with this one the latest unit with both."""
        seen: set[int] = set()
        found = []
        for unit in self._mentions(word)[::-1].tolist():
            words = self._words(unit)
            if not words <= seen:
                seen |= words
                found.append(unit)
        return found

    def _before(self, unit: int, word: int) -> int:
        """The unit with a word that is nearest before another, or that one."""
        mentions = self._mentions(word)
        at = int(np.searchsorted(mentions, unit))
        return int(mentions[at - 1]) if at else unit

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
            size = int(self._begin[unit + 1] - self._begin[unit])
            if unit not in self._chosen and self._size + size <= self._most:
                self._chosen[unit] = None
                self._size += size

    def _mentions(self, word: int) -> Ids:
        """The units with a word, in order."""
        if word not in self._units:
            begin, end = np.searchsorted(self._words_told, [word, word + 1])
            self._units[word] = np.unique(self._units_told[begin:end])
        return self._units[word]

    def _words(self, unit: int) -> set[int]:
        """The words of a unit that name something."""
        rows = slice(self._begin[unit], self._begin[unit + 1])
        return set(self._told[rows][self._names[rows]].tolist())
