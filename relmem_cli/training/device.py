"""Choosing the device a model runs on."""

import torch

from relmem_cli.errors import UsageError
from relmem_cli.training.device_names import check_device


def pick_device(name: str) -> torch.device:
    """The device of that name; "auto" is CUDA where there is one, else Apple's MPS, else the CPU.

    Raises UsageError for an unknown device or one that this machine lacks.
    """
    check_device(name)
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(device for device, here in available.items() if here))
    kind = name.partition(":")[0]
    if not available[kind]:
        here = ", ".join(device for device, there in available.items() if there)
        raise UsageError(f"device {name!r} is not on this machine; it has {here}.")
    return torch.device(name)
