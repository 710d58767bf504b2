"""The systems that the paper cites, each checked against its own paper; see docs/field.md."""

from relmem_cli import hookimpl
from relmem_cli.contract import Recipe, Variant
from relmem_field.options import (
    AoaOptions,
    DmnOptions,
    MemN2NOptions,
    MemNNOptions,
    NseOptions,
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
    training={
        "optimizer": "adagrad",
        "learning_rate": 0.5,
        "l2": 0.001,
        "epochs": 200,
        "patience": 60,
    },
)
DMN = Variant(
    name="dmn",
    summary="Reads the sentences in passes by gates that learn the supporting facts; or DMN+.",
    reference="Kumar et al. 2016, arXiv 1506.07285; plus: Xiong et al. 2016, arXiv 1603.01417",
    options=DmnOptions,
    model="relmem_field.dmn:build",
    training={"learning_rate": 0.003, "batch": 16, "epochs": 50},
)
NSE = Variant(
    name="nse",
    summary="Reads query and story in turn, writes the query anew, and decides when to stop.",
    reference="Munkhdalai & Yu 2016, arXiv 1610.06454 and 1607.04315",
    options=NseOptions,
    model="relmem_field.nse:Nse",
    training={"learning_rate": 0.003, "batch": 32},
    open=True,
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
    open=True,
)

DMN_PLUS = {"plus": True, "episode": "gru", "dim": 80, "dropout": 0.1, "gate_loss": 0.0}
ALL_RIGHT = {str(task): 0.0 for task in range(1, 21)}
DMN_PUBLISHED = ALL_RIGHT | {
    "2": 1.8, "3": 4.8, "5": 0.7, "7": 3.1, "8": 3.5, "10": 2.5, "11": 0.1, "13": 0.2, "16": 0.6,
    "17": 40.4, "18": 4.7, "19": 65.5,
}  # fmt: skip
DMN_PLUS_PUBLISHED = ALL_RIGHT | {
    "2": 0.3, "3": 1.1, "5": 0.5, "7": 2.4, "14": 0.2, "16": 45.3, "17": 4.2, "18": 2.1,
}  # fmt: skip


@hookimpl
def relmem_variants() -> list[Variant]:
    """The systems of the field."""
    return [MEMN2N, QRN, DMN, NSE, MEMNN, AOA]


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
        ),
        Recipe(
            name="seo",
            summary="AdaGrad at 0.5, l2 0.001, 500 epochs; the best of ten seeds.",
            variants=("qrn",),
            settings={
                "optimizer": "adagrad",
                "learning_rate": 0.5,
                "schedule": "halving",  # which their code does and the paper does not say
                "halve_every": 100,
                "l2": 0.001,
                "clip": 0.0,
                "epochs": 500,
                "patience": 50,
            },
            restarts=10,
            options={"layers": 2, "gates": "scalar", "reset": True},
            published={"qrn": {"2": 0.7, "3": 5.7, "4": 0.0, "5": 1.1}},
        ),
        Recipe(
            name="kumar",
            summary="Gates that are taught the supporting facts; a weighted sum of facts.",
            variants=("dmn",),
            options={"plus": False, "episode": "soft", "gate_loss": 1.0},
            published={"dmn": DMN_PUBLISHED},
        ),
        Recipe(
            name="xiong",
            summary="DMN+ at 10,000 questions: Adam at 0.001, batches of 128, 256 epochs.",
            variants=("dmn",),
            settings={
                "data": "en-10k",
                "learning_rate": 0.001,
                "schedule": "constant",
                "batch": 128,
                "epochs": 256,
                "patience": 20,
            },
            restarts=10,
            options=DMN_PLUS,
            published={"dmn": DMN_PLUS_PUBLISHED},
        ),
    ]
