"""The paper's outlook: its variants read sentences by an encoder that was trained before.

BERT or ALBERT (Devlin et al. 2019, arXiv 1810.04805; Lan et al. 2020, arXiv 1909.11942) in place of
eq. 1, or eq. 1 with GloVe's word vectors (Pennington, Socher and Manning 2014).
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_field.bert import SentenceEncoder
from relmem_field.options import PretrainedOptions
from relmem_field.word_vectors import FixedWords, read_vectors
from relmem_variants.parts import (
    AllRelations,
    AnyEncoder,
    Encoder,
    EntNet,
    EntNetOptions,
    MultiHop,
    MultiHopOptions,
    RelationOptions,
    RelationSlot,
    SelfMemory,
)


class Pretrained(StoryModel[Any]):
    """What a slot variant with a pre-trained encoder does once, when it is new."""

    encoder: AnyEncoder
    chosen: PretrainedOptions

    def prepare(self, vocabulary: Vocabulary, stories: Sequence[Story]) -> None:
        """Fill the encoder from the files that the options name."""
        if isinstance(self.encoder, SentenceEncoder):
            self.encoder.fill(self.chosen.encoder, vocabulary, stories)
        elif isinstance(self.encoder, FixedWords | Encoder) and self.chosen.vectors:
            words = self.encoder.words.detach()
            words.copy_(read_vectors(self.chosen.vectors, vocabulary, words))


class PretrainedEntNet(Pretrained, EntNet):
    """EntNet."""


class PretrainedMultiHop(Pretrained, MultiHop):
    """EntNet with several hops."""


class PretrainedRelationSlot(Pretrained, RelationSlot):
    """Relation slots."""


class PretrainedSelfMemory(Pretrained, SelfMemory):
    """Self memory."""


class PretrainedAllRelations(Pretrained, AllRelations):
    """All relations."""


_MODELS: dict[str, tuple[type[Any], type[Any]]] = {
    "entnet": (PretrainedEntNet, EntNetOptions),
    "multi-hop": (PretrainedMultiHop, MultiHopOptions),
    "relation-slot": (PretrainedRelationSlot, RelationOptions),
    "self-memory": (PretrainedSelfMemory, EntNetOptions),
    "all-relations": (PretrainedAllRelations, RelationOptions),
}


def pretrained(*, sizes: Sizes, options: PretrainedOptions) -> Pretrained:
    """The slot variant that the options name, with the encoder that they name."""
    kind, its_options = _MODELS[options.memory]
    own = its_options(**{each.name: getattr(options, each.name) for each in fields(its_options)})
    model: Pretrained = kind(sizes=sizes, options=own)
    model.chosen = options
    if options.encoder:
        model.encoder = SentenceEncoder(
            sizes=sizes, dim=options.dim, folder=options.encoder, tune=options.tune
        )
    elif options.vectors and not options.tune:
        model.encoder = FixedWords(sizes=sizes, dim=options.dim)
    return model
