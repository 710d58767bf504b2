"""The variants' options; light, for a plugin's module is read at every start."""

from dataclasses import dataclass
from math import inf


def at_least_one(options: object, *names: str) -> None:
    """Raise ValueError for an option of these that is below 1."""
    for name in names:
        if getattr(options, name) < 1:
            raise ValueError(f"{name} is {getattr(options, name)}; it must be at least 1")


def one_of(options: object, name: str, *values: str) -> None:
    """Raise ValueError for an option that is none of these values."""
    if getattr(options, name) not in values:
        raise ValueError(f"{name} is {getattr(options, name)}; it must be {' or '.join(values)}")


def fraction(options: object, *names: str) -> None:
    """Raise ValueError for an option of these that is not from 0 to below 1."""
    for name in names:
        if not 0 <= getattr(options, name) < 1:
            raise ValueError(f"{name} is {getattr(options, name)}; it must be from 0 to below 1")


@dataclass(frozen=True, kw_only=True)
class MemN2NOptions:
    """Of MemN2N.

    dim       length of a memory
    hops      how often it looks
    tying     of the matrices between hops: adjacent or layerwise
    memories  how many of the latest sentences are kept
    noise     the share of empty memories put in among a training story's sentences
    linear    the share of the epochs, at the start, in which attention has no softmax
    """

    dim: int = 20
    hops: int = 3
    tying: str = "adjacent"
    memories: int = 50
    noise: float = 0.1
    linear: float = 0.2

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "hops", "memories")
        one_of(self, "tying", "adjacent", "layerwise")
        fraction(self, "noise", "linear")


@dataclass(frozen=True, kw_only=True)
class QrnOptions:
    """Of QRN."""

    dim: int = 50
    layers: int = 2

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "layers")


@dataclass(frozen=True, kw_only=True)
class DmnOptions:
    """Of DMN+."""

    dim: int = 80
    passes: int = 3
    episode: str = "gru"
    dropout: float = 0.1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "passes")
        one_of(self, "episode", "gru", "soft")
        fraction(self, "dropout")


@dataclass(frozen=True, kw_only=True)
class MemNNOptions:
    """Of MemNN."""

    dim: int = 50
    hops: int = 2
    margin: float = 0.1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "hops")


@dataclass(frozen=True, kw_only=True)
class AoaOptions:
    """Of the AoA reader."""

    dim: int = 48
    hidden: int = 48
    dropout: float = 0.1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "hidden")
        fraction(self, "dropout")


@dataclass(frozen=True, kw_only=True)
class GroupOptions:
    """Of group-relations: those of relation-slot, and how many slots a relation is among.

    slots           number of memory slots
    dim             length of every vector
    hops            how often the readout attends
    relation_limit  how long a relation may grow, 0 for no limit
    group           how many slots a relation is among; 2 is relation-slot
    least           where it is above 0: groups of all sizes from this one to `group`
    """

    slots: int = 20
    dim: int = 100
    hops: int = 1
    relation_limit: float = 10.0
    group: int = 3
    least: int = 0

    def __post_init__(self) -> None:
        at_least_one(self, "slots", "dim", "hops")
        if not 0 <= self.relation_limit < inf:
            raise ValueError(
                f"relation_limit is {self.relation_limit}; it must be a number, 0 or more"
            )
        if not 2 <= self.group <= self.slots:
            raise ValueError(f"group is {self.group}; it must be from 2 to slots, {self.slots}")
        if self.least and not 2 <= self.least <= self.group:
            raise ValueError(f"least is {self.least}; it must be 0, or from 2 to {self.group}")


@dataclass(frozen=True, kw_only=True)
class RnOptions:
    """Of the relation network.

    dim        length of words and of the LSTMs' states; the paper's is 32
    width      of the layers of g, and of f, whose second one is twice as wide; the paper's is 256
    sentences  how many of the latest sentences are kept
    dropout    before f's last layer
    """

    dim: int = 64
    width: int = 64
    sentences: int = 20
    dropout: float = 0.5

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "width", "sentences")
        fraction(self, "dropout")


@dataclass(frozen=True, kw_only=True)
class RrnOptions(RnOptions):
    """Of the recurrent relational network: those of RN; width 128 and dropout 0.5 in the paper.

    dropout    behind the readout's first two layers
    steps      how often messages are sent
    """

    dropout: float = 0.0
    steps: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_one(self, "steps")


@dataclass(frozen=True, kw_only=True)
class RelNetOptions:
    """Of RelNet.

    slots  number of entities; there is a relation for every two
    dim    length of every vector
    """

    slots: int = 10
    dim: int = 64

    def __post_init__(self) -> None:
        at_least_one(self, "dim")
        if self.slots < 2:
            raise ValueError(f"slots is {self.slots}; relations need at least 2")
