"""Runs taken away, and called otherwise: never while one is trained, and nothing of others."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.files import can_exist
from relmem_cli.plain import brief_line
from relmem_cli.runs.folder import RunFolder
from relmem_cli.runs.locks import lock_folder
from relmem_cli.training.cards import BEST

LONGEST_NAME = 100
"""Characters of a run's name."""

_OTHERS = ("results.jsonl", ".results.jsonl.lock", ".running", ".lock")
"""What relmem writes in a run's folder beside what each of its seeds has."""


def remove_run(folder: Path) -> bool:
    """Delete what relmem has written in a run's folder, its model first; whether it is gone.

    Other files there stay, and the folder with them. Raises RelmemError where it is a link, a
    process trains there, or a file cannot be deleted.
    """
    with _alone(folder):
        try:
            for path in _written(folder):
                path.unlink(missing_ok=True)
            for seed in folder.glob("seed-*"):
                _drop_empty(seed)
        except OSError as error:
            raise RelmemError(f"{error.filename} cannot be deleted: {error.strerror}.") from error
    (folder / ".lock").unlink(missing_ok=True)
    return _drop_empty(folder)


def rename_run(folder: Path, name: str) -> Path:
    """Call a run's folder otherwise; returns the new one.

    Raises UsageError for a name that no folder should have or that is taken, and RelmemError as
    `remove_run` does.
    """
    check_name(name)
    target = folder.with_name(name)
    with _alone(folder):
        if target.exists() or target.is_symlink():
            raise UsageError(f"{target} is there already; choose another name.")
        try:
            folder.rename(target)
        except OSError as error:
            raise RelmemError(f"{folder} cannot be renamed: {error.strerror}.") from error
    return target


def check_name(name: str) -> None:
    """Raise UsageError for what is no plain name of a folder, and could be taken for an option."""
    plain = name.isprintable() and not {*name} & {*'/\\:*?"<>|'} and name == name.strip()
    fits = 0 < len(name) <= LONGEST_NAME and can_exist(Path(name))
    if not plain or not fits or name[0] in ".-":
        raise UsageError(
            f"{brief_line(name, 40)!r} is no name for a model; letters, digits, -, _ and . make "
            "one, and neither . nor - begins it."
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a run's folder; raises RelmemError where it is a link, or somebody trains there."""
    if folder.is_symlink():
        raise RelmemError(f"{folder} is a link; what it leads to is not relmem's to change.")
    try:
        with lock_folder(folder):
            yield
    except PermissionError as error:
        raise RelmemError(f"{folder} cannot be changed: {error.strerror}.") from error


def _written(folder: Path) -> Iterator[Path]:
    """The files that relmem may have written, a model before what it was made from."""
    yield folder / BEST
    for each in (folder, *(seed for seed in folder.glob("seed-*") if not seed.is_symlink())):
        run = RunFolder(path=each)
        run.drop_abandoned()
        yield from (run.best, run.last, run.metrics, run.settings)
    yield from (folder / name for name in _OTHERS if name != ".lock")


def _drop_empty(folder: Path) -> bool:
    with suppress(OSError):
        folder.rmdir()
    return not folder.exists()
