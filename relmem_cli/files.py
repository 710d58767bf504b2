"""Writing files so that a crash leaves the old one or the new one, never half of one."""

import os
import tempfile
from pathlib import Path

from relmem_cli.errors import RelmemError


def write_new(path: Path, data: bytes | str) -> None:
    """Write a file that somebody named in chat.

    Raises RelmemError where it is there already, its folder is not, or it cannot be written: a
    mistyped name neither costs a file nor makes folders.
    """
    try:
        if path.exists():
            raise RelmemError(f"{path} is there already; choose another name.")
        if not path.parent.is_dir():
            raise RelmemError(f"there is no folder {path.parent}; make it first.")
        write_atomically(path, data)
    except OSError as error:
        raise RelmemError(f"{path} cannot be written: {error.strerror or error}.") from error


def write_atomically(path: Path, data: bytes | str, *, mode: int = 0o644) -> None:
    """Write to a temporary file beside `path`, sync it, and rename it to `path`.

    Folders that are missing are made. Raises OSError that names `path`.
    """
    raw = data.encode() if isinstance(data, str) else data
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, raw, mode)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _replace(path: Path, data: bytes, mode: int) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
