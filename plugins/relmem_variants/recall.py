"""Which sentences of a long story a question needs: those that its words lead to."""

from collections import Counter

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]

OWN = 16
"""Mentions of a question's word that are taken first, the latest ones."""

FIRST = 2
"""And the first ones."""

NEAR = 3
"""Mentions of another word before and after a sentence, and at the story's end, taken for it."""


def recall(told: Ids, asked: Ids, most: int, counts: npt.NDArray[np.bool_]) -> Ids:
    """At most so many of the sentences told, int64 [T, words], by number and in order.

    A sentence without a name of its own, such as "Then she left", belongs to the one before: they
    are taken together. Taken are those with the question's words, the latest first, then those
    that share another word with these, the nearest first.

    asked   the question's ids [words]
    counts  by id, whether a word counts; ids beyond its end do
    """
    if len(told) <= most:
        return np.arange(len(told))
    marked = np.append(counts, True)[np.minimum(told, len(counts))]
    unit = np.cumsum(marked.sum(axis=1) > 1)  # the sentences that are taken together
    return _Search(told, marked, unit, most).run(asked, counts)


class _Search:
    def __init__(self, told: Ids, marked: npt.NDArray[np.bool_], unit: Ids, most: int) -> None:
        self._told, self._unit, self._most = told, unit, most
        self._marked = marked
        self._chosen: dict[int, None] = {}
        self._size = 0
        self._begin = np.searchsorted(unit, np.arange(unit[-1] + 2))
        self._units: dict[int, Ids] = {}

    def run(self, asked: Ids, counts: npt.NDArray[np.bool_]) -> Ids:
        own = [
            word
            for word in dict.fromkeys(asked.tolist())
            if word and (word >= len(counts) or counts[word]) and len(self._mentions(word))
        ]
        own.sort(key=lambda word: len(self._mentions(word)))
        met = Counter(unit for word in own for unit in self._mentions(word).tolist())
        for unit in sorted((unit for unit in met if met[unit] > 1), key=lambda u: (-met[u], -u)):
            self._take(unit)
        for word in own:
            mentions = self._mentions(word).tolist()
            for unit in (*mentions[-OWN:][::-1], *mentions[:FIRST]):
                self._take(unit)
        front = list(self._chosen)
        for reach in (NEAR, NEAR, 1, 1):
            front = self._spread(front, reach)
        rows = [np.arange(self._begin[u], self._begin[u + 1]) for u in sorted(self._chosen)]
        return np.concatenate(rows)[-self._most :] if rows else np.arange(0)

    def _spread(self, front: list[int], reach: int) -> list[int]:
        """Take the units nearest to those in front by their words; returns the new ones."""
        before = len(self._chosen)
        for unit in front:
            for word in self._words(unit):
                mentions = self._mentions(word)
                at = int(np.searchsorted(mentions, unit))
                near = [*mentions[max(at - reach, 0) : at][::-1], *mentions[at + 1 : at + 2]]
                for other in (*near, *mentions[-reach:][::-1]):
                    self._take(int(other))
        return list(self._chosen)[before:]

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
