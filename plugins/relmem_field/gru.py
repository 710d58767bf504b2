"""A GRU whose steps are few and small operations on a CPU, forward and backward."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn.functional import linear


class Gru(nn.GRU):
    """torch's, of one layer and one direction, batch first: the same parameters and states.

    On a CPU torch differentiates each operation of a step by itself, which takes up to twice as
    long as the formulas of `_Steps`. Elsewhere, and without gradients, it is torch's own.
    """

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__(dim, hidden, batch_first=True)

    def forward(self, vectors: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """States h [Q, T, hidden] after each of vectors [Q, T, dim], and the last [1, Q, hidden].

        Before the first the state is 0.
        """
        if vectors.device.type != "cpu" or not torch.is_grad_enabled():
            return super().forward(vectors)
        into_x, into_h, bias_x, bias_h = self.all_weights[0]
        given = linear(vectors.transpose(0, 1), into_x, bias_x)
        h: Tensor = _Steps.apply(given, into_h, bias_h)
        return h.transpose(0, 1), h[-1:]


class _Steps(torch.autograd.Function):
    """From W x_t + b of all steps, [T, Q, 3 d], in the order r, z, n, to the states [T, Q, d].

        r, z = sigma(given + U h),   n = tanh(given + r (U_n h + c_n)),   h <- (1 - z) n + z h

    All of a step's gradients are dL/dh_t times what does not depend on it, so that the way back
    needs one product with U a step. torch.nn.GRU has the same equations.
    """

    @staticmethod
    def forward(ctx: Any, given: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        (steps, batch, _), d = given.shape, weight.shape[1]
        states = given.new_empty(steps + 1, batch, d)
        states[0] = 0
        rz, asked, n = (given.new_empty(steps, batch, size) for size in (2 * d, d, d))
        h, turned = states[0], weight.t()
        rows = (given[..., : 2 * d], given[..., 2 * d :], rz, asked, n, states[1:])
        for x_rz, x_n, gates, kept, new, out in zip(*(row.unbind() for row in rows), strict=True):
            u = torch.addmm(bias, h, turned)
            torch.add(x_rz, u[:, : 2 * d], out=gates).sigmoid_()
            kept.copy_(u[:, 2 * d :])
            torch.addcmul(x_n, gates[:, :d], kept, out=new).tanh_()
            h = torch.lerp(new, h, gates[:, d:], out=out)
        ctx.save_for_backward(states, rz, asked, n, weight)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states, rz, asked, n, weight = ctx.saved_tensors
        h, (r, z) = states[:-1], rz.chunk(2, dim=2)
        by_n = (1 - z) * (1 - n * n)  # of n before its tanh, to one of h_t
        by_z = (h - n) * z * (1 - z)
        by_u = torch.stack([by_n * asked * r * (1 - r), by_z, by_n * r], dim=2)  # [T, Q, 3, d]
        to_h, to_u = torch.empty_like(h), torch.empty_like(by_u)
        later = torch.zeros_like(h[0])
        rows = [row.unbind()[::-1] for row in (gradient, by_u, z, to_h, to_u)]
        for own, by, stays, total, out in zip(*rows, strict=True):
            torch.add(own, later, out=total)
            torch.mul(total[:, None], by, out=out)
            later = torch.addmm(total * stays, out.flatten(1), weight)
        to_given = torch.cat([to_u[:, :, :2].flatten(2), to_h * by_n], dim=2)
        rows_u = to_u.flatten(2).flatten(0, 1)  # [T Q, 3 d]
        return to_given, rows_u.t() @ h.flatten(0, 1), rows_u.sum(dim=0)
