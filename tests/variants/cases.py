"""Models with random weights and stories with random words, for the tests of the variants."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn

from relmem_cli.contract import Variant
from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_variants.plugin import VARIANTS
from tests.variants.reference import REFERENCES, EntNet

NAMES = [variant.name for variant in VARIANTS]

SIZES = Sizes(vocabulary=11, sentence_length=5, question_length=4)

CASES: list[tuple[str, dict[str, Any]]] = [
    ("entnet", {"slots": 1}),
    ("entnet", {"slots": 3}),
    ("multi-hop", {"slots": 3, "hops": 1}),
    ("multi-hop", {"slots": 3}),
    ("multi-hop", {"slots": 1, "hops": 3}),
    ("relation-slot", {"slots": 3}),
    ("relation-slot", {"slots": 2, "hops": 2, "relation_limit": 1.0}),
    ("relation-slot", {"slots": 3, "hops": 3, "relation_limit": 0.0}),
    ("self-memory", {"slots": 1}),
    ("self-memory", {"slots": 3}),
    ("all-relations", {"slots": 2}),
    ("all-relations", {"slots": 3, "hops": 2, "relation_limit": 0.5}),
    ("all-relations", {"slots": 4, "hops": 3, "relation_limit": 0.0}),
]
"""Variants with options: few slots, every number of hops, relations limited or not."""


def label(value: object) -> str:
    """A case's name in pytest's output."""
    if isinstance(value, dict):
        return " ".join(f"{key}={option}" for key, option in value.items())
    return str(value)


def build(name: str, *, sizes: Sizes = SIZES, dim: int = 7, **options: Any) -> StoryModel[Any]:
    """A float64 model all of whose weights, biases, slopes, keys and masks are random."""
    model = _variant(name).build(sizes, {"dim": dim, **options}).double()
    generator = torch.Generator().manual_seed(5)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.7, generator=generator)
    return model


def reference(name: str, model: StoryModel[Any], options: dict[str, Any]) -> EntNet:
    """The NumPy model with the same weights, at the beginning of a story."""
    weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
    settings = asdict(_variant(name).parse_options(options))
    del settings["slots"], settings["dim"]
    return REFERENCES[name](weights, vocabulary=model.sizes.vocabulary, **settings)


def words(*shape: int, seed: int = 1, vocabulary: int = SIZES.vocabulary) -> Tensor:
    """Random tokens [..., words]; each row has at least one, and pads after its last."""
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(1, vocabulary, shape, generator=generator)
    lengths = torch.randint(1, shape[-1] + 1, (*shape[:-1], 1), generator=generator)
    return tokens * (torch.arange(shape[-1]) < lengths)


def story_batch(
    lengths: Sequence[int],
    asked: Sequence[tuple[int, int]],
    *,
    gaps: Sequence[tuple[int, int]] = (),
    sizes: Sizes = SIZES,
) -> StoryBatch:
    """Stories of these lengths; questions at (story, position); pads at gaps (story, sentence)."""
    longest = max(lengths, default=0)
    sentences = words(len(lengths), longest, sizes.sentence_length, vocabulary=sizes.vocabulary)
    for story, length in enumerate(lengths):
        sentences[story, length:] = 0
    for story, sentence in gaps:
        sentences[story, sentence] = 0
    about = torch.tensor(asked, dtype=torch.int64).reshape(-1, 2)
    return StoryBatch(
        sentences=sentences,
        questions=words(len(asked), sizes.question_length, seed=2, vocabulary=sizes.vocabulary),
        story=about[:, 0].contiguous(),
        position=about[:, 1].contiguous(),
        answers=torch.ones(len(asked), dtype=torch.int64),
    )


def mixed_batch() -> StoryBatch:
    """Stories of different length: one empty, one with a gap, the longest neither first nor last.

    Their questions come in no order, several to a story, one before its first sentence, and one
    after sentences of pads.
    """
    asked = [(2, 6), (0, 1), (1, 0), (2, 2), (0, 4), (3, 5), (2, 0), (0, 1), (3, 2)]
    return story_batch([4, 0, 6, 2], asked, gaps=[(2, 3), (0, 0)])


def _variant(name: str) -> Variant:
    return next(variant for variant in VARIANTS if variant.name == name)


def one_by_one(model: StoryModel[Any], batch: StoryBatch) -> Tensor:
    """Logits [questions, vocabulary] by begin, read and answer, a batch of one story at a time."""
    logits = []
    for question, story, position in zip(batch.questions, batch.story, batch.position, strict=True):
        state = model.begin(1)
        for sentence in batch.sentences[story, :position]:
            state = model.read(state, sentence[None])
        logits.append(model.answer(state, question[None]))
    return torch.cat(logits)
