"""Files of stories as lines of text."""

from pathlib import Path

from relmem_cli.errors import RelmemError
from relmem_cli.files import read_whole


class FormatError(RelmemError):
    """A line that is not what its format says; the message starts with file:line."""


def read_lines(path: Path, wanted: str) -> list[str]:
    """The lines of a file, without their ends; the last is "" where it ends with a line break.

    wanted  what the file should have, as part of a sentence

    Raises FormatError with file:line for an empty file and for what is no UTF-8, and RelmemError
    where the file cannot be read at all.
    """
    try:
        data = read_whole(path)
    except OSError as error:
        raise RelmemError(f"{path} cannot be read: {error.strerror}.") from error
    if not data.strip():
        raise FormatError(f"{path}:1: the file is empty; expected {wanted}.")
    if b"\0" in data:
        place = data[: data.index(b"\0")].count(b"\n") + 1
        raise FormatError(
            f"{path}:{place}: a NUL byte; expected text, this looks like a binary file."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = data[: error.start].count(b"\n") + 1
        raise FormatError(
            f"{path}:{place}: byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8."
        ) from None
    return [line.removesuffix("\r") for line in text.split("\n")]
