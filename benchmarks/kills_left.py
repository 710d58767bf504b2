"""What trainings have left in their folders: whether it is whole, and what is in it but for times.

`benchmarks/kills.py` compares both with what a training leaves that nobody killed.
"""

import json
from pathlib import Path
from typing import Any

import torch

from relmem_cli.errors import RelmemError
from relmem_cli.plugins import registry
from relmem_cli.runs.ledger import read_results
from relmem_cli.runs.seed_run import LONGEST_LAST
from relmem_cli.training.cards import BEST
from relmem_cli.training.checkpoints import load_model, read_tensors
from relmem_cli.training.settings import Settings

_TIMES = ("seconds", "all_seconds", "questions_per_second", "ended")


def damage(folder: Path) -> list[str]:
    """What cannot be read of the files that a kill leaves whole; metrics are written anew."""
    problems = []
    for path in _files(folder):
        try:
            _read(path)
        except (OSError, RelmemError, ValueError) as error:
            problems.append(f"{path.relative_to(folder)}: {error}")
    return problems


def _read(path: Path) -> None:
    if path.name == BEST:
        load_model(path, registry().variants, torch.device("cpu"))
    elif path.suffix == ".safetensors":
        read_tensors(path, LONGEST_LAST)
    elif path.suffix == ".toml":
        Settings.from_toml(path.read_text(encoding="utf-8"))
    elif path.suffix == ".jsonl" and path.name != "metrics.jsonl":
        read_results([path])


def contents(folder: Path) -> dict[str, Any]:
    """What every file below a folder has, by its path; of locks and the like only that they are."""
    return {str(path.relative_to(folder)): _content(path) for path in _files(folder)}


def differences(wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Files that are missing, too many, or others than they should be."""
    return [
        *(f"{name} is missing" for name in wanted.keys() - found.keys()),
        *(f"{name} is left over" for name in found.keys() - wanted.keys()),
        *(
            f"{name} differs"
            for name in wanted.keys() & found.keys()
            if wanted[name] != found[name]
        ),
    ]


def _files(folder: Path) -> list[Path]:
    """All but marks of processes, which the next one takes away where it has anything to do."""
    marks = (".running", ".grid-")
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(marks)
    ]


def _content(path: Path) -> Any:
    if path.suffix == ".safetensors":
        about, tensors = read_tensors(path, LONGEST_LAST)
        bits = {name: (one.dtype, one.shape, _bits(one)) for name, one in tensors.items()}
        return _untimed(about), bits
    if path.suffix == ".jsonl":
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        lines = [_untimed(line) for line in lines if line.get("what") != "header"]
        return sorted(lines, key=lambda line: line.get("run", ""))
    return path.read_text(encoding="utf-8") if path.suffix == ".toml" else None


def _bits(tensor: torch.Tensor) -> bytes:
    return tensor.contiguous().view(torch.uint8).numpy().tobytes() if tensor.dim() else b""


def _untimed(value: Any) -> Any:
    """The same without times, also where it is JSON in a text."""
    if isinstance(value, dict):
        return {key: _untimed(one) for key, one in value.items() if key not in _TIMES}
    if isinstance(value, list):
        return [_untimed(one) for one in value]
    if isinstance(value, str):
        try:
            return [_untimed(json.loads(line)) for line in value.split("\n")]
        except ValueError:
            return value
    return value
