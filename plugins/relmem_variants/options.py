"""What can be set for each variant; light, so that listing variants needs no torch."""

from dataclasses import dataclass, fields
from math import inf
from typing import Any

_MOST = {
    "slots": 500, "dim": 10_000, "hops": 100, "heads": 300, "steps": 100, "capacity": 10_000,
    "context": 10_000, "width": 99, "rank": 100, "features": 10_000,
}  # fmt: skip
"""What whole numbers are at most: a model file's card is held to it before a model is built."""


def check_ranges(options: Any) -> None:
    """Raise ValueError for a whole number below 1, or above what is sensible."""
    for field in fields(options):
        value, most = getattr(options, field.name), _MOST.get(field.name)
        if most and not 1 <= value <= most:
            raise ValueError(f"{field.name} is {value}; it must be at least 1 and at most {most:,}")


@dataclass(frozen=True, kw_only=True)
class EntNetOptions:
    """slots: number m of memory slots; dim: length d of every vector."""

    slots: int = 20
    dim: int = 100

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True, kw_only=True)
class MultiHopOptions(EntNetOptions):
    """hops: how often the readout attends to the memory (eq. 14)."""

    hops: int = 2


@dataclass(frozen=True, kw_only=True)
class RelationOptions(EntNetOptions):
    """hops: how often the readout attends; relation_limit: how long a relation may grow.

    The paper gives relations no bound. Eq. 7 and 9 can let them grow by a factor of m - 1 with
    every sentence, which overflows in long stories, so that longer ones are scaled down to the
    limit; 0 is no limit.
    """

    hops: int = 1
    relation_limit: float = 10.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.slots < 2:
            raise ValueError(f"slots is {self.slots}; relations need at least 2")
        if not 0 <= self.relation_limit < inf:
            raise ValueError(
                f"relation_limit is {self.relation_limit}; it must be a number, 0 or more"
            )


@dataclass(frozen=True, kw_only=True)
class TransformerOptions:
    """What can be set for relation-transformer.

    dim       length of every row; heads have dim / heads of it each
    heads     a multiple of 3, a third of each kind
    steps     how often every row looks at the sentences
    capacity  how many of the latest sentences are remembered
    dropout   the part of what a step adds that is dropped at random in training
    alike     how much heads begin by looking for the same word at the same place; 0: by chance
    """

    dim: int = 96
    heads: int = 6
    steps: int = 4
    capacity: int = 130
    dropout: float = 0.1
    alike: float = 5.0

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.heads % 3:
            raise ValueError(f"heads is {self.heads}; it must be a multiple of 3")
        if self.dim % self.heads:
            raise ValueError(f"dim is {self.dim}; it must be a multiple of heads, {self.heads}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout is {self.dropout}; it must be at least 0 and below 1")
        if not 0 <= self.alike < inf:
            raise ValueError(f"alike is {self.alike}; it must be a number, 0 or more")


@dataclass(frozen=True, kw_only=True)
class OpenOptions(TransformerOptions):
    """What can be set for open-transformer, beside what relation-transformer has.

    context   length of the vectors that tell what a word's neighbours are
    width     how many neighbouring words a layer sees, itself among them; odd
    rank      how many scores of two equal words add up to a head's
    features  how many such scores tell a sentence what it shares with the question
    capacity  how many sentences a question reads; of more, those that lead to its words
    """

    context: int = 64
    width: int = 5
    rank: int = 4
    features: int = 32
    capacity: int = 64
    alike: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.width % 2:
            raise ValueError(f"width is {self.width}; it must be odd")
