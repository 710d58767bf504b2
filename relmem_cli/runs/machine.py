"""What a results file tells of where its runs were made."""

import platform
import shutil
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from relmem_cli import __version__
from relmem_cli.runs.pool import cores


def provenance(device: str, *, on: str = "") -> dict[str, Any]:
    """When it began, versions, the commit of a checkout, and this machine; `device` as typed.

    Where runs go to the cluster `on`, each of them tells its device.
    """
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "relmem": __version__,
        "torch": _torch(),
        "python": platform.python_version(),
        **_commit(Path(__file__).parents[2]),
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


def _commit(root: Path) -> dict[str, Any]:
    """The commit that `root` is checked out at, and whether its files were changed since."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return {"commit": None, "changed": None}
    try:
        commit = _git(git, root, "rev-parse", "HEAD")
        changed = _git(git, root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return {"commit": None, "changed": None}
    return {"commit": commit, "changed": bool(changed)}


def _git(git: str, root: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # the git that is on the path, with words of our own
        [git, "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip()


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
