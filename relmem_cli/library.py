"""Trained models by name: those that ship with relmem and those that the user trained."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from relmem_cli.contract import Variant
from relmem_cli.errors import UsageError
from relmem_cli.files import can_exist, typed_path
from relmem_cli.paths import runs_folder, shipped_models
from relmem_cli.plugins import registry
from relmem_cli.training.cards import BEST, SUFFIX, ModelCard, read_card, variant_of
from relmem_cli.training.device_names import check_device

DEFAULT_MODEL = "open-transformer-joint"
"""What chat talks to when no model is named: it reads any words, and all 20 kinds of story."""


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
    shipped = set()
    for path in sorted(shipped_models().glob(f"*{SUFFIX}"), key=_natural):
        shipped.add(path.stem)
        yield LibraryModel(name=path.stem, path=path, origin="relmem")
    for path in sorted(runs_folder().glob(f"*/{BEST}"), key=_natural):
        name = path.parent.name
        name = f"yours/{name}" if name in shipped else name
        yield LibraryModel(name=name, path=path, origin="yours")


def model_names() -> list[str]:
    """The names that `find_model` knows."""
    return [model.name for model in library()]


def task_model(task: int) -> str:
    """The name of the shipped model of one bAbI task."""
    return f"relation-transformer-{task}"


def find_model(name: str) -> Path:
    """The file of a model by its name, its path, or its run's folder.

    Raises UsageError with the names like it.
    """
    named = {model.name: model.path for model in library()}
    if name in named:
        return named[name]
    path = typed_path(name)
    for file in (path, path / BEST):
        if can_exist(file) and file.is_file():
            return file
    near = [repr(known) for known in get_close_matches(name, named, n=2)]
    hint = f" (did you mean {' or '.join(near)}?)" if near else ", neither by name nor as a file"
    raise UsageError(f"there is no model {name!r}{hint}; relmem models lists them.")


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
