"""What a results file tells of where its runs were made."""

import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from relmem_cli import __version__
from relmem_cli.checkout import find_commit
from relmem_cli.runs.pool import cores


def provenance(device: str, *, on: str = "") -> dict[str, Any]:
    """When it began, versions, the commit of a checkout, and this machine; `device` as typed.

    Where runs go to the cluster `on`, each of them tells its device.
    """
    commit = find_commit()
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "relmem": __version__,
        "torch": _torch(),
        "python": platform.python_version(),
        "commit": commit.hash if commit else None,
        "changed": commit.changed if commit else None,
        "machine": {
            "system": platform.system(),
            "cpu": _cpu(),
            "cores": cores(),
            "device": "a cluster" if on else _device(device),
        },
    }


def _torch() -> str | None:
    try:
        return version("torch")
    except PackageNotFoundError:
        return None


def _cpu() -> str:
    """The processor's model where the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _, text = line.partition(":")
            if name.strip() == "model name":
                return text.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _device(device: str) -> str:
    """What a run on this machine computes with."""
    import torch  # noqa: PLC0415  # reading a results file needs none of it

    from relmem_cli.training.device import pick_device  # noqa: PLC0415

    picked = pick_device(device)
    return torch.cuda.get_device_name(picked) if picked.type == "cuda" else picked.type
