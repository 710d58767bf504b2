"""The official bAbI archive: its files, their SHA-256, and what is wrong with a copy.

SHA256SUMS lists 237 of the 240 files. The task-3 train files of the three 10k sets are not in it,
so of those only the format is checked.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from relmem_cli.errors import RelmemError
from relmem_cli.files import LARGEST
from relmem_cli.stories.babi import read_babi
from relmem_cli.stories.catalogue import TASKS

SPLITS = ("train", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """A file of a set, and its faults: none where it is as published."""

    file: Path
    faults: tuple[str, ...]


@cache
def published_hashes() -> Mapping[str, str]:
    """SHA-256 in hexadecimal by path within the archive, such as "en/qa1_..._train.txt"."""
    text = files("relmem_cli.stories").joinpath("SHA256SUMS").read_text(encoding="ascii")
    return {path: digest for digest, path in map(str.split, text.splitlines())}


def file_names() -> list[str]:
    """The 40 files of a set, by task."""
    return [
        f"qa{task.number}_{task.slug}_{split}.txt" for task in TASKS.values() for split in SPLITS
    ]


def check_set(folder: Path) -> Iterator[CheckedFile]:
    """Every file of an official set, in order; the folder's name is the set's.

    A file that is missing is a fault. One whose hash is the published one is sound; any other is
    read through as well, for what is wrong with it.
    """
    for name in file_names():
        yield CheckedFile(file=folder / name, faults=tuple(_faults(folder / name)))


def check_folder(folder: Path) -> Iterator[CheckedFile]:
    """Every file named like bAbI's in a folder of one's own, read through."""
    for path in sorted(folder.glob("qa*_*.txt")):
        yield CheckedFile(file=path, faults=tuple(_format_faults(path)))


def sha256(path: Path) -> str:
    """A file's SHA-256 in hexadecimal; raises RelmemError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RelmemError(f"{path} cannot be read: {error.strerror}.") from error


def _faults(path: Path) -> Iterator[str]:
    if not path.is_file():
        yield "missing"
        return
    published = published_hashes().get(f"{path.parent.name}/{path.name}")
    if published and path.stat().st_size <= LARGEST and published == sha256(path):
        return
    if published is not None:
        yield "not as published (its SHA-256 differs)"
    yield from _format_faults(path)


def _format_faults(path: Path) -> Iterator[str]:
    try:
        read_babi(path)
    except RelmemError as error:
        place, found, fault = str(error).removesuffix(".").partition(f"{path}:")
        yield f"line {fault}" if found else place.removeprefix(f"{path} ")
