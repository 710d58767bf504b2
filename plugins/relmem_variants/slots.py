"""What the paper's variants share: encoder, keys, memory, readout, and reading whole stories."""

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import normalize

from relmem_cli.contract.model import (
    Chart,
    Explanation,
    State,
    merge,
    select,
)
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_variants.encoder import AnyEncoder, Encoder
from relmem_variants.fast.engine import Engine
from relmem_variants.gated_memory import Memory
from relmem_variants.initial import normal
from relmem_variants.options import EntNetOptions
from relmem_variants.readout import Readout
from relmem_variants.relations_kept import RelationKind


class SlotModel(Engine[State]):
    """A variant adds its state, one step of its recurrence and what its readout attends to.

    Its state has the fields memory h [batch, slots, dim], gates g [batch, slots] that the latest
    sentence opened, and what more it needs.

    encoder  makes vectors of sentences and questions; unless it is given, eq. 1
    kind     which relations it keeps
    """

    kind: ClassVar[RelationKind]

    def __init__(
        self,
        *,
        sizes: Sizes,
        options: EntNetOptions,
        hops: int = 1,
        encoder: AnyEncoder | None = None,
    ) -> None:
        super().__init__(sizes=sizes)
        self.encoder = encoder or Encoder(sizes=sizes, dim=options.dim)
        self.keys = normal(options.slots, options.dim, scale=3)
        self.memory = Memory(dim=options.dim)
        self.readout = Readout(
            vocabulary=sizes.vocabulary, slots=options.slots, dim=options.dim, hops=hops
        )

    @abstractmethod
    def inputs(self, s: Tensor) -> tuple[Tensor, ...]:
        """What the steps need of sentences s [..., dim] and can be had before they are read."""

    @abstractmethod
    def step(self, state: State, inputs: tuple[Tensor, ...]) -> State:
        """The state after one sentence each, from `inputs` with one axis before the last ones."""

    @abstractmethod
    def attend(self, state: State, q: Tensor) -> tuple[Tensor, Tensor]:
        """Attention p [batch, rows] for questions q [batch, dim], and what it reads, u (11, 12)."""

    @property
    @abstractmethod
    def readout_slope(self) -> Tensor:
        """The slope of the readout's phi [dim] (eq. 13)."""

    def read(self, state: State, sentences: Tensor) -> State:
        """The state after one sentence more, int64 [batch, words]."""
        present = (sentences != 0).any(dim=1)
        inputs = self.inputs(self.encoder.sentence(sentences))
        return _keep(present, self.step(state, inputs), state)

    def states(self, batch: StoryBatch) -> Iterator[State]:
        """The state after every sentence; all sentences are encoded at once.

        Step t covers the stories up to the last one that still has a sentence or a question.
        """
        present = (batch.sentences != 0).any(dim=2)
        inputs = self.inputs(self.encoder.sentence(batch.sentences.transpose(0, 1)))
        by_step = zip(*(tensor.unbind(dim=0) for tensor in inputs), strict=True)
        state = self.begin(len(present))
        yield state
        for active, here, now in zip(_active(batch, present), present.T, by_step, strict=True):
            if active < len(state[0]):
                state = select(state, slice(active))
            new = self.step(state, tuple(tensor[:active] for tensor in now))
            state = new if here[:active].all() else _keep(here[:active], new, state)
            yield state

    def answer(self, state: State, questions: Tensor) -> Tensor:
        """Logits [batch, vocabulary] for questions int64 [batch, words]."""
        return self._attend(state, questions)[0]

    def rows(self, state: State) -> Tensor:
        """What the readout reads of the first story where it attends to one slot alone: u.

        [slots, dim], or more rows where others stand beside the slots.
        """
        memory: Tensor = state.memory  # type: ignore[attr-defined]  # every SlotModel's state has it
        return memory[0]

    def explain(self, state: State, questions: Tensor) -> Explanation:
        """Gates of the latest sentence, attention over the rows for each hop, and contents."""
        attention = torch.cat(self._attend(state, questions)[1])
        gates: Tensor = state.gates  # type: ignore[attr-defined]  # every SlotModel's state has it
        words = self.slot_words()
        own = attention.shape[1] == len(self.keys)  # not where other rows are read beside the slots
        return {
            "gates": Chart(values=gates[:1], rows="sentence", columns="slot", column_labels=words),
            "attention": Chart(
                values=attention, rows="hop", columns="slot", column_labels=words if own else None
            ),
            "contents": self._contents(state, words),
        }

    def slot_words(self) -> tuple[int, ...] | None:
        """For each slot the word whose vector is nearest to its key, by their cosine.

        None where the encoder is another one, which may have no vectors of words.
        """
        if not isinstance(self.encoder, Encoder):
            return None
        likeness = normalize(self.keys, dim=1) @ normalize(self.encoder.words[1:], dim=1).T
        return tuple((likeness.argmax(dim=1) + 1).tolist())

    def groups(self) -> dict[str, list[str]]:
        """embedding, masks, keys, memory, relation (where there is one), readout."""
        names = [name for name, _ in self.named_parameters()]
        masks = ["encoder.sentence_mask", "encoder.question_mask"]
        encoder = [name for name in names if name.startswith("encoder.") and name not in masks]
        groups = {
            "embedding": encoder,
            "masks": [name for name in masks if name in names],
            "keys": ["keys"],
            "memory": [name for name in names if name.startswith("memory.")],
            "relation": [name for name in names if name.startswith("relation.")],
            "readout": [
                name for name in names if name in ("C", "D") or name.startswith("readout.")
            ],
        }
        return {group: members for group, members in groups.items() if members}

    def _contents(self, state: State, words: tuple[int, ...] | None) -> Chart:
        """How probable eq. 13 makes each word from one row alone, without a question.

        Of all words those that are the likeliest of a row.
        """
        u = self.rows(state)
        logits = self.readout.score(torch.zeros_like(u), u, self.readout_slope)
        p = torch.softmax(logits[:, 1:], dim=1)
        best = torch.unique(p.argmax(dim=1))
        several = len(u) // len(self.keys)
        return Chart(
            values=p[:, best],
            rows="slot, then relation" if several > 1 else "slot",
            columns="word",
            row_labels=words and several * words,
            column_labels=tuple((best + 1).tolist()),
        )

    def _attend(self, state: State, questions: Tensor) -> tuple[Tensor, list[Tensor]]:
        q = self.encoder.question(questions)
        logits, attention = self.readout(q, partial(self.attend, state), self.readout_slope)
        return logits, attention


def _keep(present: Tensor, new: State, old: State) -> State:
    """`new` for the stories that are present [batch], `old` for the others."""

    def choose(fresh: Tensor, kept: Tensor) -> Tensor:
        return torch.where(present.view(-1, *[1] * (fresh.dim() - 1)), fresh, kept)

    return merge([new, old], choose)


def _active(batch: StoryBatch, present: Tensor) -> list[int]:
    """For each step, 1 + the last story that has a sentence or a question after it."""
    stories, steps = present.shape
    after = torch.arange(1, steps + 1, device=present.device)
    ends = (present * after).amax(dim=1) if steps else present.new_zeros(stories, dtype=torch.int64)
    ends = ends.scatter_reduce(0, batch.story, batch.position, "amax")
    rows = torch.arange(1, stories + 1, device=present.device)
    return (
        ((ends[:, None] >= after) * rows[:, None]).amax(dim=0).tolist() if stories else [0] * steps
    )
