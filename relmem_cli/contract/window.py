"""A base for models that read with the question in hand, such as MemN2N, QRN, DMN+ or RN."""

from abc import abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes


class Window(NamedTuple):
    """sentences int64 [batch, window, words]: the latest ones, newest last, before them pads."""

    sentences: Tensor


class WindowModel(StoryModel[Window]):
    """Its state is the story itself, the latest `window` sentences; a subclass writes `look`.

    Unless it is given, the window is as long as the longest story that is trained on.
    """

    def __init__(self, *, sizes: Sizes, window: int = 0) -> None:
        super().__init__(sizes=sizes)
        self.window = window or max(sizes.story_length, 1)

    @abstractmethod
    def look(self, sentences: Tensor, questions: Tensor) -> Tensor:
        """Logits [Q, vocabulary] for questions int64 [Q, words], each with its own story.

        sentences: int64 [Q, T, words], 1 <= T <= window, the newest last; before a story's first
        one are sentences of pads.
        """

    def begin(self, batch: int) -> Window:
        """No sentences yet."""
        weight = next(self.parameters())
        shape = (batch, self.window, self.sizes.sentence_length)
        return Window(torch.zeros(shape, dtype=torch.int64, device=weight.device))

    def read(self, state: Window, sentences: Tensor) -> Window:
        """The state after one sentence more, int64 [batch, words]; the oldest may be forgotten."""
        room = self.sizes.sentence_length - sentences.shape[1]
        new = torch.cat([state.sentences[:, 1:], pad(sentences, (0, room))[:, None]], dim=1)
        present = (sentences != 0).any(dim=1)
        return Window(torch.where(present[:, None, None], new, state.sentences))

    def answer(self, state: Window, questions: Tensor) -> Tensor:
        """Logits [batch, vocabulary] for one question about each story, int64 [batch, words]."""
        return self.look(told(state), questions)

    def forward(self, batch: StoryBatch) -> Tensor:
        """Logits [Q, ids]: all questions at once, each with the sentences before it."""
        if not len(batch.questions):
            weight = next(p for p in self.parameters() if p.is_floating_point())
            return weight.new_zeros(0, self.sizes.ids)
        return self.look(*self.windows(batch))

    def windows(self, batch: StoryBatch) -> tuple[Tensor, Tensor]:
        """What `look` takes: each question's own sentences [Q, T, words], and the questions."""
        place = _places(batch, self.window)
        sentences = batch.sentences
        if not sentences.shape[1]:
            sentences = pad(sentences, (0, 0, 0, 1))
        own = sentences[batch.story[:, None], place.clamp(min=0)]
        return own * (place >= 0)[:, :, None], batch.questions

    def supported(self, batch: StoryBatch) -> Tensor:
        """Which of these sentences are named as a reason for the answer, as bool [Q, T]."""
        return _named(batch, self.window).any(dim=2)

    def supports(self, batch: StoryBatch) -> Tensor:
        """Where these reasons stand, in the order in which the data set names them, int64 [Q, K].

        -1 where there are fewer, or where a reason is older than the window.
        """
        named = _named(batch, self.window)
        return torch.where(named.any(dim=1), named.to(torch.uint8).argmax(dim=1), -1)


def _named(batch: StoryBatch, window: int) -> Tensor:
    """Which sentence of the window is which reason, as bool [Q, T, K]."""
    place = _places(batch, window)
    return (place[:, :, None] == batch.supports[:, None]) & (place >= 0)[:, :, None]


def _places(batch: StoryBatch, window: int) -> Tensor:
    """For each question the indices in its story of the latest sentences, in order, or -1."""
    present = (batch.sentences != 0).any(dim=2)
    order = (~present).to(torch.uint8).argsort(dim=1, stable=True)  # those of pads come last
    before = pad(present.cumsum(dim=1), (1, 0))[batch.story, batch.position]
    steps = min(window, max(int(before.max()) if len(before) else 0, 1))
    rank = before[:, None] - steps + torch.arange(steps, device=before.device)
    if not order.shape[1]:
        return torch.full_like(rank, -1)
    place = order[batch.story[:, None], rank.clamp(min=0)]
    return torch.where(rank >= 0, place, -1)


def packed(sentences: Tensor) -> tuple[Tensor, Tensor]:
    """The same sentences [Q, T, words] with the pads after them, and how many there are [Q].

    For what reads from the first sentence on, such as torch.nn.GRU.
    """
    there = (sentences != 0).any(dim=2)
    order = (~there).to(torch.uint8).argsort(dim=1, stable=True)
    return sentences.take_along_dim(order[:, :, None], dim=1), there.sum(dim=1)


def told(state: Window) -> Tensor:
    """The state's sentences [batch, T, words] without what no story of the batch fills; T >= 1."""
    present = (state.sentences != 0).any(dim=2)
    count = int(present.sum(dim=1).max()) if len(present) else 0
    return state.sentences[:, state.sentences.shape[1] - max(count, 1) :]
