"""How often words occur where, story by story: what the search for roles goes by.

Every count stays right when words are renamed throughout a story: none of them looks at spelling.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from relmem_cli.stories.story import Question, Story, answer_parts

IntArray = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int16]
Marks = npt.NDArray[np.bool_]


class _Count(IntEnum):
    """A kind of count by its number, with the phrase that it is read as."""

    phrase: str

    def __new__(cls, phrase: str) -> Self:
        """The next number."""
        one = int.__new__(cls, len(cls.__members__))
        one._value_ = len(cls.__members__)
        one.phrase = phrase
        return one


class Pair(_Count):
    """What is counted of two words."""

    BEFORE = "{a} before {b} in a sentence"
    RIGHT_BEFORE = "{a} right before {b} in a sentence"
    BEFORE_IN_QUESTION = "{a} before {b} in a question"
    QUESTION_AND_ANSWER = "question with {a}, answer {b}"
    IN_NEXT_SENTENCE = "{a} in a sentence, {b} in the next"
    IN_STORY = "{a} and {b} in one story"
    TOLD_BEFORE = "{a} told of before {b}"
    STORY_AND_QUESTION = "{a} told of, question with {b}"
    STORY_AND_ANSWER = "{a} told of, answer {b}"
    LAST_SENTENCE_AND_ANSWER = "{a} in the last sentence, answer {b}"
    LIKE_QUESTION_AND_ANSWER = "{a} in the sentence most like the question, answer {b}"
    LIKE_QUESTION_AND_LIKE_ANSWER = (
        "{a} in the sentence most like the question, {b} in that most like the answer"
    )
    BOTH_ANSWERS = "answers {a} and {b} in one story"
    IN_NEXT_THAT_SHARES = "{a} in a sentence, {b} in the next that shares a word"
    BEFORE_FIRST_ASKED_FOR = "{a} before the first word that is asked for, answer {b}"
    AFTER_FIRST_ASKED_FOR = "{a} after the first word that is asked for, answer {b}"
    BEFORE_SECOND_ASKED_FOR = "{a} before the second word that is asked for, answer {b}"
    AFTER_SECOND_ASKED_FOR = "{a} after the second word that is asked for, answer {b}"


class Place(_Count):
    """What is counted of one word and a place."""

    IN_SENTENCE = "{a} at a place in a sentence"
    IN_QUESTION = "{a} at a place in a question"
    IN_ANSWER = "{a} at a place in an answer"
    LIKE_QUESTION = "{a} in the sentence most like the question"
    LIKE_ANSWER = "{a} in the sentence most like the answer"
    LIKENESS = "answer {a} to a question as like a sentence"
    IN_STORY = "{a} in a sentence as far into the story"
    HOW_OFTEN = "{a} in as many sentences of a story"


PAIRS = tuple(kind.phrase for kind in Pair)
PLACES = tuple(kind.phrase for kind in Place)
"""The phrases, in order."""

_ASKED_FOR = (
    (Pair.BEFORE_FIRST_ASKED_FOR, Pair.AFTER_FIRST_ASKED_FOR),
    (Pair.BEFORE_SECOND_ASKED_FOR, Pair.AFTER_SECOND_ASKED_FOR),
)
"""For the first and the second word that is asked for, what is before and after it."""

_FARTHEST = 20
"""Sentences further into a story than this count as being there."""

MOST_CELLS = 50_000_000
"""Counts of two words that are kept at most; of more stories, some are left out, evenly."""

MOST_WORDS = 100
"""Words that are looked at, the most frequent ones; the others count as one."""


class _Event(NamedTuple):
    """A word at a place, whatever that is, in a story."""

    story: int
    word: int
    place: object


class Patterns:
    """The counts of some stories.

    words    the words that are looked at; word i is `words[i]`, and all others are number V
    pairs    [V + 1, V + 1, kinds, stories]: `PAIRS` of two words
    places   for each of `PLACES` [V + 1, places, 1, stories]
    stories  [V + 1]: the number of stories in which a word is said, asked or answered
    spoken   [V + 1]: whether a word is ever said or asked, not only answered
    """

    def __init__(self, stories: Sequence[Story]) -> None:
        self.words = _frequent_words(stories)
        self.ids = {word: index for index, word in enumerate(self.words)}
        size = len(self.words) + 1
        step = -(-len(stories) * len(PAIRS) * size * size // MOST_CELLS) or 1
        looked_at = stories[::step]
        pairs: Counts = np.zeros((len(PAIRS), len(looked_at), size, size), np.int16)
        self.stories = np.zeros(size, np.int64)
        self.spoken = np.zeros(size, bool)
        self._rare = self._rare_words(looked_at, size)
        self._specific = self._specific_words(looked_at, size)
        found: list[list[_Event]] = [[] for _ in PLACES]
        for row, story in enumerate(looked_at):
            _StoryCounts(self, story, row, pairs[:, row], found).count()
        self.pairs = np.ascontiguousarray(pairs.transpose(2, 3, 0, 1))
        self.places = [_table(events, len(looked_at), size) for events in found]

    def encode(self, words: Iterable[str]) -> list[int]:
        """The words' numbers."""
        return [self.ids.get(word, len(self.words)) for word in words]

    def asked_for(self, question: Sequence[int]) -> list[int]:
        """A question's words that at most three of four questions have, in order."""
        return [word for word in question if self._specific[word]]

    def is_rare(self, word: int) -> bool:
        """Whether at most three of four sentences have it."""
        return bool(self._rare[word])

    def _rare_words(self, stories: Sequence[Story], size: int) -> Marks:
        sentences = [self.encode(set(s)) for story in stories for s in story.sentences]
        return 4 * _count(sentences, size) <= 3 * len(sentences)

    def _specific_words(self, stories: Sequence[Story], size: int) -> Marks:
        questions = [self.encode(set(q.text)) for story in stories for q in story.questions]
        return 4 * _count(questions, size) <= 3 * len(questions)


