"""Trained models by name: those that ship with relmem and those that the user trained."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from relmem_cli.contract import Variant
from relmem_cli.errors import UsageError
from relmem_cli.files import can_exist, typed_path
from relmem_cli.nearest import did_you_mean
from relmem_cli.paths import runs_folder, shipped_models
from relmem_cli.plugins import registry
from relmem_cli.training.cards import BEST, SUFFIX, ModelCard, read_card, variant_of
from relmem_cli.training.device_names import check_device

DEFAULT_MODEL = "open-transformer-joint"
"""What chat talks to when no model is named: it reads any words, and all 20 kinds of story."""


class NoModelError(UsageError):
    """A name that no model goes by; `what` says so, without where the names are listed."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}; relmem models lists them.")
        self.what = what


@dataclass(frozen=True, kw_only=True)
class LibraryModel:
    """A model file and the name that it goes by; `origin` is "relmem" or "yours"."""

    name: str
    path: Path
    origin: str


def library() -> Iterator[LibraryModel]:
    """The models that ship, then the user's, each by its run's folder.

    A run named like a model that ships is called yours/NAME, so that neither hides the other.
    """
    shipped = _shipped()
    for name, path in shipped.items():
        yield LibraryModel(name=name, path=path, origin="relmem")
    for path in sorted(runs_folder().glob(f"*/{BEST}"), key=_natural):
        name = path.parent.name
        name = _name_of_run(name, hidden=name in shipped)
        yield LibraryModel(name=name, path=path, origin="yours")


def _shipped() -> dict[str, Path]:
    """The models that ship by name."""
    files = sorted(shipped_models().glob(f"*{SUFFIX}"), key=_natural)
    return {path.stem: path for path in files}


def _name_of_run(name: str, *, hidden: bool) -> str:
    """What the model of a run is called, `hidden` where one that ships has its name."""
    return f"yours/{name}" if hidden else name


def model_names() -> list[str]:
    """The names that `find_model` knows."""
    return [model.name for model in library()]


def model_name(folder: Path) -> str:
    """What `--model` takes for the model in a run's folder: its name, or where it is from here."""
    if folder.parent == runs_folder().resolve():
        return _name_of_run(folder.name, hidden=folder.name in _shipped())
    here = Path.cwd()
    near = folder.is_relative_to(here)
    return f".{os.sep}{folder.relative_to(here)}" if near else str(folder)


def task_model(task: int) -> str:
    """The name of the shipped model of one bAbI task."""
    return f"relation-transformer-{task}"


def find_model(name: str) -> Path:
    """The file of a model by its name, its path, or its run's folder.

    Raises NoModelError with the names like it.
    """
    named = {model.name: model.path for model in library()}
    if name in named:
        return named[name]
    path = typed_path(name)
    for file in (path, path / BEST):
        if can_exist(file) and file.is_file():
            return file
    near = did_you_mean(name, named)
    hint = f" ({near})" if near else ", neither by name nor as a file"
    raise NoModelError(f"there is no model {name!r}{hint}")


@dataclass(frozen=True, kw_only=True)
class Found:
    """A model that is there and can be loaded: its file, its card, its variant."""

    path: Path
    card: ModelCard
    variant: Variant


def look_up(name: str, device: str) -> Found:
    """The model of that name or path, to be loaded on a device; light.

    Raises RelmemError for all that is wrong with either as far as it can be told without torch.
    """
    check_device(device)
    path = find_model(name)
    card = read_card(path)
    return Found(path=path, card=card, variant=variant_of(card, path, registry().variants))


def _natural(path: Path) -> tuple[str, int, str]:
    """Sort key that puts model-2 before model-10."""
    name = str(path.parent) if path.name == BEST else path.stem
    head = name.rstrip("0123456789")
    return head, int(name[len(head) :] or -1), path.name
