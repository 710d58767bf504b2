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
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

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


class Answer(torch.autograd.Function):
    """From rows h [Q, m, d], r [Q, P, d], and questions q [Q, d] to logits [Q, V]."""

    @staticmethod
    def forward(
        ctx: Any,
        vocabulary: int,
        hops: int,
        h: Tensor,
        r: Tensor,
        q: Tensor,
        H: Tensor,
        R: Tensor,
        slope: Tensor,
        C: Tensor | None,
    ) -> Tensor:
        """Logits [Q, vocabulary]."""
        rows = h.contiguous().numpy(), r.contiguous().numpy()
        ctx.hops = []
        for index in range(hops):
            if index:
                q = q + ctx.hops[-1].v
            ctx.hops.append(_look(rows, q, C))
        a = torch.addmm(q, ctx.hops[-1].v, H.T)
        y = torch.where(a > 0, a, a * slope)
        ctx.rows, ctx.vocabulary = rows, vocabulary
        ctx.save_for_backward(H, R, slope, C, a, y)
        return y @ R[:vocabulary].T

    @staticmethod
    def backward(ctx: Any, dlogits: Tensor) -> tuple[Any, ...]:
        """The gradients by h, r, q, H, R, slope and C."""
        H, R, slope, C, a, y = ctx.saved_tensors
        dy = dlogits @ R[: ctx.vocabulary]
        dR = torch.zeros_like(R)
        torch.mm(dlogits.T, y, out=dR[: ctx.vocabulary])
        da = torch.where(a > 0, dy, dy * slope)
        dslope = (dy * a.clamp(max=0)).sum(dim=0)
        dH = da.T @ ctx.hops[-1].v
        dC = None if C is None else torch.zeros_like(C)
        h, r = ctx.rows
        dh, dr = np.zeros_like(h), np.zeros_like(r)
        dv, dq = da @ H, da
        for hop in reversed(ctx.hops):
            du = dv if C is None else dv @ C
            dk = np.zeros_like(hop.k.numpy())
            _attend_back(h, r, hop.k.numpy(), hop.p, du.contiguous().numpy(), dh, dr, dk)
            dkey = torch.from_numpy(dk)
            if C is not None and dC is not None:
                dC.addmm_(dv.T, hop.u).addmm_(hop.q.T, dkey)
                dkey = dkey @ C.T
            dv = dq = dq + dkey
        return None, None, torch.from_numpy(dh), torch.from_numpy(dr), dq, dH, dR, dslope, dC


def _look(rows: tuple[Array, Array], q: Tensor, C: Tensor | None) -> _Hop:
    k = (q if C is None else q @ C).contiguous()
    p = np.empty((len(k), rows[0].shape[1] + rows[1].shape[1]), rows[0].dtype)
    u = torch.zeros_like(k)
    _attend(*rows, k.numpy(), p, u.numpy())
    return _Hop(q, k, p, u, u if C is None else u @ C.T)
