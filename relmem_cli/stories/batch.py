"""Stories as tensors: each story once, with all of its questions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryBatch:
    """S stories of up to T sentences and the Q questions asked about them; all int64.

    sentences  [S, T, L]   token ids, 0 where padded
    questions  [Q, Lq]     token ids, 0 where padded
    story      [Q]         the row in `sentences` that the question is about
    position   [Q]         how many of that story's sentences come before the question
    answers    [Q]         the answer's id; 0 where it is outside the vocabulary
    """

    sentences: Tensor
    questions: Tensor
    story: Tensor
    position: Tensor
    answers: Tensor

    def to(self, device: torch.device) -> "StoryBatch":
        """The same batch on another device."""
        return StoryBatch(
            sentences=self.sentences.to(device),
            questions=self.questions.to(device),
            story=self.story.to(device),
            position=self.position.to(device),
            answers=self.answers.to(device),
        )


def encode_stories(stories: Sequence[Story], vocabulary: Vocabulary, sizes: Sizes) -> StoryBatch:
    """One batch with all of the stories, padded to the longest of them."""
    longest = max((len(story.sentences) for story in stories), default=0)
    sentences = torch.zeros(len(stories), longest, sizes.sentence_length, dtype=torch.int64)
    questions: list[list[int]] = []
    about: list[tuple[int, int, int]] = []
    for row, story in enumerate(stories):
        if story.sentences:
            sentences[row, : len(story.sentences)] = torch.tensor(
                [vocabulary.encode(s, sizes.sentence_length) for s in story.sentences]
            )
        for question in story.questions:
            questions.append(vocabulary.encode(question.text, sizes.question_length))
            about.append((row, question.position, vocabulary.ids.get(question.answer, 0)))
    rows = torch.tensor(about, dtype=torch.int64).reshape(-1, 3)
    return StoryBatch(
        sentences=sentences,
        questions=torch.tensor(questions, dtype=torch.int64).reshape(-1, sizes.question_length),
        story=rows[:, 0].contiguous(),
        position=rows[:, 1].contiguous(),
        answers=rows[:, 2].contiguous(),
    )


def group_stories(
    stories: Sequence[Story], questions: int, generator: torch.Generator | None = None
) -> Iterator[list[Story]]:
    """Groups of whole stories with about `questions` questions each.

    With a generator the stories are shuffled, and those of like length kept together (within
    windows of 16 groups) so that little is padded; without one they come in order.
    """
    if generator is None:
        yield from _fill(stories, questions)
        return
    order = torch.randperm(len(stories), generator=generator).tolist()
    shuffled = [stories[i] for i in order]
    groups: list[list[Story]] = []
    for window in _fill(shuffled, 16 * questions):
        window.sort(key=lambda story: len(story.sentences))
        groups.extend(_fill(window, questions))
    for index in torch.randperm(len(groups), generator=generator).tolist():
        yield groups[index]


def _fill(stories: Sequence[Story], questions: int) -> Iterator[list[Story]]:
    """Cut the stories, in order, where a group has reached `questions` questions."""
    group: list[Story] = []
    count = 0
    for story in stories:
        group.append(story)
        count += len(story.questions)
        if count >= questions:
            yield group
            group, count = [], 0
    if group:
        yield group
