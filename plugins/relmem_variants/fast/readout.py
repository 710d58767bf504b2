"""Eq. 10-14 on the CPU, and their derivatives.

Each hop attends with key k = q C to rows x of memory and relations (C is the identity where a
variant has none):

    p_i = softmax_i(k . x_i),   u = sum_i p_i x_i,   v = C u          eq. 11, 12
    q <- q + v before the next hop                                    eq. 14
    a = q + H v,   y = R phi(a)                                       eq. 13

With du the gradient by u, and so on backwards through the hops,

    dp_i = x_i . du,   e_i = p_i (dp_i - sum_j p_j dp_j)              by the scores k . x_i
    dx_i += p_i du + e_i k,   dk = sum_i e_i x_i
"""

from math import exp
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from relmem_variants.fast.interface import Look
from relmem_variants.fast.tile import Array, compiled


@compiled
def _attend(h: Array, r: Array, k: Array, p: Array, u: Array) -> None:
    """Attention p [Q, m + P] of keys k to rows h [Q, m, d] and r [Q, P, d], and u (to add to)."""
    slots = h.shape[1]
    for q in range(len(k)):
        for i in range(p.shape[1]):
            row = h[q, i] if i < slots else r[q, i - slots]
            score = k.dtype.type(0)
            for j in range(k.shape[1]):
                score += row[j] * k[q, j]
            p[q, i] = score
        most = p[q].max()
        total = k.dtype.type(0)
        for i in range(p.shape[1]):
            p[q, i] = exp(p[q, i] - most)
            total += p[q, i]
        for i in range(p.shape[1]):
            row = h[q, i] if i < slots else r[q, i - slots]
            p[q, i] /= total
            for j in range(k.shape[1]):
                u[q, j] += p[q, i] * row[j]


@compiled
def _attend_back(
    h: Array, r: Array, k: Array, p: Array, du: Array, dh: Array, dr: Array, dk: Array
) -> None:
    """Add to dh, dr and dk what the gradient by u gives."""
    slots = h.shape[1]
    dp = np.empty(p.shape[1], p.dtype)
    for q in range(len(k)):
        mean = k.dtype.type(0)
        for i in range(p.shape[1]):
            row = h[q, i] if i < slots else r[q, i - slots]
            along = k.dtype.type(0)
            for j in range(k.shape[1]):
                along += row[j] * du[q, j]
            dp[i] = along
            mean += p[q, i] * along
        for i in range(p.shape[1]):
            row = h[q, i] if i < slots else r[q, i - slots]
            drow = dh[q, i] if i < slots else dr[q, i - slots]
            weight = p[q, i]
            e = weight * (dp[i] - mean)
            for j in range(k.shape[1]):
                drow[j] += weight * du[q, j] + e * k[q, j]
                dk[q, j] += e * row[j]


class _Hop(NamedTuple):
    """q before the hop, key k, attention p, and u and v that it read."""

    q: Tensor
    k: Tensor
    p: Array
    u: Tensor
    v: Tensor


class Answered(NamedTuple):
    """What the way to the logits leaves for the way back: rows, hops, a and y of eq. 13."""

    h: Array
    r: Array
    hops: list[_Hop]
    a: Tensor
    y: Tensor


def answer(h: Tensor, r: Tensor, q: Tensor, look: Look) -> tuple[Tensor, Answered]:
    """Logits [Q, vocabulary] from rows h [Q, m, d] and r [Q, P, d], and questions q [Q, d]."""
    rows = h.numpy(), r.numpy()
    hops: list[_Hop] = []
    for index in range(look.hops):
        if index:
            q = q + hops[-1].v
        hops.append(_look(rows, q, look.C))
    a = torch.addmm(q, hops[-1].v, look.H.T)
    y = torch.where(a > 0, a, a * look.slope)
    return y @ look.R[: look.vocabulary].T, Answered(*rows, hops, a, y)


def answer_back(
    found: Answered, look: Look, dlogits: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor | None]:
    """The gradients by h, r, q, H, R, slope and C."""
    dy = dlogits @ look.R[: look.vocabulary]
    dR = torch.zeros_like(look.R)
    torch.mm(dlogits.T, found.y, out=dR[: look.vocabulary])
    da = torch.where(found.a > 0, dy, dy * look.slope)
    dslope = (dy * found.a.clamp(max=0)).sum(dim=0)
    dH = da.T @ found.hops[-1].v
    dC = None if look.C is None else torch.zeros_like(look.C)
    dh, dr = np.zeros_like(found.h), np.zeros_like(found.r)
    dv, dq = da @ look.H, da
    for hop in reversed(found.hops):
        du = dv if look.C is None else dv @ look.C
        dkey = torch.zeros_like(hop.k)
        _attend_back(found.h, found.r, hop.k.numpy(), hop.p, du.numpy(), dh, dr, dkey.numpy())
        if look.C is not None and dC is not None:
            dC.addmm_(dv.T, hop.u).addmm_(hop.q.T, dkey)
            dkey = dkey @ look.C.T
        dv = dq = dq + dkey
    return torch.from_numpy(dh), torch.from_numpy(dr), dq, dH, dR, dslope, dC


def _look(rows: tuple[Array, Array], q: Tensor, C: Tensor | None) -> _Hop:
    k = (q if C is None else q @ C).contiguous()
    p = np.empty((len(k), rows[0].shape[1] + rows[1].shape[1]), rows[0].dtype)
    u = torch.zeros_like(k)
    _attend(*rows, k.numpy(), p, u.numpy())
    return _Hop(q, k, p, u, u if C is None else u @ C.T)
