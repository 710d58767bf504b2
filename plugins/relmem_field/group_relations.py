"""Relations among groups of three and more slots: the outlook of relation-slot's paper.

Its eq. 6 and 7 gather g_i g_j over all pairs that slot i is in; here over all groups of k slots:

    gr_i = sum over the groups G of k slots with i in G of prod_(j in G) g_j
         = g_i e_(k-1)(g without g_i),

where e_n, the n-th elementary symmetric polynomial, is the sum of all products of n of them.
"""

from dataclasses import asdict, replace
from math import comb

import torch
from torch import Tensor
from torch.nn.functional import pad

from relmem_cli.contract.model import Explanation
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.options import GroupOptions
from relmem_variants.parts import RelationOptions, RelationSlot, RelationState


def of_others(g: Tensor, counts: range) -> Tensor:
    """For every i the sum over n of `counts` of e_n(g without g_i): [..., slots], as g.

    In O(slots n^2) and by sums of products alone, so that small gates keep their digits: with
    b_n(i) = e_n(all g_j with j < i) = sum over j < i of g_j b_(n-1)(j), and a_n(i) the same of
    those behind i, e_n(g without g_i) = sum over l of b_l(i) a_(n-l)(i).
    """
    both = torch.stack([g, g.flip(-1)])  # from the first slot on, and from the last one on
    sums = [torch.ones_like(both)]  # b_0, and a_0 by slots in reverse [2, ..., slots]
    for n in range(counts[-1]):
        products = (both * sums[-1] if n else both)[..., :-1]
        sums.append(pad(products.cumsum(-1), (1, 0)))
    e = torch.zeros_like(g)
    for n in counts:
        b = torch.stack(sums[: n + 1])  # [n + 1, 2, ..., slots]
        e = e + (b[:, 0] * b[:, 1].flip(0, -1)).sum(dim=0)  # l and n - l, i and i
    return e


class GroupRelations(RelationSlot):
    """relation-slot (eq. 1-14 of its paper) with the gates above in place of eq. 6 and 7."""

    def __init__(self, *, sizes: Sizes, options: GroupOptions) -> None:
        its = asdict(options)
        most = its.pop("group")
        self.group = range(its.pop("least") or most, most + 1)  # how many slots are in one
        super().__init__(sizes=sizes, options=RelationOptions(**its))
        groups = sum(comb(options.slots - 1, k - 1) for k in self.group)
        self.relation.share = 1 / groups  # as with pairs: gr_i is a sum over so many

    def relation_gates(self, g: Tensor) -> Tensor:
        """gr_i [batch, slots], for gates g [batch, slots]."""
        return g * of_others(g, range(self.group[0] - 1, self.group[-1]))

    def explain(self, state: RelationState, questions: Tensor) -> Explanation:
        """The relation of two slots: the sum over all groups that both are in."""
        charts = super().explain(state, questions)
        g = state.gates[0]
        without = g * (1 - torch.eye(len(g), dtype=g.dtype, device=g.device))  # in row i g_i is 0
        shared = of_others(without, range(self.group[0] - 2, self.group[-1] - 1))
        pairs = g[:, None] * without * shared
        return charts | {"relations": replace(charts["relations"], values=pairs)}
