"""The systems that the paper cites, each checked against its own paper; see docs/field.md."""

from relmem_cli import hookimpl
from relmem_cli.contract import Recipe, Variant
from relmem_field.options import (
    AoaOptions,
    BaselineOptions,
    DmnOptions,
    KeyValueOptions,
    MemN2NOptions,
    MemNNOptions,
    QrnOptions,
)
from relmem_field.recipes import RECIPES, SUKHBAATAR

MEMN2N = Variant(
    name="memn2n",
    summary="Looks three times at the sentences, with a linear start.",
    reference="Sukhbaatar et al. 2015, arXiv 1503.08895",
    options=MemN2NOptions,
    model="relmem_field.memn2n:MemN2N",
    training=SUKHBAATAR,
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
    training={"epochs": 40, "patience": 15},
)
KV_MEMNN = Variant(
    name="kv-memnn",
    summary="Looks up values by keys: a word by the words around it, or a sentence by itself.",
    reference="Miller et al. 2016, arXiv 1606.03126",
    options=KeyValueOptions,
    model="relmem_field.kv_memnn:KeyValueMemNN",
    training={"learning_rate": 0.003, "batch": 8},
)
QUESTION_ONLY = Variant(
    name="question-only",
    summary="A baseline that reads no story.",
    reference="Kaushik and Lipton 2018, arXiv 1808.04926",
    options=BaselineOptions,
    model="relmem_field.baselines:QuestionOnly",
    training={"epochs": 20},
)
STORY_ONLY = Variant(
    name="story-only",
    summary="A baseline that reads no question.",
    reference="Kaushik and Lipton 2018, arXiv 1808.04926",
    options=BaselineOptions,
    model="relmem_field.baselines:StoryOnly",
    training={"epochs": 20},
)
AOA = Variant(
    name="aoa-reader",
    summary="Points to a word of the passage by attention over attention.",
    reference="Cui et al. 2017, arXiv 1607.04423",
    options=AoaOptions,
    model="relmem_field.aoa_reader:AoaReader",
    open=True,
)


@hookimpl
def relmem_variants() -> list[Variant]:
    """The systems of the field."""
    return [MEMN2N, QRN, DMN, MEMNN, KV_MEMNN, AOA, QUESTION_ONLY, STORY_ONLY]


@hookimpl
def relmem_recipes() -> list[Recipe]:
    """How their papers trained them, and what they published: see docs/field."""
    return RECIPES
