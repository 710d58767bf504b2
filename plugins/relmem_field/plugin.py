"""The systems that the paper cites, each checked against its own paper; see docs/field.md."""

from relmem_cli import hookimpl
from relmem_cli.contract import Recipe, Variant
from relmem_field.options import (
    AoaOptions,
    BaselineOptions,
    DmnOptions,
    EpiOptions,
    GroupOptions,
    KeyValueOptions,
    KneserNeyOptions,
    LstmOptions,
    MemN2NOptions,
    MemNNOptions,
    NseOptions,
    PretrainedOptions,
    QrnOptions,
    RelNetOptions,
    RnOptions,
    RrnOptions,
)
from relmem_field.recipes import RECIPES, SEO, SUKHBAATAR
from relmem_field.tables import table_recipes

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
    training=SEO,
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


PRETRAINED = Variant(
    name="pretrained",
    summary="Any of the paper's variants behind a pre-trained encoder, or with its word vectors.",
    reference="eq. 1-19; Devlin et al. 2019, arXiv 1810.04805; Lan et al. 2020, arXiv 1909.11942",
    options=PretrainedOptions,
    model="relmem_field.pretrained:pretrained",
    training={"learning_rate": 0.003},
)


PAPER = (
    "entnet", "multi-hop", "relation-slot", "self-memory", "all-relations", "relation-transformer",
)  # fmt: skip
"""The variants beside which the field stands."""


CLOZE = ("kneser-ney", "lstm", "memn2n", "epireader", "aoa-reader", "relation-transformer")
"""Those that read cloze questions."""


VARIANTS = (
    MEMNN, MEMN2N, DMN, KV_MEMNN, QRN, RN, RELNET, RRN, NSE, AOA, EPIREADER, LSTM, KNESER_NEY,
    GROUP_RELATIONS, PRETRAINED, QUESTION_ONLY, STORY_ONLY,
)  # fmt: skip

FIELD = tuple(each.name for each in VARIANTS if each is not PRETRAINED)
"""Those that stand beside them; without an encoder `pretrained` is relation-slot."""


@hookimpl
def relmem_variants() -> list[Variant]:
    """The systems of the field."""
    return list(VARIANTS)


@hookimpl
def relmem_recipes() -> list[Recipe]:
    """How their papers trained them; how the paper's tables have them, and all side by side."""
    return [
        *RECIPES,
        *table_recipes(field=[*PAPER, *FIELD], cloze=CLOZE),
    ]
