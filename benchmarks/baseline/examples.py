"""Questions as training examples of their own, each with the story before it."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import torch
from torch import Tensor

from relmem_cli.stories.story import Story
from relmem_cli.stories.tasks import TaskData
from relmem_cli.stories.vocabulary import Sizes, Vocabulary


class Examples(NamedTuple):
    """N questions: all int64, 0 where padded.

    stories    [N, T, L]   the sentences before each question
    lengths    [N]         how many those are
    questions  [N, Lq]
    answers    [N]
    """

    stories: Tensor
    lengths: Tensor
    questions: Tensor
    answers: Tensor

    def take(self, rows: Tensor) -> "Examples":
        """Some of them."""
        return Examples(*(tensor[rows] for tensor in self))

    def to(self, device: torch.device) -> "Examples":
        """The same on another device."""
        return Examples(*(tensor.to(device) for tensor in self))

    def batches(self, size: int, generator: torch.Generator) -> Iterator["Examples"]:
        """Batches without end, in a new order every epoch."""
        while True:
            order = torch.randperm(len(self.answers), generator=generator)
            for rows in torch.split(order.to(self.answers.device), size):
                yield self.take(rows)


def training_examples(data: TaskData) -> Examples:
    """A task's training questions, padded to the longest story of the task."""
    longest = max(len(story.sentences) for story in chain(data.train, data.validation))
    return encode_examples(data.train, data.vocabulary, data.sizes, longest)


def encode_examples(
    stories: Sequence[Story], vocabulary: Vocabulary, sizes: Sizes, longest: int
) -> Examples:
    """Every question of the stories, in order, with its story padded to `longest` sentences."""
    told: list[list[list[int]]] = []
    rest: list[tuple[int, list[int], int]] = []
    for story in stories:
        sentences = [vocabulary.encode(s, sizes.sentence_length) for s in story.sentences]
        sentences += [[0] * sizes.sentence_length] * longest
        for question in story.questions:
            pads = [[0] * sizes.sentence_length] * (longest - question.position)
            told.append(sentences[: question.position] + pads)
            text = vocabulary.encode(question.text, sizes.question_length)
            rest.append((question.position, text, vocabulary.ids.get(question.answer, 0)))
    lengths, questions, answers = zip(*rest, strict=True)
    return Examples(*map(torch.tensor, (told, lengths, questions, answers)))