class _StoryCounts:
    """One story's counts, written into a row of the patterns."""

    def __init__(
        self,
        patterns: Patterns,
        story: Story,
        row: int,
        pairs: Counts,
        places: list[list[_Event]],
    ) -> None:
        self._patterns = patterns
        self._story = story
        self._row = row
        self._places = places
        self._pairs = pairs
        self._sentences = [patterns.encode(sentence) for sentence in story.sentences]
        size = self._pairs.shape[1]
        self._words_of = np.zeros((len(self._sentences), size), np.int16)  # 1 where it has a word
        for at, sentence in enumerate(self._sentences):
            self._words_of[at, sentence] = 1

    def count(self) -> None:
        """Count everything."""
        self._count_sentences()
        self._count_order()
        answered = np.zeros(self._words_of.shape[1], bool)
        present = self._ever(self._words_of)
        self._patterns.spoken |= present
        for question in self._story.questions:
            asked = self._patterns.encode(question.text)
            answers = self._patterns.encode(answer_parts(question.answer))
            self._count_question(asked, answers)
            self._count_answer(asked, answers, question)
            self._patterns.spoken[asked] = True
            answered[answers] = True
            present[asked + answers] = True
        self._pairs[Pair.BOTH_ANSWERS] = _both(answered)
        self._patterns.stories += present

    def _count_sentences(self) -> None:
        for time, sentence in enumerate(self._sentences):
            for place, word in enumerate(sentence):
                self._note(Place.IN_SENTENCE, word, (place, len(sentence)))
                self._note(Place.IN_STORY, word, min(time, _FARTHEST))
                for later in sentence[place + 1 :]:
                    self._pairs[Pair.BEFORE, word, later] += 1
            for word, following in pairwise(sentence):
                self._pairs[Pair.RIGHT_BEFORE, word, following] += 1
        for word, times in enumerate(self._words_of.sum(axis=0).tolist()):
            if times:
                self._note(Place.HOW_OFTEN, word, min(times, _FARTHEST))

    def _count_order(self) -> None:
        sentences = self._words_of
        ever = self._ever(sentences)
        first = np.where(ever, sentences.argmax(axis=0) if len(sentences) else 0, len(sentences))
        self._pairs[Pair.IN_NEXT_SENTENCE] = sentences[:-1].T @ sentences[1:]
        self._pairs[Pair.IN_STORY] = _both(ever)
        self._pairs[Pair.TOLD_BEFORE] = (first[:, None] < first[None, :]) & ever
        for word in np.flatnonzero(ever).tolist():
            if self._patterns.is_rare(word):
                mentions = sentences[sentences[:, word] == 1]
                self._pairs[Pair.IN_NEXT_THAT_SHARES] += mentions[:-1].T @ mentions[1:]

    def _count_question(self, asked: list[int], answers: list[int]) -> None:
        for place, word in enumerate(asked):
            self._note(Place.IN_QUESTION, word, (place, len(asked)))
            for later in asked[place + 1 :]:
                self._pairs[Pair.BEFORE_IN_QUESTION, word, later] += 1
            for answer in answers:
                self._pairs[Pair.QUESTION_AND_ANSWER, word, answer] += 1
        for place, answer in enumerate(answers):
            self._note(Place.IN_ANSWER, answer, (place, len(answers)))

    def _count_answer(self, asked: list[int], answers: list[int], question: Question) -> None:
        sentences = self._words_of[: question.position]
        if not len(sentences):
            return
        ask, answer = self._marks(asked), self._marks(answers)
        ever = self._ever(sentences)
        like = sentences @ ask
        about = sentences[_last_best(like)]
        reason = sentences[_last_best(like + len(asked) * (sentences @ answer))]
        self._pairs[Pair.STORY_AND_QUESTION] += np.outer(ever, ask)
        self._pairs[Pair.STORY_AND_ANSWER] += np.outer(ever, answer)
        self._pairs[Pair.LAST_SENTENCE_AND_ANSWER] += np.outer(sentences[-1], answer)
        self._pairs[Pair.LIKE_QUESTION_AND_ANSWER] += np.outer(about, answer)
        self._pairs[Pair.LIKE_QUESTION_AND_LIKE_ANSWER] += np.outer(about, reason)
        for place, sentence in ((Place.LIKE_QUESTION, about), (Place.LIKE_ANSWER, reason)):
            for word in np.flatnonzero(sentence).tolist():
                self._note(place, word, None)
        for word in answers:
            self._note(Place.LIKENESS, word, int(like.max()))
        self._count_links(asked, answers, question.position)

    def _count_links(self, asked: list[int], answers: list[int], position: int) -> None:
        """What sentences have before and after a word that is asked for, with the answer."""
        wanted_words = self._patterns.asked_for(asked)
        for kinds, wanted in zip(_ASKED_FOR, wanted_words, strict=False):
            for sentence in self._sentences[:position]:
                if wanted not in sentence:
                    continue
                middle = sentence.index(wanted)
                sides = sentence[:middle], sentence[middle + 1 :]
                for kind, words in zip(kinds, sides, strict=True):
                    for word in words:
                        for answer in answers:
                            self._pairs[kind, word, answer] += 1

    def _ever(self, sentences: Counts) -> Marks:
        """Which words are in any of the sentences."""
        return np.asarray(sentences.any(axis=0), bool)

    def _marks(self, words: list[int]) -> Counts:
        marks = np.zeros(self._words_of.shape[1], np.int16)
        marks[words] = 1
        return marks

    def _note(self, kind: Place, word: int, place: object) -> None:
        self._places[kind].append(_Event(self._row, word, place))


