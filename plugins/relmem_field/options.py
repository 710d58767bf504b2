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
    """Of the AoA reader."""

    dim: int = 48
    hidden: int = 48
    dropout: float = 0.1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "hidden")
        fraction(self, "dropout")


SLOT_VARIANTS = ("entnet", "multi-hop", "relation-slot", "self-memory", "all-relations")
"""The variants of the paper, which may have another encoder."""


@dataclass(frozen=True, kw_only=True)
class PretrainedOptions:
    """Of a slot variant with a pre-trained encoder.

    memory   the slot variant: entnet, multi-hop, relation-slot, self-memory or all-relations
    encoder  the folder of a BERT or ALBERT (config.json, tokenizer.json, model.safetensors), whose
             vectors of sentences are read; "" for eq. 1. It is needed wherever the model is used
    vectors  a file of word vectors as GloVe's, "word v1 v2 ... vn" a line, with which eq. 1
             begins; "" for none. It is needed for training alone
    tune     whether what is pre-trained is trained on; else it stays as it is

    The others are those of the slot variant.
    """

    slots: int = 20
    dim: int = 100
    hops: int = 1
    relation_limit: float = 10.0
    memory: str = "relation-slot"
    encoder: str = ""
    vectors: str = ""
    tune: bool = False

    def __post_init__(self) -> None:
        one_of(self, "memory", *SLOT_VARIANTS)
        if self.encoder and self.vectors:
            raise ValueError("encoder and vectors exclude each other; leave out one of them")
