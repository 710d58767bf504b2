"""Multilayer perceptrons over all pairs of sentences."""

from itertools import pairwise

from torch import Tensor, nn


def dense(before: int, after: int, *, gain: float = 1.0, bias: bool = True) -> nn.Linear:
    """A layer whose weights begin with the variance gain / before, and its bias as 0.

    Gain 1 is LeCun's, 2 is He's (arXiv 1502.01852), with which nothing fades from ReLU to ReLU.
    """
    layer = nn.Linear(before, after, bias=bias)
    nn.init.normal_(layer.weight, std=(gain / before) ** 0.5)
    if bias:
        nn.init.zeros_(layer.bias)
    return layer


def mlp(*sizes: int, gain: float = 1.0) -> nn.Sequential:
    """Linear layers from size to size with a ReLU between each two; none after the last."""
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [dense(before, after, gain=gain), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class PairLayer(nn.Module):
    """The first layer of a perceptron that takes [o_i; o_j; q], for all i and j.

    W [o_i; o_j; q] + b = W_1 o_i + W_2 o_j + (W_3 q + b): a product for each sentence, not one for
    each pair, and no [T, T, 3 d] for the concatenations.
    """

    def __init__(self, *, dim: int, asked: int, width: int, gain: float = 1.0) -> None:
        super().__init__()
        share = 2 * dim + asked  # as one layer begins that takes all three
        self.one = dense(dim, width, gain=gain * dim / share, bias=False)  # W_1
        self.other = dense(dim, width, gain=gain * dim / share, bias=False)  # W_2
        self.asked = dense(asked, width, gain=gain * asked / share)  # W_3, b

    def forward(self, o: Tensor, q: Tensor) -> Tensor:
        """At [Q, i, j, width] of sentences o [Q, T, dim] and questions q [Q, asked]."""
        pairs: Tensor = self.one(o)[:, :, None] + (self.other(o) + self.asked(q)[:, None])[:, None]
        return pairs
