"""Multilayer perceptrons over all pairs of sentences."""

from itertools import pairwise

from torch import Tensor, nn


def mlp(*sizes: int) -> nn.Sequential:
    """Linear layers from size to size with a ReLU between each two; none after the last."""
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class PairLayer(nn.Module):
    """The first layer of a perceptron that takes [o_i; o_j; q], for all i and j.

    W [o_i; o_j; q] + b = W_1 o_i + W_2 o_j + (W_3 q + b): a product for each sentence, not one for
    each pair, and no [T, T, 3 d] for the concatenations.
    """

    def __init__(self, *, dim: int, asked: int, width: int) -> None:
        super().__init__()
        self.one = nn.Linear(dim, width, bias=False)  # W_1
        self.other = nn.Linear(dim, width, bias=False)  # W_2
        self.asked = nn.Linear(asked, width)  # W_3, b

    def forward(self, o: Tensor, q: Tensor) -> Tensor:
        """At [Q, i, j, width] of sentences o [Q, T, dim] and questions q [Q, asked]."""
        pairs: Tensor = self.one(o)[:, :, None] + (self.other(o) + self.asked(q)[:, None])[:, None]
        return pairs
