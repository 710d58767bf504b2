"""What the CPU's passes take: a model's parameters as arrays, and what does not change."""

from collections.abc import Sequence
from typing import NamedTuple

from relmem_variants.fast.cpu.tile import Array


class ReadoutParts(NamedTuple):
    """H [d, d], R [>= vocabulary, d], slope [d] and C [d, d] of eq. 10-13."""

    H: Array
    R: Array
    slope: Array
    C: Array


class MemoryParts(NamedTuple):
    """U, V, W [d, d], bias and slope [d] of eq. 3."""

    U: Array
    V: Array
    W: Array
    bias: Array
    slope: Array


class RelationParts(NamedTuple):
    """A, B [d, d], bias and slope [d] of eq. 8 and 18."""

    A: Array
    B: Array
    bias: Array
    slope: Array


class Parts(NamedTuple):
    """A model's parameters, or the gradients by them; arrays of no rows where there is none.

    words [V, d], sentence_mask and question_mask [L, d] are those of eq. 1, keys [m, d] of eq. 2.
    """

    words: Array
    sentence_mask: Array
    question_mask: Array
    keys: Array
    readout: ReadoutParts
    memory: MemoryParts
    relation: RelationParts

    @classmethod
    def of(cls, arrays: Sequence[Array]) -> "Parts":
        """From all of the arrays in their order."""
        words, sentence_mask, question_mask, keys, *others = arrays
        readout, memory, relation = others[:4], others[4:9], others[9:]
        parts = ReadoutParts(*readout), MemoryParts(*memory), RelationParts(*relation)
        return cls(words, sentence_mask, question_mask, keys, *parts)


class Form(NamedTuple):
    """What a model's passes depend on besides its parameters and its stories.

    kind        of relations
    limit       how long a relation may grow, 0 for any length
    share       what A, B and the relations' bias are multiplied by
    vocabulary  how many of R's rows are words
    hops        how often the readout attends
    """

    kind: int
    limit: float
    share: float
    vocabulary: int
    hops: int


class Stories(NamedTuple):
    """Questions and the sentences that answer them.

    tokens, first, asked  as `Steps` names them
    questions             int64 [Q, L]
    """

    tokens: Array
    first: Array
    asked: Array
    questions: Array


class Batch(NamedTuple):
    """A `StoryBatch`, but for its answers."""

    sentences: Array
    questions: Array
    story: Array
    position: Array


class Workspace(NamedTuple):
    """Room for the rows and for what phi takes, as `loops.Rows` names them; filled on the way."""

    rows: Array
    inner: Array
    relation_rows: Array
    relation_inner: Array
