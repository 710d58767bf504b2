"""The variants' options; light, for a plugin's module is read at every start."""

from dataclasses import dataclass


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
    """Of QRN.

    dim          length of a query
    layers       how often the query is reduced
    gates        scalar: one for a sentence; vector: one for each of its components
    reset        whether there is a reset gate
    forget_bias  of 1 - z, the part of the query that is kept, at first
    """

    dim: int = 50
    layers: int = 2
    gates: str = "scalar"
    reset: bool = True
    forget_bias: float = 2.5

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "layers")
        one_of(self, "gates", "scalar", "vector")


@dataclass(frozen=True, kw_only=True)
class DmnOptions:
    """Of DMN and DMN+.

    dim        length of a fact, a question and a memory
    passes     how often the sentences are read
    plus       whether it is DMN+
    episode    of the sentences of a pass: gru, read one after another, or soft, their weighted sum
    dropout    the part of the numbers of words (DMN+: sentences) and answers left out in training
    gate_loss  weight of the gates' cross-entropy with the supporting facts, 0 for none
    first      the share of the epochs, at the start, in which these alone are learned
    """

    dim: int = 80
    passes: int = 3
    plus: bool = False
    episode: str = "soft"
    dropout: float = 0.2
    gate_loss: float = 1.0
    first: float = 0.4

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "passes")
        one_of(self, "episode", "gru", "soft")
        fraction(self, "dropout", "first")
        if self.gate_loss < 0:
            raise ValueError(f"gate_loss is {self.gate_loss}; it must be at least 0")


@dataclass(frozen=True, kw_only=True)
class NseOptions:
    """Of NSE.

    dim       length of a word; a memory is twice as long
    steps     how often query and story are read, at most
    adaptive  whether it decides how often; otherwise a gate decides what is kept of the query
    memory    of the story's sentences, from which an answer is chosen, or words, one of which it is
    dropout   the part of the numbers of words and answers that are left out in training
    """

    dim: int = 32
    steps: int = 3
    adaptive: bool = True
    memory: str = "sentences"
    dropout: float = 0.1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "steps")
        one_of(self, "memory", "sentences", "words")
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
