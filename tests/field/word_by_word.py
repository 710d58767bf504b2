"""What tests of the readers share: a layer both ways, and random words."""

import numpy as np
import torch

from relmem_field.words import BothWays
from tests.field.layers import Array, gru_states, weights_of


def both_ways(layer: BothWays, xs: Array) -> tuple[Array, Array]:
    """States of a bidirectional GRU [n, 2 hidden], and what each direction ends with."""
    ahead, behind = (
        gru_states(weights_of(layer.ahead), xs),
        gru_states(weights_of(layer.back), xs[::-1]),
    )
    return np.hstack([ahead, behind[::-1]]), np.concatenate([ahead[-1], behind[-1]])


def tokens(*shape: int, most: int, seed: int = 0) -> torch.Tensor:
    """Random words below `most`; each row has one at least, and pads after its last."""
    generator = torch.Generator().manual_seed(seed)
    lengths = torch.randint(1, shape[-1] + 1, (*shape[:-1], 1), generator=generator)
    words = torch.randint(1, most, shape, generator=generator)
    return words * (torch.arange(shape[-1]) < lengths)
