"""EntNet (Henaff et al. 2017, arXiv 1612.03969) whose word vectors are made before training."""

from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b

import torch
from torch import Tensor, nn

from relmem_cli.contract import Variant
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_variants.parts import AnyEncoder, EntNet


@dataclass(frozen=True, kw_only=True)
class VectorOptions:
    slots: int = 20
    dim: int = 100
    vectors: str = "svd"


VECTORS = Variant(
    name="vector-entnet",
    summary="EntNet whose word vectors are made before training and stay.",
    reference="Henaff et al. 2017, arXiv 1612.03969",
    options=VectorOptions,
    model="tests.field.vectors:VectorEntNet",
    training={"batch": 8},
)


class FixedWords(AnyEncoder):
    """The sum of fixed word vectors, each times a learned mask for its place, as in EntNet."""

    def __init__(self, *, sizes: Sizes, dim: int) -> None:
        super().__init__()
        self.register_buffer("vectors", torch.randn(sizes.vocabulary, dim))  # until prepare
        longest = max(sizes.sentence_length, sizes.question_length)
        self.mask = nn.Parameter(torch.ones(longest, dim))

    def sentence(self, tokens: Tensor) -> Tensor:
        """[..., words] to [..., dim]."""
        return (self.vectors[tokens] * self.mask[: tokens.shape[-1]]).sum(dim=-2)

    question = sentence


class VectorEntNet(EntNet):
    """The built-in EntNet with hashed or co-occurrence vectors."""

    def __init__(self, *, sizes: Sizes, options: VectorOptions) -> None:
        encoder = FixedWords(sizes=sizes, dim=options.dim)
        super().__init__(sizes=sizes, options=options, encoder=encoder)
        self.hashed = options.vectors == "hash"

    def prepare(self, vocabulary: Vocabulary, stories: list[Story]) -> None:
        """Makes the vectors from the words, or from what stands beside what in the stories."""
        vectors = next(m for m in self.modules() if isinstance(m, FixedWords)).vectors
        for word, number in vocabulary.ids.items():
            seed = int.from_bytes(blake2b(word.encode(), digest_size=7).digest())
            noise = torch.randn(vectors.shape[1], generator=torch.Generator().manual_seed(seed))
            vectors[number] = noise / vectors.shape[1] ** 0.5
        if not self.hashed:
            self._add_svd(vectors, vocabulary.ids, stories)
        vectors[0] = 0

    def _add_svd(self, vectors: Tensor, ids: dict[str, int], stories: list[Story]) -> None:
        texts = [t for s in stories for t in (*s.sentences, *(q.text for q in s.questions))]
        pairs = Counter((a, b) for text in texts for a in text for b in text if a != b)
        counts = torch.zeros(len(vectors), len(vectors))
        for (a, b), count in pairs.items():
            counts[ids[a], ids[b]] = count
        u, s, _ = torch.linalg.svd((1 + counts).log())
        near = (u * s.sqrt())[:, : vectors.shape[1]]
        vectors[:, : near.shape[1]] += near / near.norm(dim=1).mean()
