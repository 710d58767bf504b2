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
    """Of the AoA reader.

    dim      length of a word's vector
    hidden   length of a GRU's state
    dropout  of word vectors
    """

    dim: int = 48
    hidden: int = 48
    dropout: float = 0.1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "hidden")
        fraction(self, "dropout")


@dataclass(frozen=True, kw_only=True)
class EpiOptions:
    """Of EpiReader.

    dim        length of a word's vector
    hidden     length of a GRU's state
    proposals  K: how many candidates the Extractor proposes
    filters    N_F: of each convolution
    width      m: words that a filter sees, an odd number
    margin     gamma: how far ahead of the others the answer is to be
    weight     lambda: of that against the Extractor's own loss
    dropout    of the Extractor's word vectors
    """

    dim: int = 48
    hidden: int = 48
    proposals: int = 5
    filters: int = 32
    width: int = 3
    margin: float = 0.04
    weight: float = 50.0
    dropout: float = 0.1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "hidden", "proposals", "filters", "width")
        fraction(self, "margin", "dropout")
        if self.width % 2 == 0:
            raise ValueError(f"width is {self.width}; it must be odd")
        if not self.weight >= 0:
            raise ValueError(f"weight is {self.weight}; it must be at least 0")


@dataclass(frozen=True, kw_only=True)
class LstmOptions:
    """Of the LSTM.

    dim       length of a word's vector
    hidden    length of h and c
    language  how much a word of the text weighs in the loss against an answer; 1 in the paper
    best      how many words are tried with what follows the blank, where no candidates are named
    dropout   of word vectors and of h where words are predicted
    """

    dim: int = 50
    hidden: int = 50
    language: float = 0.0
    best: int = 10
    dropout: float = 0.1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "hidden", "best")
        fraction(self, "dropout")
        if not 0 <= self.language <= 1:
            raise ValueError(f"language is {self.language}; it must be from 0 to 1")


@dataclass(frozen=True, kw_only=True)
class KneserNeyOptions:
    """Of the n-gram model.

    order  how many words an n-gram has at most
    room   how many n-grams, and words before them, there are places for
    cache  what the story's own words weigh before training
    """

    order: int = 5
    room: int = 300_000
    cache: float = 0.9

    def __post_init__(self) -> None:
        at_least_one(self, "order", "room")
        if not 0 < self.cache < 1:
            raise ValueError(f"cache is {self.cache}; it must lie between 0 and 1")
