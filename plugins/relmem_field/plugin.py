"""The systems that the paper cites, each checked against its own paper; see docs/field.md."""

from relmem_cli import hookimpl
from relmem_cli.contract import Recipe, Variant
from relmem_field.options import (
    AoaOptions,
    DmnOptions,
    EpiOptions,
    KneserNeyOptions,
    LstmOptions,
    MemN2NOptions,
    MemNNOptions,
    QrnOptions,
)

MEMN2N = Variant(
    name="memn2n",
    summary="Looks three times at the sentences, with a linear start.",
    reference="Sukhbaatar et al. 2015, arXiv 1503.08895",
    options=MemN2NOptions,
    model="relmem_field.memn2n:MemN2N",
    training={"learning_rate": 0.01, "batch": 6},
)
QRN = Variant(
    name="qrn",
    summary="Reduces the query sentence by sentence to an easier one.",
    reference="Seo et al. 2017, arXiv 1606.04582",
    options=QrnOptions,
    model="relmem_field.qrn:Qrn",
    training={"optimizer": "adagrad", "learning_rate": 0.1},
)
DMN = Variant(
    name="dmn-plus",
    summary="Fuses the sentences, then reads them in three passes by attention.",
    reference="Xiong et al. 2016, arXiv 1603.01417",
    options=DmnOptions,
    model="relmem_field.dmn:DmnPlus",
    training={"learning_rate": 0.003, "batch": 8},
)
MEMNN = Variant(
    name="memnn",
    summary="Finds the supporting facts one by one; learns them from the data set.",
    reference="Weston et al. 2014, arXiv 1410.3916",
    options=MemNNOptions,
    model="relmem_field.memnn:MemNN",
)
AOA = Variant(
    name="aoa-reader",
    summary="Points to a word of the passage by attention over attention.",
    reference="Cui et al. 2017, arXiv 1607.04423",
    options=AoaOptions,
    model="relmem_field.aoa_reader:AoaReader",
    training={"learning_rate": 0.003, "batch": 32, "epochs": 30, "patience": 8, "l2": 1e-4},
    open=True,
)
EPIREADER = Variant(
    name="epireader",
    summary="Points to some words, then weighs a hypothesis made of each.",
    reference="Trischler et al. 2016, arXiv 1606.02270",
    options=EpiOptions,
    model="relmem_field.epireader:EpiReader",
    training={"learning_rate": 0.003, "batch": 32, "epochs": 30, "patience": 8},
    open=True,
)
LSTM = Variant(
    name="lstm",
    summary="An LSTM that reads on through story and question.",
    reference="Hill et al. 2016, arXiv 1511.02301",
    options=LstmOptions,
    model="relmem_field.lstm:Lstm",
)
KNESER_NEY = Variant(
    name="kneser-ney",
    summary="Counts n-grams before training; the story's own words are a cache.",
    reference="Hill et al. 2016, arXiv 1511.02301",
    options=KneserNeyOptions,
    model="relmem_field.kneser_ney:KneserNey",
    training={"learning_rate": 0.02, "schedule": "constant", "epochs": 20, "patience": 20},
    open=True,
)


@hookimpl
def relmem_variants() -> list[Variant]:
    """The systems of the field."""
    return [MEMN2N, QRN, DMN, MEMNN, AOA, EPIREADER, LSTM, KNESER_NEY]


@hookimpl
def relmem_recipes() -> list[Recipe]:
    """How their papers trained them."""
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
