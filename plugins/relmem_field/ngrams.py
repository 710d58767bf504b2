"""Interpolated Kneser-Ney smoothing (Chen & Goodman 1999, section 2.7) in tensors."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from relmem_cli.errors import UsageError

_LAST = 2**63 - 1
"""The key of no n-gram: what fills the places that are left."""

_FACTOR = 0x9E3779B97F4A7C15
"""An odd number whose powers differ in all of their bits."""


class Ngrams(nn.Module):
    """The counts of n-grams of up to `order` words, found by their keys, in `room` places.

    keys       int64 [room], sorted: of n-grams h w and of contexts h
    counts     int32 [room, 2]: of an n-gram c(h w) and 0; of a context the sum of c(h w) over w,
               and how many w there are, N1+(h .)
    discounts  [order]: D of each order
    """

    def __init__(self, *, order: int, room: int) -> None:
        super().__init__()
        self.order = order
        self.register_buffer("keys", torch.full((room,), _LAST))
        self.register_buffer("counts", torch.zeros(room, 2, dtype=torch.int32))
        self.register_buffer("discounts", torch.zeros(order))

    def count(self, texts: Iterable[Sequence[int]]) -> None:
        """Count texts of word ids above 0; before the first word of each stands 0.

        Of the longest n-grams c is how often they occur, of shorter ones how many words they
        follow; how often they occur where they begin with 0, which nothing comes before.

        Raises UsageError for more than there is room for.
        """
        row = [0] * self.order
        for text in texts:
            row += [*text, *[0] * (self.order - 1)]
        grams = torch.tensor(row).unfold(0, self.order, 1)
        grams, occur = torch.unique(grams[grams[:, -1] != 0], dim=0, return_counts=True)
        c, keys, counts = occur, [], []
        for n in range(self.order, 0, -1):
            ones, twos = (int((c == times).sum()) for times in (1, 2))
            self.get_buffer("discounts")[n - 1] = ones / (ones + 2 * twos) if ones else 0.5
            h, at, kinds = torch.unique(
                _keys(grams[:, :-1], -n), return_inverse=True, return_counts=True
            )
            keys += [_keys(grams, n), h]
            counts += [torch.stack([c, 0 * c], dim=1), torch.stack([_sums(c, at), kinds], dim=1)]
            if n > 1:
                grams, at, kinds = torch.unique(
                    grams[:, 1:], dim=0, return_inverse=True, return_counts=True
                )
                occur = _sums(occur, at)
                c = torch.where(grams[:, 0] == 0, occur, kinds)
        self._keep(torch.cat(keys), torch.cat(counts))

    def _keep(self, keys: Tensor, counts: Tensor) -> None:
        room = len(self.get_buffer("keys"))
        if len(keys) > room:
            raise UsageError(
                f"the stories have {len(keys):,} n-grams and contexts, and there is room for "
                f"{room:,}; try --set room={len(keys)}, or a smaller order."
            )
        keys, order = keys.sort()
        self.get_buffer("keys").fill_(_LAST)[: len(keys)] = keys
        self.get_buffer("counts").zero_()[: len(keys)] = counts[order].int()

    def probability(self, grams: Tensor, words: int) -> Tensor:
        """p(w | h) [...] of n-grams h w int64 [..., order]; what h lacks on the left is 0.

        p_n(w | h) = (max(c(h w) - D, 0) + D N1+(h .) p_(n-1)(w | h')) / sum over w of c(h w), where
        h' is h without its first word, and p_0 = 1 / words.
        """
        discounts = self.get_buffer("discounts")
        p = torch.full(grams.shape[:-1], 1 / words, dtype=discounts.dtype, device=grams.device)
        for n in range(1, self.order + 1):
            g, d = grams[..., self.order - n :], discounts[n - 1]
            c, (total, kinds) = self._find(_keys(g, n))[0], self._find(_keys(g[..., :-1], -n))
            of_n = ((c - d).relu() + d * kinds * p) / total.clamp(min=1)
            p = torch.where(total > 0, of_n, p)
        return p

    def _find(self, keys: Tensor) -> tuple[Tensor, ...]:
        kept = self.get_buffer("keys")
        place = torch.searchsorted(kept, keys).clamp(max=len(kept) - 1)
        counts = self.get_buffer("counts")[place].to(self.get_buffer("discounts").dtype)
        return (counts * (kept[place] == keys)[..., None]).unbind(dim=-1)


def _keys(rows: Tensor, kind: int) -> Tensor:
    """A number for each row [..., n] of a kind; of two rows it is the same once in 2^63 times."""
    rows = pad(rows, (1, 0), value=kind)
    factors = [pow(_FACTOR, place, 2**64) for place in range(1, rows.shape[-1] + 1)]
    signed = [factor - (factor >> 63 << 64) for factor in factors]
    return (rows * torch.tensor(signed, device=rows.device)).sum(dim=-1)


def _sums(counts: Tensor, at: Tensor) -> Tensor:
    """The sums of the counts that belong to the same place."""
    return counts.new_zeros(int(at.max()) + 1 if len(at) else 0).index_add(0, at, counts)
