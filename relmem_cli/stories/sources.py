"""Where stories come from: bAbI's folders, wherever they lie, or a plugin."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.files import can_exist, read_whole, typed_path
from relmem_cli.nearest import did_you_mean
from relmem_cli.sealing import text_of
from relmem_cli.stories.babi import read_babi
from relmem_cli.stories.catalogue import TASKS, TaskName
from relmem_cli.stories.story import Story

SETS = ("en", "hn", "shuffled", "en-10k", "hn-10k", "shuffled-10k")
"""The folders of the official archive: English, romanised Hindi, shuffled letters."""

WITH_VALIDATION = ("en-valid", "en-valid-10k")
"""Folders of the archive whose tasks have a third file, qa<task>_valid.txt."""

ARCHIVE = "tasks_1-20_v1-2"
"""The official archive's top folder."""

HOW_TO_GET = f"run `relmem data fetch`, or set RELMEM_DATA to the folder {ARCHIVE}"


class Source(Protocol):
    """A place that stories come from; `--data NAME` chooses it."""

    @property
    def name(self) -> str:
        """What people type."""
        ...

    @property
    def summary(self) -> str:
        """One line."""
        ...

    def stories(self, task: Any, split: str) -> Sequence[Story]:
        """Stories of a task for the split "train" or "test".

        A task is a bAbI number, 1 to 20, or one of the source's own names (`source_tasks`). Raises
        RelmemError where it has none.
        """
        ...


def source_tasks(source: Source) -> Mapping[TaskName, str]:
    """A source's tasks: what each is called by its name.

    A source may have its own in an attribute `tasks`; else they are bAbI's.
    """
    own: Mapping[TaskName, str] | None = getattr(source, "tasks", None)
    return own or {number: task.name for number, task in TASKS.items()}


def has_split(source: Source, split: str) -> bool:
    """Whether a source says that it has stories of a split, in an attribute `splits`."""
    return split in getattr(source, "splits", ("train", "test"))


class MissingFileError(RelmemError):
    """A data set that lacks the file of a task, as an incomplete download does."""


@dataclass(frozen=True, kw_only=True)
class BabiFolder:
    """A folder with bAbI's files: qa<task>_<name>_<split>.txt, or qa<task>_<split>.txt."""

    name: str
    path: Path

    @property
    def summary(self) -> str:
        """Where it lies."""
        return f"bAbI files in {self.path}"

    def file(self, task: int, split: str) -> Path:
        """The file of a task; raises MissingFileError where the folder has none."""
        found = self._files(task, split)
        if not found:
            missing = self.path / f"qa{task}_{TASKS[task].slug}_{split}.txt"
            raise MissingFileError(
                f"{missing} is missing, and so is qa{task}_{split}.txt; {HOW_TO_GET}."
            )
        return found[0]

    def _files(self, task: int | str, split: str) -> list[Path]:
        """Those of a task; "*" is any."""
        names = (f"qa{task}_*_{split}.txt", f"qa{task}_{split}.txt")
        return sorted(path for name in names for path in self.path.glob(name))

    @property
    def splits(self) -> tuple[str, ...]:
        """The kinds of file that there are, as far as they are known by name."""
        return ("train", "test", *(["valid"] if self._files("*", "valid") else []))

    def stories(self, task: int, split: str) -> list[Story]:
        """All stories of a task's "train" or "test" file."""
        return read_babi(self.file(task, split), task=task)

    def has(self, task: int, split: str) -> bool:
        """Whether the folder has the file of a task."""
        return bool(self._files(task, split))

    def count_questions(self, task: int, split: str) -> int:
        """How many questions a file has, many times faster than by reading its stories."""
        path = self.file(task, split)
        try:
            data = read_whole(path)
        except OSError as error:
            raise RelmemError(f"{path} cannot be read: {error.strerror}.") from error
        return sum(b"\t" in line for line in data.split(b"\n"))  # only a question's line has a tab

    def sibling(self, name: str) -> "BabiFolder":
        """Another set of the same archive."""
        return BabiFolder(name=name, path=self.path.parent / name)


