"""What the variants tell the fast path, and what a backend for one kind of device offers."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from torch import Tensor

from relmem_cli.stories.batch import StoryBatch
from relmem_variants.fast.steps import Steps
from relmem_variants.relations_kept import RelationKind

if TYPE_CHECKING:
    from relmem_variants.fast.cpu.transformer.positions import Positions
    from relmem_variants.fast.cpu.transformer.sentences import RowLayout


class SlotWeights(NamedTuple):
    """What a variant's steps are made of.

    memory: U, V, W, bias and slope (eq. 3); relation: A, B, bias and slope (eq. 8, 18), if any;
    limit: how long a relation may grow, 0 for any length; share: what A, B and the relations'
    bias are yet to be multiplied by.
    """

    memory: tuple[Tensor, ...]
    relation: tuple[Tensor, ...] = ()
    kind: RelationKind = RelationKind.none
    limit: float = 0.0
    share: float = 1.0

    @classmethod
    def of(cls, tensors: Sequence[Tensor], kind: RelationKind, limit: float) -> "SlotWeights":
        """From the memory's tensors and the relations' in one sequence."""
        return cls(tuple(tensors[:5]), tuple(tensors[5:]), kind, limit)

    def shared(self) -> "SlotWeights":
        """The same, multiplied by share."""
        if self.share == 1:
            return self
        *multiplied, slope = self.relation
        relation = (*(each * self.share for each in multiplied), slope)
        return self._replace(relation=relation, share=1.0)


class Look(NamedTuple):
    """What answers are made with: H [d, d], R [words, d], slope [d]; C [d, d] or None.

    vocabulary: how many of R's rows are words; hops: how often it looks.
    """

    H: Tensor
    R: Tensor
    slope: Tensor
    C: Tensor | None
    vocabulary: int
    hops: int


class Model(NamedTuple):
    """All that a variant computes with; `encoder`: the words' vectors, then both masks (eq. 1)."""

    encoder: tuple[Tensor, Tensor, Tensor]
    keys: Tensor
    weights: SlotWeights
    look: Look


class Rule(NamedTuple):
    """How rows are written, for N sentences, P rows and dim d.

    matrix M [d, d]; start [P, d] or None where it is zero; drive [N, d]; slope of phi [d];
    limit: how long a row may be; 0: any length; below 0: every row is scaled to length 1.
    """

    matrix: Tensor
    start: Tensor | None
    drive: Tensor
    slope: Tensor
    limit: float


class RuleGradients(NamedTuple):
    """Gradients by what a `Rule` holds."""

    matrix: Tensor
    start: Tensor
    drive: Tensor
    slope: Tensor


class Back(NamedTuple):
    """Gradients by s [N, d] (the gates' part), match [N, m], keys [m, d] and the rules."""

    s: Tensor
    match: Tensor
    keys: Tensor
    memory: RuleGradients
    relation: RuleGradients | None


class Trace(Protocol):
    """What was computed on the way through the stories."""

    def asked(self) -> tuple[Tensor, Tensor]:
        """Memory [Q, m, d] and relations [Q, P, d] that the questions ask."""

    def back(self, dh: Tensor, dr: Tensor) -> Back:
        """From the gradients by what `asked` returned, as often as wanted."""


class Backend(Protocol):
    """A module that reads stories on one kind of device."""

    def steps(self, batch: StoryBatch) -> Steps:
        """The sentences that answer a batch's questions."""

    def read(
        self,
        steps: Steps,
        s: Tensor,
        match: Tensor,
        keys: Tensor,
        memory: Rule,
        relation: Rule | None,
        kind: RelationKind,
    ) -> Trace:
        """Every story from its beginning, where each slot holds its key and relations are 0."""

    def logits(self, batch: StoryBatch, model: Model) -> Tensor | None:
        """Logits [Q, vocabulary], all by hand.

        None where the backend leaves all but the recurrence to torch.
        """

    def learner(self, model: Model) -> Callable[[StoryBatch], Tensor] | None:
        """The mean cross-entropy of batches, as `StoryModel.learner` has it.

        None where that is better left to autograd.
        """


class Shape(NamedTuple):
    """What a transformer's parameters do not tell.

    steps     how often every row looks
    capacity  how many sentences are remembered
    drop      the part of what a step adds that is dropped just now
    """

    steps: int
    capacity: int
    drop: float


class TransformerBackend(Protocol):
    """A module that computes relation-transformer on one kind of device."""

    def logits(self, batch: StoryBatch, parameters: Mapping[str, Tensor], shape: Shape) -> Tensor:
        """Logits [questions, vocabulary] with their gradients, from the model's parameters."""

    def loss_and_gradients(
        self, batch: StoryBatch, parameters: Mapping[str, Tensor], shape: Shape
    ) -> Tensor:
        """The mean cross-entropy of a batch, its gradients added to the parameters' `grad`."""


class Stepper(Protocol):
    """A module that computes open-transformer's steps on one kind of device."""

    def find_positions(self, batch: StoryBatch, capacity: int, counts: Tensor) -> "Positions":
        """Where a batch's words, sentences and questions lie; see `Positions`."""

    def steps(
        self,
        layout: "RowLayout",
        shape: Shape,
        z: Tensor,
        asked: Tensor,
        among: Tensor,
        parameters: Mapping[str, Tensor],
    ) -> Tensor:
        """The questions' rows [Q, dim] after all steps, from rows z [R, dim]."""
