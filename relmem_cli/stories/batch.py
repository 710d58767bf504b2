"""Stories as tensors: each story once, with all of its questions."""

from collections.abc import Iterator, Sequence, Sized
from dataclasses import dataclass, fields, replace
from itertools import islice
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from relmem_cli.stories.asked import story_words
from relmem_cli.stories.story import Story, answer_parts
from relmem_cli.stories.tokens import PAD
from relmem_cli.stories.vocabulary import END_ID, SAID_ID, Sizes, Vocabulary

IGNORED = -100
"""The answer of a question that is only there to fill a batch; no loss counts it."""

AT_ONCE = 64
"""Batches that are made one after the other."""

IntArray = npt.NDArray[np.int64]


_NONE = torch.empty(0)
"""Stands for what is [Q, 0] in a batch that is made without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryBatch:
    """S stories of up to T sentences and the Q questions asked about them; all int64.

    An id is the vocabulary's or, from V on, that of a word of the same story outside it.

    sentences  [S, T, L]   token ids, 0 where padded
    questions  [Q, Lq]     token ids, 0 where padded
    story      [Q]         the row in `sentences` that the question is about
    position   [Q]         how many of that story's sentences come before the question
    answers    [Q]         the answer's id; 0 where it has none, IGNORED where the question only
                        fills the batch
    supports   [Q, K]      the sentences that the data set names as reasons, -1 where there are
                        fewer; K is 0 where it names none
    candidates [Q, C]      the ids that the answer is one of, 0 where there are fewer; a question
                        with none may have any answer
    spelled    [Q, A]      the ids of the answer's words, 0 where there are fewer; none at all
                        where one of them has no id; where every answer has one word, that
    """

    sentences: Tensor
    questions: Tensor
    story: Tensor
    position: Tensor
    answers: Tensor
    supports: Tensor = _NONE
    candidates: Tensor = _NONE
    spelled: Tensor = _NONE

    def __post_init__(self) -> None:
        for name in ("supports", "candidates"):
            if getattr(self, name) is _NONE:
                object.__setattr__(self, name, self.questions[:, :0])
        if self.spelled is _NONE:
            object.__setattr__(self, "spelled", self.answers[:, None])

    def to(self, device: torch.device) -> "StoryBatch":
        """The same batch on another device."""
        if self.sentences.device == device:
            return self
        return StoryBatch(
            **{each.name: getattr(self, each.name).to(device) for each in fields(self)}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedStory:
    """A story as token ids: arrays that `collate` joins to a batch."""

    sentences: IntArray
    questions: IntArray
    position: IntArray
    answers: IntArray
    supports: IntArray
    candidates: IntArray
    spelled: IntArray


def encode_story(story: Story, vocabulary: Vocabulary, sizes: Sizes) -> EncodedStory:
    """The arrays of one story: a row of words a sentence and a question."""
    words = story_words(vocabulary, sizes)
    sentences: list[list[int]] = []

    def read_to(position: int) -> None:
        unread = story.sentences[len(sentences) : position]
        sentences.extend([words.encode(one, sizes.sentence_length) for one in unread])

    questions, candidates, answers, spelled = [], [], [], []
    in_words = sizes.words == "open"
    for question in story.questions:
        read_to(question.position)
        known = words.copy()  # a question's words are forgotten after it, as in chat
        questions.append(known.encode(question.text, sizes.question_length, is_sentence=False))
        known.encode(question.candidates, len(question.candidates))
        candidates.append([known.id(each) for each in question.candidates if known.id(each)])
        said = answer_parts(question.answer) if in_words else answer_words(question.answer)
        ids = [known.id(each) for each in said]
        spelled.append(ids)
        if in_words:
            answers.append(ids[0] if all(ids) else 0)
        else:
            answers.append(known.id(question.answer))
    read_to(len(story.sentences))
    return EncodedStory(
        sentences=_integers(sentences).reshape(-1, sizes.sentence_length),
        questions=_integers(questions).reshape(-1, sizes.question_length),
        position=_integers([question.position for question in story.questions]),
        answers=_integers(answers),
        supports=_ragged([question.supports for question in story.questions], -1),
        candidates=_ragged(candidates, 0),
        spelled=_ragged([ids if all(ids) else [] for ids in spelled], 0)
        if any(len(ids) > 1 for ids in spelled)
        else _ragged([[]] * len(answers), 0),
    )


def word_by_word(story: EncodedStory, ends: int) -> EncodedStory:
    """The story with a question for each word of an answer, and one for its end.

    Each question after the first holds the words before (`said_so_far`). Of the answers of one
    word, every `ends`-th has an end. Questions without an answer are left out.
    """
    rows: list[IntArray] = []
    which: list[int] = []
    answers: list[int] = []
    for number, question in enumerate(story.questions):
        words = [int(story.answers[number])]
        if story.spelled.shape[1]:
            words = [int(word) for word in story.spelled[number] if word]
        if not words or not words[0]:
            continue
        steps = [*words, END_ID]
        if len(words) == 1 and number % ends:
            steps.pop()
        for step, word in enumerate(steps):
            rows.append(said_so_far(question, words[:step]))
            which.append(number)
            answers.append(word)
    chosen = _integers(which)
    return replace(
        story,
        questions=_integers(rows).reshape(-1, story.questions.shape[1]),
        position=story.position[chosen],
        answers=_integers(answers),
        supports=story.supports[chosen],
        candidates=story.candidates[chosen],
        spelled=story.spelled[chosen, :0],
    )


def question_by_question(story: EncodedStory) -> list[EncodedStory]:
    """A story for each of its questions, with the sentences before it."""
    stories = []
    for number, position in enumerate(story.position):
        one = slice(number, number + 1)
        asked = {each.name: getattr(story, each.name)[one] for each in fields(story)}
        stories.append(EncodedStory(**asked | {"sentences": story.sentences[:position]}))
    return stories


def said_so_far(question: IntArray, words: Sequence[int]) -> IntArray:
    """A question's ids [Lq] with the words of its answer so far in the pads that it ends with."""
    if not words:
        return question
    said = [SAID_ID, *words][-len(question) :]
    begin = min(int(np.count_nonzero(question)), len(question) - len(said))
    asked = question.copy()
    asked[begin : begin + len(said)] = said
    return asked