def _frequent_words(stories: Iterable[Story]) -> list[str]:
    """The words in most stories, sorted by spelling."""
    counts: dict[str, int] = {}
    for story in stories:
        for word in set(_words(story)):
            counts[word] = counts.get(word, 0) + 1
    by_count = sorted(counts, key=lambda word: (-counts[word], word))
    return sorted(by_count[:MOST_WORDS])


def _words(story: Story) -> Iterator[str]:
    for sentence in story.sentences:
        yield from sentence
    for question in story.questions:
        yield from question.text
        yield from answer_parts(question.answer)


def _count(lists: Iterable[Sequence[int]], size: int) -> IntArray:
    return np.bincount([word for words in lists for word in words], minlength=size)


def _both(marks: Marks) -> Marks:
    """Whether two different words are both marked."""
    both = np.outer(marks, marks)
    np.fill_diagonal(both, False)
    return both


def _last_best(scores: npt.NDArray[np.int16]) -> int:
    return len(scores) - 1 - int(scores[::-1].argmax())


def _table(events: Sequence[_Event], stories: int, size: int) -> Counts:
    """Events as counts [size, places, 1, stories]."""
    codes: dict[object, int] = {}
    counts = np.zeros((size, len({event.place for event in events}), 1, stories), np.int16)
    for story, word, place in events:
        counts[word, codes.setdefault(place, len(codes)), 0, story] += 1
    return counts
