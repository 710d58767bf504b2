"""Words as people will type them: some that training has are read as ones that it lacks."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from relmem_cli.stories.batch import EncodedStory, IntArray
from relmem_cli.stories.english import FUNCTION_WORDS, VERB, lemmas
from relmem_cli.stories.tokens import PAD
from relmem_cli.stories.vocabulary import END, OTHER_VERB, SAID, Vocabulary

STORIES = 0.12
"""How many stories are read so."""

VERBS, WORDS = 0.15, 0.25
"""How many of their verbs, and of their other words that few stories have."""

FEW = 0.03
"""A word that less than this part of the stories has is one of those."""

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
        closed = vocabulary.items[: vocabulary.closed]
        kept = {PAD, END, SAID, OTHER_VERB, ",", *FUNCTION_WORDS, *vocabulary.answers}
        few = counts[: len(closed)] < FEW * total
        names = np.zeros(len(counts), np.bool_)
        names[: len(closed)] = few & ~_marks(word in kept or word.endswith(VERB) for word in closed)
        adverbs = np.zeros_like(names)
        adverbs[: len(closed)] = _marks(lemmas(word).keys() == {"ADV"} for word in closed)
        self._verbs = np.zeros_like(names)
        self._verbs[: len(closed)] = _marks(word.endswith(VERB) for word in closed)
        self._adverbs, self._names = names & adverbs, names & ~adverbs
        self._other, self._last = vocabulary.ids[OTHER_VERB], len(counts) - 1

    def read(self, story: EncodedStory, generator: np.random.Generator) -> EncodedStory:
        """The story, at times with words that are read so."""
        if generator.random() >= self._often:
            return story
        return replace(
            story,
            sentences=self._text(story.sentences, generator),
            questions=self._text(story.questions, generator),
        )

    def _text(self, ids: IntArray, generator: np.random.Generator) -> IntArray:
        """Texts [texts, words] whose open words are numbered from the first one on."""
        drawn = generator.random(ids.shape)
        read = np.where(self._verbs[ids] & (drawn < VERBS), self._other, ids)
        names = self._names[ids] & (drawn < WORDS)
        read[names] = self._last - generator.integers(0, 8, np.count_nonzero(names))
        read[self._adverbs[ids] & (drawn < WORDS)] = 0
        return np.take_along_axis(read, np.argsort(read == 0, axis=1, kind="stable"), axis=1)


def _marks(of: Iterable[bool]) -> Marks:
    return np.array(list(of), np.bool_)
