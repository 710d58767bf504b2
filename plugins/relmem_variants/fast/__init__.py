"""The fast path: forward and backward, written by hand.

`describe` reads from a model what is computed with, `recurrence` derives the slots' backward pass
from the equations; `cpu` learns a batch in one call, `cuda` computes what cannot be one large
matrix product. The variants' own code remains the reference that all of this must agree with.
"""

import logging
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from relmem_cli.contract import Kernels
from relmem_variants.fast.interface import Rule
from relmem_variants.fast.steps import Steps
from relmem_variants.relations_kept import RelationKind

if TYPE_CHECKING:
    from relmem_variants.fast.interface import Backend, Stepper, TransformerBackend

_LOG = logging.getLogger("relmem.kernels")


def backend(kernels: Kernels, weights: Tensor) -> "Backend | None":
    """What reads stories where `weights` are; None for the reference path."""
    if kernels == Kernels.reference or weights.dtype not in (torch.float32, torch.float64):
        return None
    if weights.device.type == "cuda":
        return _on_cuda(weights.device)
    return _load("relmem_variants.fast.cpu.backend") if weights.device.type == "cpu" else None


def transformer_backend(
    kernels: Kernels, weights: Tensor, part: int
) -> "TransformerBackend | None":
    """What computes a transformer where `weights` are; None for the reference path.

    It is for heads of `part` columns that are a whole number of the processor's vectors, as those
    of the usual options are.
    """
    if kernels == Kernels.reference or weights.dtype not in (torch.float32, torch.float64):
        return None
    if weights.device.type != "cpu":
        return None
    fast = import_module("relmem_variants.fast.cpu.transformer.transformer_function")
    return cast("TransformerBackend", fast) if fast.fits(weights.dtype, part) else None


def stepper(kernels: Kernels, weights: Tensor, part: int) -> "Stepper | None":
    """What computes the steps of rows that look where `weights` are; see `reader`."""
    if transformer_backend(kernels, weights, part) is None:
        return None
    return cast("Stepper", import_module("relmem_variants.fast.cpu.transformer.stepping"))


@cache
def _on_cuda(device: torch.device) -> "Backend | None":
    """The backend for CUDA, once it has read a sentence; None where it cannot, which is logged."""
    if find_spec("triton") is None:
        return None
    try:
        fast = _load("relmem_variants.fast.cuda.backend")
        try_out(fast, device)
    except Exception as error:  # no compiler, say, or a card that is too old for the programs
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        _LOG.warning("the CUDA kernels cannot be used, so that this is slower: %s", reason)
        return None
    return fast


def try_out(fast: "Backend", device: torch.device) -> None:
    """Let a backend read one sentence; raises whatever it raises."""
    one = torch.zeros(1, dtype=torch.int64, device=device)
    steps = Steps(one[None], torch.tensor([0, 1], device=device), one + 1)
    number = torch.ones(1, 1, device=device)
    rule = Rule(number, number, number, number[0], -1.0)
    fast.read(steps, number, number, number, rule, None, RelationKind.none).asked()


@cache
def _load(module: str) -> "Backend":
    return cast("Backend", import_module(module))
