"""Six systems of the field as a plugin, written from docs/plugins.md alone."""

from dataclasses import dataclass

from relmem_cli import hookimpl
from relmem_cli.contract import Recipe, Variant
from tests.field.cloze import Cloze


def at_least_one(options: object, *names: str) -> None:
    for name in names:
        if getattr(options, name) < 1:
            raise ValueError(f"{name} is {getattr(options, name)}; it must be at least 1")


def one_of(options: object, name: str, *values: str) -> None:
    if getattr(options, name) not in values:
        raise ValueError(f"{name} is {getattr(options, name)}; it must be {' or '.join(values)}")


@dataclass(frozen=True, kw_only=True)
class MemN2NOptions:
    """noise: the share of empty memories; linear: the share of epochs without softmax."""

    dim: int = 20
    hops: int = 3
    tying: str = "adjacent"
    memories: int = 50
    noise: float = 0.1
    linear: float = 0.2

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "hops", "memories")
        one_of(self, "tying", "adjacent", "layerwise")


@dataclass(frozen=True, kw_only=True)
class QrnOptions:
    dim: int = 50
    layers: int = 2

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "layers")


@dataclass(frozen=True, kw_only=True)
class DmnOptions:
    dim: int = 80
    passes: int = 3
    episode: str = "gru"
    dropout: float = 0.1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "passes")
        one_of(self, "episode", "gru", "soft")


@dataclass(frozen=True, kw_only=True)
class MemNNOptions:
    dim: int = 50
    hops: int = 2
    margin: float = 0.1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "hops")


@dataclass(frozen=True, kw_only=True)
class AoaOptions:
    dim: int = 48
    hidden: int = 48
    dropout: float = 0.1

    def __post_init__(self) -> None:
        at_least_one(self, "dim", "hidden")


@dataclass(frozen=True, kw_only=True)
class VectorOptions:
    slots: int = 20
    dim: int = 100
    vectors: str = "svd"

    def __post_init__(self) -> None:
        at_least_one(self, "slots", "dim")
        one_of(self, "vectors", "svd", "hash")


MEMN2N = Variant(
    name="memn2n",
    summary="Looks three times at the sentences, with a linear start.",
    reference="Sukhbaatar et al. 2015, arXiv 1503.08895",
    options=MemN2NOptions,
    model="tests.field.memn2n:MemN2N",
    training={"learning_rate": 0.01, "batch": 6},
)
QRN = Variant(
    name="qrn",
    summary="Reduces the query sentence by sentence to an easier one.",
    reference="Seo et al. 2017, arXiv 1606.04582",
    options=QrnOptions,
    model="tests.field.qrn:Qrn",
    training={"optimizer": "adagrad", "learning_rate": 0.1},
)
DMN = Variant(
    name="dmn-plus",
    summary="Fuses the sentences, then reads them in three passes by attention.",
    reference="Xiong et al. 2016, arXiv 1603.01417",
    options=DmnOptions,
    model="tests.field.dmn:DmnPlus",
    training={"learning_rate": 0.003, "batch": 8},
)
MEMNN = Variant(
    name="memnn",
    summary="Finds the supporting facts one by one; learns them from the data set.",
    reference="Weston et al. 2014, arXiv 1410.3916",
    options=MemNNOptions,
    model="tests.field.memnn:MemNN",
)
AOA = Variant(
    name="aoa",
    summary="Points to a word of the passage by attention over attention.",
    reference="Cui et al. 2017, arXiv 1607.04423",
    options=AoaOptions,
    model="tests.field.aoa:AoaReader",
    open=True,
)
VECTORS = Variant(
    name="vector-entnet",
    summary="EntNet whose word vectors are made before training and stay.",
    reference="Henaff et al. 2017, arXiv 1612.03969",
    options=VectorOptions,
    model="tests.field.vectors:VectorEntNet",
    training={"batch": 8},
)


@hookimpl
def relmem_variants() -> list[Variant]:
    return [MEMN2N, QRN, DMN, MEMNN, AOA, VECTORS]


@hookimpl
def relmem_sources() -> list[Cloze]:
    return [Cloze()]


@hookimpl
def relmem_recipes() -> list[Recipe]:
    return [
        Recipe(
            name="sukhbaatar",
            summary="SGD, halved every 25 of 100 epochs; linear start, noise; 3 hops.",
            variants=("memn2n",),
            settings={
                "optimizer": "sgd",
                "learning_rate": 0.16,  # the paper's 0.005 times 32: it sums over a batch
                "schedule": "halving",
                "halve_every": 25,
                "epochs": 100,
                "patience": 100,
                "clip": 1.25,  # 40, of a sum
                "batch": 6,  # stories of five questions
            },
            restarts=1,
            options={"hops": 3, "tying": "adjacent", "noise": 0.1},
            published={"memn2n": {"1": 0.0}},
        )
    ]