def answer_words(answer: str) -> list[str]:
    """The words of an answer: "apple,football" has two."""
    return answer.replace(",", " ").split()


def collate(stories: Sequence[EncodedStory], sizes: Sizes) -> StoryBatch:
    """One batch with all of the stories, padded to the longest of them."""
    longest = max((len(story.sentences) for story in stories), default=0)
    sentences = np.zeros((len(stories), longest, sizes.sentence_length), np.int64)
    for row, story in enumerate(stories):
        sentences[row, : len(story.sentences)] = story.sentences
    parts = stories or [_nothing(sizes)]
    counts = [len(story.position) for story in parts]
    return StoryBatch(
        sentences=torch.from_numpy(sentences),
        questions=torch.from_numpy(np.concatenate([story.questions for story in parts])),
        story=torch.from_numpy(np.repeat(np.arange(len(parts)), counts)),
        position=torch.from_numpy(np.concatenate([story.position for story in parts])),
        answers=torch.from_numpy(np.concatenate([story.answers for story in parts])),
        supports=torch.from_numpy(_joined([story.supports for story in parts], -1)),
        **_seldom(stories),
    )


def _nothing(sizes: Sizes) -> EncodedStory:
    """A story without sentences and questions."""
    story = Story(sentences=(), questions=())
    return encode_story(story, Vocabulary((PAD,)), sizes)


def _seldom(stories: Sequence[EncodedStory]) -> dict[str, Tensor]:
    """What few data sets have: candidates, and answers of several words."""
    found = {}
    if any(story.candidates.shape[1] for story in stories):
        found["candidates"] = _joined([story.candidates for story in stories], 0)
    if any(story.spelled.shape[1] for story in stories):
        spelled = [s.spelled if s.spelled.shape[1] else s.answers[:, None] for s in stories]
        found["spelled"] = _joined(spelled, 0)
    return {name: torch.from_numpy(array) for name, array in found.items()}


def batches(
    stories: Sequence[EncodedStory],
    sizes: Sizes,
    questions: int,
    generator: torch.Generator | None = None,
) -> Iterator[StoryBatch]:
    """The stories' groups (see `group_stories`) as batches.

    Some are made at a time: between two steps of training the cache holds none of what makes them,
    which takes four times as long then.
    """
    groups = group_stories(stories, questions, generator)
    while some := [collate(group, sizes) for group in islice(groups, AT_ONCE)]:
        yield from some


def encode_stories(stories: Sequence[Story], vocabulary: Vocabulary, sizes: Sizes) -> StoryBatch:
    """One batch with all of the stories, padded to the longest of them."""
    return collate([encode_story(story, vocabulary, sizes) for story in stories], sizes)


def _integers(values: Sequence[object]) -> IntArray:
    return np.array(values, dtype=np.int64)


def _ragged(rows: Sequence[Sequence[int]], fill: int) -> IntArray:
    """The rows as one array, each filled up to the longest."""
    longest = max(map(len, rows), default=0)
    full = [[*row, *[fill] * (longest - len(row))] for row in rows]
    return _integers(full).reshape(len(rows), longest)


def _joined(parts: Sequence[IntArray], fill: int) -> IntArray:
    """All rows of the parts, filled up to the widest."""
    widest = max(part.shape[1] for part in parts)
    if all(part.shape[1] == widest for part in parts):
        return np.concatenate(parts)
    joined = np.full((sum(map(len, parts)), widest), fill, np.int64)
    row = 0
    for part in parts:
        joined[row : row + len(part), : part.shape[1]] = part
        row += len(part)
    return joined


class Groupable(Protocol):
    """A story with its questions, encoded or not."""

    @property
    def sentences(self) -> Sized:
        """Its sentences."""

    @property
    def questions(self) -> Sized:
        """Its questions."""


AnyStory = TypeVar("AnyStory", bound=Groupable)


def group_stories(
    stories: Sequence[AnyStory], questions: int, generator: torch.Generator | None = None
) -> Iterator[list[AnyStory]]:
    """Groups of whole stories with about `questions` questions each.

    With a generator the stories are shuffled, and those of like length kept together (within
    windows of 16 groups) so that little is padded; without one they come in order.
    """
    if generator is None:
        yield from _fill(stories, questions)
        return
    order = torch.randperm(len(stories), generator=generator).tolist()
    shuffled = [stories[i] for i in order]
    groups: list[list[AnyStory]] = []
    for window in _fill(shuffled, 16 * questions):
        window.sort(key=lambda story: len(story.sentences))
        groups.extend(_fill(window, questions))
    for index in torch.randperm(len(groups), generator=generator).tolist():
        yield groups[index]


def _fill(stories: Sequence[AnyStory], questions: int) -> Iterator[list[AnyStory]]:
    """Cut the stories, in order, where a group has reached `questions` questions."""
    group: list[AnyStory] = []
    count = 0
    for story in stories:
        group.append(story)
        count += len(story.questions)
        if count >= questions:
            yield group
            group, count = [], 0
    if group:
        yield group
