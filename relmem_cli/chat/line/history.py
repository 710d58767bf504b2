"""The lines that were typed before: kept for the user alone, and not without end."""

import os
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from relmem_cli.files import read_whole, write_atomically

MOST = 5_000
"""Entries that are kept; older ones are forgotten when a chat begins."""

LONGEST = 1 << 16
"""Characters of an entry that is kept; a longer one was pasted, and lies somewhere else."""

_BETWEEN = b"\n# "
"""What begins an entry in the file; each of its own lines begins with "+"."""


class UserHistory(FileHistory):
    """Lines in a file; one that can no longer be written costs no line."""

    def store_string(self, string: str) -> None:
        """Append an entry."""
        if len(string) <= LONGEST:
            with suppress(OSError):
                super().store_string(string)


def open_history(path: Path) -> tuple[History, str]:
    """The history in a file that only the user can read, and a warning, "" where all is well.

    Where the file cannot be written the history lives in memory only.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        if not path.is_symlink():  # what a link leads to stays as its owner has it
            path.chmod(0o600)
            _trim(path)
    except OSError as error:
        return InMemoryHistory(), f"{path} cannot be written ({error.strerror}): no history is kept"
    return UserHistory(str(path)), ""


def _trim(path: Path) -> None:
    """Leave the latest entries alone in the file."""
    data = read_whole(path)
    if data.count(_BETWEEN) > MOST:
        latest = data.split(_BETWEEN)[-MOST:]
        write_atomically(path, _BETWEEN + _BETWEEN.join(latest), mode=0o600)
