"""The torch side of the contract: what every variant's module offers.

What training makes small is computed here: `StoryModel.loss`, from the logits of `forward`. `learn`
is the loss with its gradients, by autograd unless a model overrides it; training takes `learner`
once and calls that for every batch (`Trainer` in `relmem_cli/training/loop.py`). Evaluation takes
`loss`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from relmem_cli.contract import Kernels
from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary

State = TypeVar("State", bound="NamedTuple")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A 2-D array to look at: `values` [rows, columns] and what its rows and columns are.

    Where a row or column stands for a word, as a slot does for the word nearest to its key, the
    labels are those words' vocabulary ids, one for each row or column.
    """

    values: Tensor
    rows: str
    columns: str
    row_labels: tuple[int, ...] | None = None
    column_labels: tuple[int, ...] | None = None


Explanation = dict[str, Chart]
"""Charts by name; chat knows "gates", "attention", "relations", "evidence" and "contents"."""


class Spelled(NamedTuple):
    """Answers in words, int64 [batch, n], pads after the last; how probable they are [batch]."""

    words: Tensor
    probability: Tensor


Loss = Tensor | Mapping[str, Tensor]
"""A scalar, or named scalars whose sum is the loss."""


def total(loss: Loss) -> Tensor:
    """The loss as one scalar."""
    return loss if isinstance(loss, Tensor) else torch.stack(list(loss.values())).sum()


def restrict(logits: Tensor, candidates: Tensor) -> Tensor:
    """The logits [Q, vocabulary], minus infinity outside a question's candidates [Q, C], if any."""
    if not candidates.shape[1]:
        return logits
    named = torch.zeros_like(logits, dtype=torch.bool).scatter_(1, candidates, value=True)
    named[:, 0] = False
    return logits.masked_fill(~named & named.any(dim=1, keepdim=True), -torch.inf)


def merge(states: Sequence[State], join: Callable[..., Tensor]) -> State:
    """One state whose tensors are `join` of the states' tensors, field by field."""
    return type(states[0])._make(join(*tensors) for tensors in zip(*states, strict=True))


def select(state: State, rows: Tensor | slice) -> State:
    """The state of some stories only; `rows` indexes the first axis of every tensor."""
    return merge([state], lambda tensor: tensor[rows])


