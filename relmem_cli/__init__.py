"""relmem: talk to memory networks, train them, test them, compare them.

As a library (docs/library.md) it offers `load` and `train`, and what they return. Those names are
imported when they are first used: `import relmem_cli` alone is light.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

import pluggy

from relmem_cli.errors import RelmemError, UsageError

if TYPE_CHECKING:
    from relmem_cli.api import (
        Answer,
        Evaluation,
        Evidence,
        LabelledArray,
        Model,
        Story,
        TaskError,
        TrainedRun,
        list_models,
        list_variants,
        load,
        train,
    )

__all__ = [
    "Answer",
    "Evaluation",
    "Evidence",
    "LabelledArray",
    "Model",
    "RelmemError",
    "Story",
    "TaskError",
    "TrainedRun",
    "UsageError",
    "hookimpl",
    "list_models",
    "list_variants",
    "load",
    "train",
]

__version__ = version("relmem")

hookimpl = pluggy.HookimplMarker("relmem")
"""Marks a plugin's functions that implement hooks of `relmem_cli.hookspecs`."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("relmem_cli.api"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
