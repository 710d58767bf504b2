"""Which sentences of a long story a question needs: those that its words lead to."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest

import numpy as np
import numpy.typing as npt
from torch import Tensor

from relmem_cli.stories.vocabulary import SAID_ID

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

_OFTEN = np.iinfo(np.int64).max

SELDOM = 0.05
"""A word that counts and names nothing, such as "north", says what a sentence is about where no
more than this part of the story has it."""


class Retrieval:
    """What of long stories is recalled; a story is looked through once for all questions about it.

    most  how many sentences a question reads
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._sentences: Tensor | None = None
        self._stories: dict[tuple[int, int], _Story] = {}

    def rows(self, sentences: Tensor, story: int, end: int, asked: Ids, counts: Marks) -> Ids:
        """The numbers, in order, of at most so many of the first `end` sentences of a story.

        A sentence without a name of its own, such as "Then she left", belongs to the one before:
        they are taken together. Taken are, until there are enough: those with most of the
        question's words, and what its words do around them; the latest and first with one of them;
        for each word beside it the latest with both, those that say something seldom first; and
        twice, for each word of those that were taken, the nearest before and after, and the
        story's last ones.

        sentences  those of all stories [S, T, words]; where it is the tensor that was given last,
                what was found out about its stories holds
        asked   the question's ids [words]; what its answer has said so far leads nowhere
        counts  by id: 0 for a word that does not count, 1 for one that does, NAMES for one that
                names something; ids beyond its end do
        """
        if end <= self.most:
            return np.arange(end)
        if sentences is not self._sentences:
            self._sentences, self._stories = sentences, {}
        if (story, end) not in self._stories:
            self._stories[story, end] = _Story(sentences[story, :end].cpu().numpy(), counts)
        said = np.flatnonzero(asked == SAID_ID)
        own = dict.fromkeys(asked[: said[0] if len(said) else None].tolist())
        words = [word for word in own if word and (word >= len(counts) or counts[word])]
        return _Lookup(self._stories[story, end], self.most).run(words)


class _Story:
    """A story's words by where they are told; a unit is a sentence with those that belong to it.

    begin   the first sentence of each unit, then how many sentences there are [units + 1]
    seldom  by unit how often the most seldom word is told that counts and names nothing; _OFTEN
            where it has none that is told seldom
    """

    def __init__(self, sentences: Ids, counts: Marks) -> None:
        marked = np.append(counts, np.int8(NAMES))[np.minimum(sentences, len(counts))]
        names = marked == NAMES
        unit = np.cumsum(names.sum(axis=1) > 1)
        self.begin = np.searchsorted(unit, np.arange(unit[-1] + 2))
        rows, _ = np.nonzero(marked)
        words = sentences[marked > 0]
        order = np.argsort(words, kind="stable")
        self._words, self._units = words[order], unit[rows[order]]
        rows, _ = np.nonzero(names)
        self._names, self._named = sentences[names], unit[rows]
        self._first_name = np.searchsorted(self._named, np.arange(unit[-1] + 2))
        self._mentions: dict[int, Ids] = {}
        self.seldom = self._count_seldom_words(
            sentences[marked == 1], unit[np.nonzero(marked == 1)[0]]
        )

    def _count_seldom_words(self, words: Ids, units: Ids) -> Ids:
        found = np.full(len(self.begin), _OFTEN)
        _, each, counts = np.unique(words, return_inverse=True, return_counts=True)
        few = counts[each] <= max(SELDOM * len(self.begin), LATEST)
        np.minimum.at(found, units[few], counts[each][few])
        return found

    def mentions(self, word: int) -> Ids:
        """The units with a word, in order."""
        if word not in self._mentions:
            begin, end = np.searchsorted(self._words, [word, word + 1])
            self._mentions[word] = np.unique(self._units[begin:end])
        return self._mentions[word]

    def names(self, unit: int) -> dict[int, None]:
        """The words of a unit that name something."""
        some = slice(self._first_name[unit], self._first_name[unit + 1])
        return dict.fromkeys(self._names[some].tolist())

    def with_each_other(self, word: int) -> list[int]:
        """For each word that is told together with this one the latest unit with both."""
        there = np.zeros(len(self.begin), bool)
        there[self.mentions(word)] = True
        both = np.flatnonzero(there[self._named])[::-1]
        _, latest = np.unique(self._names[both], return_index=True)
        found: list[int] = np.unique(self._named[both][latest])[::-1].tolist()
        return found


class _Lookup:
    """What one question's words lead to in a story."""

    def __init__(self, story: _Story, most: int) -> None:
        self._story, self._most = story, most
        self._chosen: dict[int, None] = {}
        self._size = 0

    def run(self, words: Sequence[int]) -> Ids:
        """The sentences, by number and in order."""
        story = self._story
        mentions = {word: units for word in words if len(units := story.mentions(word))}
        own = list(mentions)
        met = np.bincount(np.concatenate([*mentions.values(), np.arange(0)]))
        events = np.flatnonzero(met > 1)
        events = events[np.lexsort((-events, -met[events]))].tolist()
        self._take_all(events[:EVENTS])
        for unit in events[:EVENTS]:
            names = story.names(unit)
            self._take_all(self._before(unit, word) for word in own if word not in names)
        self._take_in_turn([mentions[word][::-1][:LATEST].tolist() for word in own])
        self._take_in_turn([mentions[word][:FIRST].tolist() for word in own])
        leading = list(own)
        for _ in range(CHAIN):
            before = len(self._chosen)
            self._take_in_turn([self._telling(word) for word in leading])
            leading = [w for unit in list(self._chosen)[before:] for w in story.names(unit)]
        self._take_all(events[EVENTS:])
        self._take_in_turn([story.with_each_other(word) for word in own])
        front = list(self._chosen)
        for _ in range(2):
            before = len(self._chosen)
            for unit in front:
                self._take_all(self._near(unit))
            front = list(self._chosen)[before:]
        rows = [np.arange(story.begin[u], story.begin[u + 1]) for u in sorted(self._chosen)]
        return np.concatenate(rows) if rows else np.arange(0)

    def _telling(self, word: int) -> list[int]:
        """The units with a word that say something seldom, the most seldom first."""
        units = self._story.mentions(word)
        seldom = self._story.seldom[units]
        units, seldom = units[seldom < _OFTEN], seldom[seldom < _OFTEN]
        found: list[int] = units[np.lexsort((-units, seldom))[:TELLING]].tolist()
        return found

    def _before(self, unit: int, word: int) -> int:
        """The unit with a word that is nearest before another, or that one."""
        mentions = self._story.mentions(word)
        at = int(np.searchsorted(mentions, unit))
        return int(mentions[at - 1]) if at else unit

    def _near(self, unit: int) -> list[int]:
        """The units with a unit's names that are nearest to it."""
        found: list[int] = []
        for word in self._story.names(unit):
            mentions = self._story.mentions(word)
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
        begin = self._story.begin
        for unit in units:
            size = int(begin[unit + 1] - begin[unit])
            if unit not in self._chosen and self._size + size <= self._most:
                self._chosen[unit] = None
                self._size += size