class StoryModel(nn.Module, ABC, Generic[State]):
    """A memory network: reads sentences one by one into a state and answers from it.

    A subclass is built with `sizes` and its variant's `options` by keyword. Its state is a
    NamedTuple of tensors whose first axis is the story; it is returned anew, never changed in
    place, so that keeping an earlier one undoes what came after.
    """

    kernels: Kernels = Kernels.auto
    """What `forward` may use; a variant that has no code but `read` and `answer` ignores it."""

    @property
    def recordable(self) -> bool:
        """Whether a training step can be recorded as a CUDA graph and played again.

        Then `forward` launches the same work for every batch of one shape, whatever is in it, and
        never waits for the GPU. The default one does wait.
        """
        return False

    def __init__(self, *, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes

    @abstractmethod
    def begin(self, batch: int) -> State:
        """An empty memory for each of `batch` stories."""

    @abstractmethod
    def read(self, state: State, sentences: Tensor) -> State:
        """The state after one sentence more for each story.

        sentences: int64 [batch, words]; a sentence of pads only leaves its story as it was.
        """

    @abstractmethod
    def answer(self, state: State, questions: Tensor) -> Tensor:
        """Logits [batch, vocabulary] for one question about each story, int64 [batch, words]."""

    def spell(self, state: State, questions: Tensor) -> Spelled | None:
        """For a model whose answers have several words: the words of each.

        None, as by default, where an answer is one item, the one that `answer` scores highest.
        """
        del state, questions
        return None

    def explain(self, state: State, questions: Tensor) -> Explanation:
        """What the model looked at for one question about one story: [1, words].

        "gates" [1, slots] are those that the latest sentence opened, "attention" [hops, rows]
        what the answer was read from, "relations" what is related: slots, or sentences, and
        "evidence" [1, sentences] how much each sentence weighs in the answer, at least 0, and
        "contents" [slots, words] how probable each word is as the answer of one slot alone. Rows or
        columns that are sentences are called "sentence" and are the latest ones, in order. Other
        names are shown as they are. A variant without such things returns {}. The question may be
        blank, that is, pads only.

        `/why` follows an answer back to the words by itself where they are looked up by
        `embedding`, `index_select` or indexing a table with a tensor that holds the ids of whole
        sentences; "evidence" stands in where they are not.
        """
        del state, questions
        return {}

    def loss(self, batch: StoryBatch) -> Loss:
        """What training makes small, a scalar; the mean cross-entropy of the answers in nats.

        A loss of one's own may have named parts, whose sum it is: each is logged by its name.
        Answers of IGNORED are left out: such a question only fills the batch. So are those without
        an id where not all can have one.
        """
        if not self.sizes.extra and not batch.candidates.shape[1]:
            return cross_entropy(self(batch), batch.answers, ignore_index=IGNORED)
        logits = restrict(self(batch), batch.candidates)
        known = batch.answers > 0
        answers = batch.answers.where(known, IGNORED)
        loss = cross_entropy(logits, answers, ignore_index=IGNORED, reduction="sum")
        return loss / known.sum().clamp(min=1)

    def learn(self, batch: StoryBatch) -> Loss:
        """The same loss without a gradient; its gradients are added to the parameters' `grad`.

        By default autograd finds them; a faster way to the same may override it.
        """
        loss = self.loss(batch)
        total(loss).backward()  # type: ignore[no-untyped-call]
        if isinstance(loss, Tensor):
            return loss.detach()
        return {name: part.detach() for name, part in loss.items()}

    def learner(self) -> Callable[[StoryBatch], Loss]:
        """`learn` for many batches, between which parameters and `grad` only change in place.

        What does not depend on a batch can be prepared here once.
        """
        return self.learn

    def prepare(self, vocabulary: Vocabulary, stories: Sequence[Story]) -> None:
        """Told once what a new model will be trained on; a model that is loaded is not told.

        What it makes of it, such as word vectors or counts, lies in parameters and buffers that
        are there from the start with the shape that `sizes` give, since a file keeps those alone.
        """
        del vocabulary, stories

    def epoch(self, number: int, last: int) -> bool | None:
        """Told before each epoch of training, from 1, of `last` at most: for what has phases.

        Returns True where what comes now cannot be compared with what was: then the best epoch and
        the wait for a better one begin anew. What it changes follows from `number` alone, so that
        a run that is resumed goes on alike.
        """
        del number, last
        return None

    def measure(self, batch: StoryBatch) -> Mapping[str, Tensor]:
        """Figures of one's own by name, a number for each question [Q]; their means are reported.

        Called in evaluation mode beside the error, after training and after each of its epochs.
        """
        del batch
        return {}

    def groups(self) -> dict[str, list[str]]:
        """Parameter names by group; every parameter is in exactly one.

        By default a group is a parameter's top-level module.
        """
        groups: dict[str, list[str]] = {}
        for name, _ in self.named_parameters():
            groups.setdefault(name.partition(".")[0], []).append(name)
        return groups

    def states(self, batch: StoryBatch) -> Iterator[State]:
        """The state after 0, 1, ... T sentences of every story.

        A faster way to the same states may override it; from step t on it may leave out trailing
        stories that have neither sentences nor questions left.
        """
        state = self.begin(len(batch.sentences))
        yield state
        for sentences in batch.sentences.unbind(dim=1):
            state = self.read(state, sentences)
            yield state

    def forward(self, batch: StoryBatch) -> Tensor:
        """Logits [questions, vocabulary]: each story read once, all of its questions answered."""
        state, order = self.when_asked(batch)
        return self.answer(state, batch.questions[order])[order.argsort()]

    def spell_batch(self, batch: StoryBatch) -> Spelled | None:
        """`spell` for every question of a batch; None where the model does not spell."""
        if type(self).spell is StoryModel.spell:
            return None
        state, order = self.when_asked(batch)
        spelled = self.spell(state, batch.questions[order])
        if spelled is None:
            return None
        if not isinstance(spelled, Spelled):
            raise TypeError(f"spell returned {type(spelled).__name__}, not Spelled")
        back = order.argsort()
        return Spelled(*(tensor[back] for tensor in spelled))

    def when_asked(self, batch: StoryBatch) -> tuple[State, Tensor]:
        """The states in which questions are asked, and which question each of them belongs to."""
        asked = _by_position(batch)
        met = [
            select(state, batch.story[rows])
            for rows, state in zip(asked, self.states(batch), strict=True)
            if len(rows)
        ]
        if not met:
            return self.begin(0), batch.story
        return merge(met, lambda *tensors: torch.cat(tensors)), torch.cat(asked)


def _by_position(batch: StoryBatch) -> tuple[Tensor, ...]:
    """The questions asked after 0, 1, ... T sentences: T + 1 index tensors."""
    steps = batch.sentences.shape[1] + 1
    counts: list[int] = torch.bincount(batch.position, minlength=steps).tolist()
    return torch.split(batch.position.argsort(stable=True), counts)
