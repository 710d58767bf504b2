"""The entry point: the paper's five variants, and two of relmem's own."""

from relmem_cli import hookimpl
from relmem_cli.contract import Variant
from relmem_variants.options import (
    EntNetOptions,
    MultiHopOptions,
    OpenOptions,
    RelationOptions,
    TransformerOptions,
)

VARIANTS = (
    Variant(
        name="entnet",
        summary="Recurrent entity network: gated slots, one look at the memory.",
        reference="eq. 1-5, 11-13; Henaff et al. 2017, arXiv 1612.03969",
        options=EntNetOptions,
        model="relmem_variants.entnet:EntNet",
    ),
    Variant(
        name="multi-hop",
        summary="EntNet that looks at its memory several times before it answers.",
        reference="eq. 1-5, 11-14",
        options=MultiHopOptions,
        model="relmem_variants.entnet:MultiHop",
    ),
    Variant(
        name="relation-slot",
        summary="EntNet with one relation slot beside each memory slot.",
        reference="eq. 1-14",
        options=RelationOptions,
        model="relmem_variants.relation:RelationSlot",
    ),
    Variant(
        name="self-memory",
        summary="EntNet whose relations are written into the memory itself.",
        reference="eq. 1-5, 16-19, 11-13",
        options=EntNetOptions,
        model="relmem_variants.self_memory:SelfMemory",
    ),
    Variant(
        name="all-relations",
        summary="EntNet with a relation for every pair of slots, as RelNet keeps them.",
        reference="eq. 1-6, 8-15; Bansal et al. 2017, arXiv 1706.07179",
        options=RelationOptions,
        model="relmem_variants.all_relations:AllRelations",
    ),
)
"""Those of the paper."""

RELATION_TRANSFORMER = Variant(
    name="relation-transformer",
    summary="Sentences that find each other by the words they share, before one answers.",
    reference="eq. 1; Dehghani et al. 2019, arXiv 1807.03819; Csordas et al. 2022, 2110.07732",
    options=TransformerOptions,
    model="relmem_variants.transformer:RelationTransformer",
)

OPEN_TRANSFORMER = Variant(
    name="open-transformer",
    summary="relation-transformer for any words, read by where they stand (--words open).",
    reference="eq. 1; Dehghani et al. 2019, arXiv 1807.03819; Csordas et al. 2022, 2110.07732",
    options=OpenOptions,
    model="relmem_variants.open_transformer:OpenTransformer",
    open=True,
    any_number=True,
)


@hookimpl
def relmem_variants() -> list[Variant]:
    """The five variants of the paper, and relmem's own two."""
    return [*VARIANTS, RELATION_TRANSFORMER, OPEN_TRANSFORMER]
