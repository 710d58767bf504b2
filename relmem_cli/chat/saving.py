"""Files that people name in chat: a story, a picture, a conversation."""

from pathlib import Path

from relmem_cli.errors import RelmemError
from relmem_cli.files import write_atomically


def write_new(path: Path, data: bytes | str) -> None:
    """Write a file that somebody named.

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
