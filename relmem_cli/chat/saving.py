"""Files that people name in chat: a story, a picture, a conversation."""

from pathlib import Path

from relmem_cli.errors import RelmemError
from relmem_cli.files import write_atomically


def named_path(text: str, example: str) -> Path:
    """The path that somebody typed; "~" is their home.

    Raises RelmemError where there is none, naming `example`, and for the home of nobody.
    """
    if not text:
        raise RelmemError(f"a file's name is missing: {example}.")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise RelmemError(f"{text} is in the home of a user whom this machine lacks.") from error


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
