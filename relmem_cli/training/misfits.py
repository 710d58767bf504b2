"""Whether the tensors of a file are those of a model, told in one short sentence."""

from collections.abc import Mapping

import torch

from relmem_cli.plain import brief, brief_line
from relmem_cli.training.headers import Stored


def stored(tensors: Mapping[str, torch.Tensor]) -> dict[str, Stored]:
    """What tensors are, as a file's header says it."""
    return {
        name: Stored(_DTYPES.get(tensor.dtype, str(tensor.dtype)), tuple(tensor.shape))
        for name, tensor in tensors.items()
    }


def misfit(own: Mapping[str, Stored], theirs: Mapping[str, Stored]) -> str:
    """What keeps a file's tensors from being put into a model's own; "" where nothing does.

    The first that does not fit is named, and how many more there are.
    """
    found = [f"{name} is missing" for name in own if name not in theirs]
    found += [
        f"{name} is {_described(theirs[name])}, not {_described(wanted)}"
        for name, wanted in own.items()
        if name in theirs and not _alike(theirs[name], wanted)
    ]
    found += [f"it has {brief(name)} besides" for name in theirs if name not in own]
    if not found:
        return ""
    more = f", and {len(found) - 1} more do not fit" if len(found) > 1 else ""
    return brief_line(found[0]) + more


def _described(tensor: Stored) -> str:
    return f"{tensor.dtype} {list(tensor.shape)}"


def _alike(one: Stored, other: Stored) -> bool:
    """Whether one can be put in the other's place; fractions may be kept more or less finely."""
    kinds = {one.dtype, other.dtype}
    return one.shape == other.shape and (len(kinds) == 1 or kinds <= _FRACTIONS)


_FRACTIONS = {"F16", "BF16", "F32", "F64"}
_DTYPES = {
    torch.bool: "BOOL", torch.uint8: "U8", torch.int8: "I8", torch.int16: "I16",
    torch.int32: "I32", torch.int64: "I64", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.float32: "F32", torch.float64: "F64",
}  # fmt: skip
