"""The systems that the paper cites, each checked against its own paper; see docs/field.md."""

from relmem_cli import hookimpl
from relmem_cli.contract import Recipe, Variant
from relmem_field.options import (
    AoaOptions,
    DmnOptions,
    GroupOptions,
    MemN2NOptions,
    MemNNOptions,
    QrnOptions,
    RelNetOptions,
    RnOptions,
    RrnOptions,
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
    open=True,
)
RN = Variant(
    name="rn",
    summary="Relates every sentence to every other, and adds up what it finds.",
    reference="Santoro et al. 2017, arXiv 1706.01427",
    options=RnOptions,
    model="relmem_field.rn:Rn",
    training={"learning_rate": 0.001, "batch": 8, "epochs": 40, "patience": 40},
)
RRN = Variant(
    name="rrn",
    summary="Sentences send each other messages, three times; every step has to answer.",
    reference="Palm et al. 2018, arXiv 1711.08028",
    options=RrnOptions,
    model="relmem_field.rrn:Rrn",
    training={"learning_rate": 0.001, "batch": 8, "epochs": 50, "patience": 50, "l2": 1e-5},
)
RELNET = Variant(
    name="relnet",
    summary="EntNet with a relation for every two entities, and answers read from the three.",
    reference="Bansal et al. 2017, arXiv 1706.07179",
    options=RelNetOptions,
    model="relmem_field.relnet:RelNet",
    training={"learning_rate": 0.004, "clip": 1.0, "warmup": 3, "epochs": 40},
)
GROUP_RELATIONS = Variant(
    name="group-relations",
    summary="relation-slot whose relations are among groups of three slots and more.",
    reference="the outlook of relation-slot's paper",
    options=GroupOptions,
    model="relmem_field.group_relations:GroupRelations",
)


@hookimpl
def relmem_variants() -> list[Variant]:
    """The systems of the field."""
    return [MEMN2N, QRN, DMN, MEMNN, AOA, RN, RRN, RELNET, GROUP_RELATIONS]


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
