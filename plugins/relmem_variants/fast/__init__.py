"""The fast path: the recurrence over whole stories, forward and backward, written by hand.

`recurrence` derives the backward pass from the equations; `cpu` and `cuda` compute what cannot be
one large matrix product, each sentence after the one before. The variants' own `step` remains the
reference that all of this must agree with.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

import torch

from relmem_cli.contract import Kernels

if TYPE_CHECKING:
    from relmem_variants.fast.interface import Backend


def backend(kernels: Kernels, device: torch.device) -> "Backend | None":
    """What reads stories on a device; None for the reference path."""
    if kernels == Kernels.reference:
        return None
    if device.type == "cuda" and find_spec("triton"):
        return _load("relmem_variants.fast.cuda")
    return _load("relmem_variants.fast.cpu") if device.type == "cpu" else None


@cache
def _load(module: str) -> "Backend":
    return cast("Backend", import_module(module))
