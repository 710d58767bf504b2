"""Writing files so that a crash leaves the old one or the new one, never half of one."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_atomically(path: Path, data: bytes | str, *, mode: int = 0o644) -> None:
    """Write to a temporary file beside `path`, sync it, and rename it to `path`.

    Folders that are missing are made. Raises OSError that names `path`.
    """
    raw = data.encode() if isinstance(data, str) else data
    try:
        with replacing(path, mode=mode) as file:
            file.write(raw)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def can_exist(path: Path) -> bool:
    """Whether there can be a file of that name: it is not too long and has no zero in it."""
    try:
        path.lstat()
    except ValueError:
        return False
    except OSError as error:
        return error.errno != errno.ENAMETOOLONG
    return True


def check_writable(folder: Path) -> None:
    """Raise OSError where nothing could be written in a folder that is there or not yet."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


@contextmanager
def replacing(path: Path, *, mode: int = 0o644) -> Iterator[BinaryIO]:
    """A temporary file beside `path` to write to; it is synced and renamed to `path` at the end.

    Folders that are missing are made. Where anything is raised, `path` stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