@dataclass(frozen=True, kw_only=True)
class Joined:
    """Several sources as one: a task's training stories are those of all that have it.

    Its test stories are those of the first that has it, so that "en+world" is tested on bAbI.
    """

    sources: tuple[Source, ...]

    @property
    def name(self) -> str:
        """What people type."""
        return "+".join(source.name for source in self.sources)

    @property
    def summary(self) -> str:
        """What they are."""
        return "; ".join(source.summary for source in self.sources)

    @property
    def tasks(self) -> Mapping[TaskName, str]:
        """All of their tasks."""
        found: dict[TaskName, str] = {}
        for source in self.sources:
            for name, title in source_tasks(source).items():
                found.setdefault(name, title)
        return found

    def stories(self, task: TaskName, split: str) -> list[Story]:
        """Stories of a task, source by source; to test, the first source's alone."""
        having = [source for source in self.sources if task in source_tasks(source)]
        some = having[:1] if split == "test" else having
        return [story for source in some for story in source.stories(task, split)]


def is_joined(data: str) -> bool:
    """Whether --data names several sources: "en+world"."""
    path = typed_path(data)
    return "+" in data and not (can_exist(path) and path.is_dir())


def data_roots(cache: Path) -> list[Path]:
    """Folders to look for the archive's sets in, in order: $RELMEM_DATA, then the user's cache."""
    named = os.environ.get("RELMEM_DATA")
    return [*([typed_path(named)] if named else []), cache / ARCHIVE]


def find_archive(roots: Iterable[Path]) -> Path | None:
    """The first root with a bAbI set, in itself or in a folder named like the archive."""
    for root in roots:
        for folder in (root, root / ARCHIVE):
            if can_exist(folder) and any((folder / name).is_dir() for name in SETS):
                return folder
    return None


def _archived(name: str, roots: Sequence[Path]) -> Path:
    """The folder of a set; raises RelmemError where the archive is not here, or has none."""
    archive = find_archive(roots)
    if archive is None:
        raise RelmemError(f"The bAbI tasks are not on this machine; {HOW_TO_GET}.")
    if name in WITH_VALIDATION and not (archive / name).is_dir():
        raise RelmemError(f"{archive} has no folder {name}; {HOW_TO_GET}.")
    return archive / name


def open_source(data: str, *, roots: Sequence[Path], others: Iterable[Source] = ()) -> Source:
    """The source that `data` names: a set of the archive, a plugin's source, or a folder's path.

    "name:argument" is what a plugin's source of that name opens the argument as.

    "one+another" is both as one. Raises RelmemError where bAbI is not found and UsageError for an
    unknown name.
    """
    others = list(others)
    if is_joined(data):
        parts = [open_source(part, roots=roots, others=others) for part in data.split("+")]
        return Joined(sources=tuple(parts))
    name, colon, argument = data.partition(":")
    for source in others:
        if source.name == data:
            return source
        if colon and source.name == name and hasattr(source, "open"):
            try:
                opened: Source = source.open(argument)
            except ValueError as error:
                why = text_of(error)
                end = "" if why.endswith("?") else "."
                raise UsageError(f"--data {data}: {why}{end}") from error
            return opened
    if data in (*SETS, *WITH_VALIDATION):
        return BabiFolder(name=data, path=_archived(data, roots))
    path = typed_path(data)
    if can_exist(path) and any(path.glob("qa*_*.txt")):
        return BabiFolder(name=path.name, path=path)
    archive = find_archive([path])
    if archive is not None:
        return BabiFolder(name="en", path=archive / "en")
    known = [*SETS, *(source.name for source in others)]
    near = did_you_mean(name, known)
    raise UsageError(
        f"--data {data!r} is neither a known set ({near or ', '.join(known)}) nor a folder with "
        "files qa<task>_*_train.txt or qa<task>_train.txt."
    )
