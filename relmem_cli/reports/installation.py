"""What a bug report needs to know of an installation, one probe at a time."""

import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from relmem_cli import library, paths
from relmem_cli.checkout import find_commit
from relmem_cli.config import find_config
from relmem_cli.plugins import registry
from relmem_cli.stories.sources import SETS, data_roots, find_archive

PACKAGES = (
    "relmem", "torch", "numba", "triton", "typer", "rich", "prompt-toolkit", "pluggy",
    "safetensors", "platformdirs", "pooch",
)  # fmt: skip

_SHOWN = (
    "RELMEM_DATA", "RELMEM_HOME", "RELMEM_DEBUG", "RELMEM_STRICT_PLUGINS", "NO_COLOR",
    "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS",
)  # fmt: skip

Report = dict[str, dict[str, str]]
"""Findings by section, each a name and a line of text."""


def describe() -> Report:
    """Every section; a probe that fails says so in its place and stops no other."""
    return {name: _probe(probe) for name, probe in _PROBES.items()}


def to_text(report: Mapping[str, Mapping[str, str]]) -> str:
    """The report as aligned lines to paste."""
    blocks = []
    for section, findings in report.items():
        width = max(map(len, findings), default=0)
        lines = [f"  {name:<{width}}  {text}".rstrip() for name, text in findings.items()]
        blocks.append("\n".join([section, *lines]))
    return "\n\n".join(blocks) + "\n"


def _probe(probe: Callable[[], Mapping[str, Any]]) -> dict[str, str]:
    try:
        found = probe()
    except Exception as error:  # a doctor that falls ill helps nobody
        found = {"failed": f"{type(error).__name__}: {error}"}
    return {name: _without_home(str(value)) for name, value in found.items()}


def _without_home(text: str) -> str:
    home = str(Path.home())
    return re.sub(rf"{re.escape(home)}(?!\w)", "~", text) if len(home) > 1 else text


def _versions() -> dict[str, str]:
    found = {"python": f"{platform.python_version()} ({platform.python_implementation()})"}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except Exception as error:
            found[package] = f"failed: {type(error).__name__}: {error}"
    if commit := find_commit():
        found["relmem"] += f" ({commit})"
    return found


def _machine() -> dict[str, Any]:
    return {
        "system": platform.platform(),
        "processors": _processors(),
        "memory": _memory(),
        "terminal": os.environ.get("TERM", "unknown"),
        "encoding": sys.stdout.encoding,
    }


def _processors() -> int | None:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _memory() -> str:
    if not hasattr(os, "sysconf"):
        return "unknown"
    return _gib(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))


def _devices() -> dict[str, str]:
    import torch  # noqa: PLC0415  # its import may be what is broken

    found = {"cpu": f"{torch.get_num_threads()} torch threads"}
    built = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "built without CUDA"
    found["cuda"] = f"none found, torch is {built}"
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            free, total = torch.cuda.mem_get_info(index)
            name = torch.cuda.get_device_name(index)
            found[f"cuda:{index}"] = f"{name}, {_gib(free)} of {_gib(total)} free"
        found["cuda"] = built
    found["mps"] = "available" if torch.backends.mps.is_available() else "none"
    return found


def _gib(size: float) -> str:
    return f"{size / 2**30:.1f} GiB"


def _data() -> dict[str, str]:
    roots = data_roots(paths.data_cache())
    archive = find_archive(roots)
    found = {"looked in": ", ".join(map(str, roots)), "found": str(archive or "nothing")}
    if archive is not None:
        found |= {
            name: f"{len(list((archive / name).glob('qa*_*.txt')))} of 40 files" for name in SETS
        }
    return found


def _plugins() -> dict[str, str]:
    return {
        plugin.name: f"{plugin.distribution} {plugin.version}: {plugin.status}"
        for plugin in registry().plugins
    }


def _models() -> dict[str, Any]:
    found = list(library.library())
    shipped = [model.name for model in found if model.origin == "relmem"]
    return {
        "shipped": f"{len(shipped)} in {paths.shipped_models()}",
        "default": _default(shipped),
        "yours": len(found) - len(shipped),
    }


def _default(shipped: list[str]) -> str:
    there = library.DEFAULT_MODEL in shipped
    return library.DEFAULT_MODEL + ("" if there else " (missing)")


def _folders() -> dict[str, str]:
    return {
        "runs": _writable(paths.runs_folder()),
        "data": _writable(paths.data_cache()),
        "settings": _writable(paths.config_folder()),
        "history": _writable(paths.history_file().parent),
    }


def _writable(folder: Path) -> str:
    """Whether a file can be written there, or where its nearest existing parent is."""
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    absent = "" if nearest == folder else ", not made yet"
    try:
        with tempfile.TemporaryFile(dir=nearest):
            return f"{folder}: writable{absent}"
    except OSError as error:
        return f"{folder}: not writable{absent} ({error.strerror})"


def _settings() -> dict[str, str]:
    """The variables that count; of those that relmem does not know, only that they are set."""
    found = {"relmem.toml": str(find_config() or "none")}
    for name in sorted(os.environ):
        if name in _SHOWN:
            found[name] = os.environ[name]
        elif name.startswith("RELMEM_"):
            found[name] = "set"
    return found


_PROBES: dict[str, Callable[[], Mapping[str, Any]]] = {
    "versions": _versions,
    "machine": _machine,
    "devices": _devices,
    "data": _data,
    "models": _models,
    "plugins": _plugins,
    "folders": _folders,
    "settings": _settings,
}
