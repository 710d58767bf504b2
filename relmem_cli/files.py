"""Files read whole, and written so that a crash leaves the old one or the new one, never half."""

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


LARGEST = 1 << 30
"""Bytes of a file that is read whole."""


def read_whole(path: Path, largest: int = LARGEST) -> bytes:
    """What a file holds; a pipe, a device or a file that is larger is none to wait for.

    Raises OSError with what is wrong.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    if status.st_size <= largest:
        with path.open("rb") as file:
            data = file.read(largest + 1)
        if len(data) <= largest:
            return data
    raise OSError(errno.EFBIG, f"it is larger than {largest >> 20} MB", str(path))


def write_atomically(path: Path, data: bytes | str, *, mode: int = 0o666) -> None:
    """Write to a temporary file beside `path`, sync it, and rename it to `path`.

    Folders that are missing are made. `mode` is less what the umask takes away. Raises OSError
    that names `path`.
    """
    raw = data.encode() if isinstance(data, str) else data
    try:
        with replacing(path, mode=mode) as file:
            file.write(raw)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def typed_path(text: str) -> Path:
    """The path that was typed; "~" is the user's home, and that of nobody stays as it is."""
    return Path(os.path.expanduser(text))  # noqa: PTH111  # pathlib's raises where there is nobody


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
def replacing(path: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A temporary file beside `path` to write to; it is synced and renamed to `path` at the end.

    Folders that are missing are made. Where anything is raised, `path` stays as it was. What a
    process that was killed has left of `path` is taken away, but for Windows.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    drop_abandoned(path)
    temporary, handle = _temporary(path, mode)
    try:
        with os.fdopen(handle, "wb", closefd=fcntl is None) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        if fcntl is not None:
            os.close(handle)  # and with it the lock, now that the file has its name


_TEMPORARY = re.compile(r"[.](.{1,50})[.][0-9a-f]{16}", re.DOTALL)
"""What temporary files are called: the beginning of their file's name, then a random number."""


def _temporary(path: Path, mode: int) -> tuple[Path, int]:
    """A new file beside `path`, open, and locked for as long as it is."""
    while True:
        temporary = path.with_name(f".{path.name[:50]}.{secrets.token_hex(8)}")
        handle = os.open(temporary, _NEW, mode)
        if fcntl is None:
            return temporary, handle
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return temporary, handle
        os.close(handle)  # another process has deleted it before it was locked


def drop_abandoned(path: Path) -> None:
    """Delete what killed processes had begun to write to `path`: no lock is held on it any more."""
    if fcntl is None:
        return
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            found = _TEMPORARY.fullmatch(entry.name)
            if found and found[1] == path.name[:50] and entry.is_file(follow_symlinks=False):
                with suppress(OSError):
                    _drop_unlocked(entry.path)


def _drop_unlocked(temporary: str) -> None:
    """Raises OSError where another process holds the lock."""
    handle = os.open(temporary, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        Path(temporary).unlink()
    finally:
        os.close(handle)
