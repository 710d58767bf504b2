"""Words as people will type them: some that training has are read as ones that it lacks."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from relmem_cli.stories.batch import EncodedStory, IntArray
from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.english import VERB
from relmem_cli.stories.tokens import PAD
from relmem_cli.stories.vocabulary import END, OTHER_VERB, SAID, Vocabulary
from relmem_cli.stories.word_classes import FUNCTION_WORDS

STORIES = 0.12
"""How many stories are read so."""

VERBS, WORDS = 0.15, 0.25
"""How many of their verbs, and of their other words that few stories have; each throughout."""

MOST = 8
"""How many ids those that are taken for names share, the last ones."""

FEW = 0.03
"""A word that less than this part of the stories has is one of those."""

_OPEN = ""
"""Stands for each open word."""

Marks = npt.NDArray[np.bool_]


class Unlearned:
    """Reads words as `OpenWords` reads those that its vocabulary lacks.

    A verb is OTHER_VERB, an adverb is left out, any other word is taken for a name. Words that many
    stories have stay: they say what a sentence is about.

    many     how many ids there are for open words
    stories  those to count words in
    often    how many stories are read so
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        many: int,
        stories: Iterable[EncodedStory],
        *,
        often: float = STORIES,
    ) -> None:
        self._often = often
        counts = np.zeros(vocabulary.closed + many, np.int64)
        total = 0
        for story in stories:
            total += 1
            counts[np.union1d(story.sentences, story.questions)] += 1
        words = [*vocabulary.items[: vocabulary.closed], *([_OPEN] * many)]
        kept = {PAD, END, SAID, OTHER_VERB, _OPEN, ",", *FUNCTION_WORDS, *vocabulary.answers}
        self._verbs = _marks(word.endswith(VERB) for word in words)
        others = (counts < FEW * total) & ~self._verbs & ~_marks(word in kept for word in words)
        adverbs = _marks(lemmas(word).keys() == {"ADV"} for word in words)
        self._adverbs, self._names = others & adverbs, others & ~adverbs
        self._other, self._last = vocabulary.ids[OTHER_VERB], len(counts) - 1
        self._ids = np.arange(len(counts))

    def read(self, story: EncodedStory, generator: np.random.Generator) -> EncodedStory:
        """The story, at times with words that are read so."""
        if generator.random() >= self._often:
            return story
        drawn = generator.random(len(self._ids))
        read = np.where(self._verbs & (drawn < VERBS), self._other, self._ids)
        names = np.flatnonzero(self._names & (drawn < WORDS))
        read[names] = self._last - generator.permutation(len(names)) % MOST
        read[self._adverbs & (drawn < WORDS)] = 0
        return replace(
            story, sentences=_left(read[story.sentences]), questions=_left(read[story.questions])
        )


def _left(ids: IntArray) -> IntArray:
    """Texts [texts, words] without gaps between their words."""
    return np.take_along_axis(ids, np.argsort(ids == 0, axis=1, kind="stable"), axis=1)


def _marks(of: Iterable[bool]) -> Marks:
    return np.array(list(of), np.bool_)
