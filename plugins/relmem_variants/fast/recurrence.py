r"""Equations 2-9 and 16-19 over the sentences of whole stories, and their derivatives.

Memory and relations are written by one rule. For a row x_i with gate g_i, and the sentence s_t,

    a_i = M x_i + start_i + drive_t        what phi takes: eq. 3 with M = U, start_i = V w_i + bias,
                                           drive_t = W s_t; eq. 8 and 18 with M = A, start_i = 0,
                                           drive_t = B s_t + bias
    z_i = x_i + g_i phi(a_i)               eq. 4; 9; 19
    y_i = z_i / |z_i|                      eq. 5; a relation is scaled to its limit instead, or not

so that one rule takes gradients back. With dy the gradient of the loss by y (and so on), c the
factor that scaled z to y, and u = z / |z|,

    dz_i = c (dy_i - (u_i . dy_i) u_i)     where a row was scaled to a length; dz_i = dy_i elsewhere
    dg_i = dz_i . phi(a_i)
    da_i = g_i dz_i phi'(a_i)              phi' is 1 above 0 and the slope below
    dx_i = dz_i + M^T da_i

The gates are g_i = sigma(s_t . h_i + match_ti) with match_ti = s_t . w_i (eq. 2); with
e_i = g_i (1 - g_i) dg_i the gradient by the sigma's argument,

    dh_i += e_i s_t,   ds_t += sum_i e_i h_i,   dmatch_ti = e_i

and for the gates of relations (eq. 6 and 7), G = sum_i g_i,

    gr_i = g_i (G - g_i):   dg_k += dgr_k (G - g_k) + sum_(i != k) dgr_i g_i
    g_ij = g_i g_j:         dg_i += dg_ij g_j,   dg_j += dg_ij g_i

Only this needs one sentence after the other. All else is one matrix product over all sentences,
before (start, drive, match) or after: dM = sum_ti da_ti x_ti^T, dW = sum_t ddrive_t s_t^T with
ddrive_t = sum_i da_ti, dV = sum_i dstart_i w_i^T with dstart_i = sum_t da_ti.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from relmem_variants.fast.interface import Backend, Rule, SlotWeights, Trace
from relmem_variants.fast.steps import Steps
from relmem_variants.relations_kept import RelationKind


def read(backend: Backend, steps: Steps, s: Tensor, keys: Tensor, weights: SlotWeights) -> Trace:
    """Every story, from sentences s [N, d] and keys [m, d]."""
    U, V, W, bias, slope = weights.memory
    memory = Rule(U, torch.addmm(bias, keys, V.T), s @ W.T, slope, -1)
    relation = None
    if weights.kind:
        A, B, bias, slope = weights.relation
        relation = Rule(A, None, torch.addmm(bias, s, B.T), slope, weights.limit)
    return backend.read(steps, s, s @ keys.T, keys, memory, relation, weights.kind)


def back(
    trace: Trace, s: Tensor, keys: Tensor, weights: SlotWeights, dh: Tensor, dr: Tensor
) -> tuple[Tensor, Tensor, list[Tensor]]:
    """The gradients by s, keys and weights, in their order."""
    _, V, W, _, _ = weights.memory
    found = trace.back(dh, dr)
    ds, dkeys, dmemory = found.s, found.keys, found.memory
    ds.addmm_(dmemory.drive, W).addmm_(found.match, keys)
    dkeys.addmm_(dmemory.start, V).addmm_(found.match.T, s)
    dweights = [
        dmemory.matrix,
        dmemory.start.T @ keys,
        dmemory.drive.T @ s,
        dmemory.start.sum(dim=0),
        dmemory.slope,
    ]
    if found.relation is not None:
        drelation = found.relation
        ds.addmm_(drelation.drive, weights.relation[1])
        dweights += [
            drelation.matrix,
            drelation.drive.T @ s,
            drelation.drive.sum(dim=0),
            drelation.slope,
        ]
    return ds, dkeys, dweights


class Recurrence(Function):
    """From sentences s [N, d] and weights to the memory and relations that questions ask."""

    @staticmethod
    def forward(
        ctx: Any,
        backend: Backend,
        steps: Steps,
        kind: RelationKind,
        limit: float,
        s: Tensor,
        keys: Tensor,
        *tensors: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """`tensors` are the weights of the memory, then those of the relations."""
        ctx.kind, ctx.limit = kind, limit
        ctx.trace = read(backend, steps, s, keys, SlotWeights.of(tensors, kind, limit))
        ctx.save_for_backward(s, keys, *tensors)
        return ctx.trace.asked()  # type: ignore[no-any-return]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dh: Tensor, dr: Tensor) -> tuple[Any, ...]:
        """The gradients by s, keys and weights."""
        s, keys, *tensors = ctx.saved_tensors
        weights = SlotWeights.of(tensors, ctx.kind, ctx.limit)
        ds, dkeys, dweights = back(ctx.trace, s, keys, weights, dh, dr)
        return None, None, None, None, ds, dkeys, *dweights


def remember(
    backend: Backend, steps: Steps, s: Tensor, keys: Tensor, weights: SlotWeights
) -> tuple[Tensor, Tensor]:
    """Memory [Q, m, d] and relations [Q, P, d] as each question finds them.

    s [N, d] are the encoded sentences of `steps`; keys [m, d].
    """
    _, relation, kind, limit, _ = weights.shared()
    found: tuple[Tensor, Tensor] = Recurrence.apply(
        backend, steps, kind, limit, s, keys, *weights.memory, *relation
    )
    return found
