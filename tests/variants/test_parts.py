"""What a plugin may build on: another encoder before EntNet."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from relmem_cli.contract import Kernels, Variant
from relmem_cli.stories.vocabulary import Sizes
from relmem_cli.testing import check_variant
from relmem_variants import parts
from relmem_variants.parts import AnyEncoder, EntNet, EntNetOptions
from tests.variants.cases import SIZES, mixed_batch


class Backwards(AnyEncoder):
    """The state of a GRU after the words, the last one first."""

    def __init__(self, *, sizes: Sizes, dim: int) -> None:
        super().__init__()
        self.words = nn.Embedding(sizes.vocabulary, dim, padding_idx=0)
        self.cell = nn.GRU(dim, dim, batch_first=True)

    def sentence(self, tokens: Tensor) -> Tensor:
        flat = tokens.reshape(-1, tokens.shape[-1])
        _, last = self.cell(self.words(flat).flip(dims=[1]))
        return last[0].view(*tokens.shape[:-1], last.shape[-1])

    def question(self, tokens: Tensor) -> Tensor:
        return self.sentence(tokens)


class BackwardsEntNet(EntNet):
    def __init__(self, *, sizes: Sizes, options: EntNetOptions) -> None:
        encoder = Backwards(sizes=sizes, dim=options.dim)
        super().__init__(sizes=sizes, options=options, encoder=encoder)


BACKWARDS = Variant(
    name="backwards",
    summary="",
    reference="",
    options=EntNetOptions,
    model=f"{__name__}:BackwardsEntNet",
)


def test_entnet_with_another_encoder_conforms() -> None:
    check_variant(BACKWARDS, {"slots": 3, "dim": 5})


@pytest.mark.parametrize("training", [True, False])
def test_it_gives_the_same_with_and_without_the_fast_path(training: bool) -> None:
    torch.manual_seed(0)
    model: Any = BACKWARDS.build(SIZES, {"slots": 3, "dim": 5}).train(training)
    batch = mixed_batch()
    found = {}
    for kernels in Kernels:
        model.kernels = kernels
        model.zero_grad()
        model.learn(batch)
        found[kernels] = [model(batch).detach(), *(p.grad.clone() for p in model.parameters())]
    for fast, slow in zip(found[Kernels.auto], found[Kernels.reference], strict=True):
        torch.testing.assert_close(fast, slow)


def test_every_part_is_there_by_its_name() -> None:
    assert all(hasattr(parts, name) for name in parts.__all__)
