"""A longer text, written in the editor that its user has chosen."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from relmem_cli.errors import RelmemError
from relmem_cli.files import read_whole

USUAL = ("editor", "nano", "vim", "vi")
"""What is looked for where neither $VISUAL nor $EDITOR is set."""

LARGEST = 1 << 20
"""Bytes of a text that is read back."""


def edit_text(text: str) -> str:
    """What became of the text in the editor, "" where all of it was deleted.

    Raises RelmemError where there is no editor, it fails, or what it leaves is no text.
    """
    command = editor_command(os.environ)
    with tempfile.TemporaryDirectory(prefix="relmem-") as folder:  # nobody else can read it
        file = Path(folder) / "story.txt"
        try:
            file.write_text(f"{text}\n" if text else "", encoding="utf-8")
            ended = subprocess.run([*command, str(file)], check=False).returncode  # noqa: S603  # theirs
            if ended:
                raise RelmemError(
                    f"{command[0]} ended with code {ended}: nothing was taken from it."
                )
            return read_whole(file, LARGEST).decode().rstrip()
        except UnicodeDecodeError as error:
            raise RelmemError("what the editor left is no text in UTF-8.") from error
        except OSError as error:
            raise RelmemError(f"{command[0]} cannot be used: {error.strerror}.") from error


def editor_command(environment: Mapping[str, str]) -> list[str]:
    """$VISUAL, $EDITOR or a usual editor, with its options; raises RelmemError without any."""
    named = environment.get("VISUAL") or environment.get("EDITOR")
    if not named:
        found = next(filter(None, map(shutil.which, USUAL)), None)
        if found is None:
            raise RelmemError("there is no editor here; set EDITOR to the name of one.")
        return [found]
    try:
        command = shlex.split(named)
    except ValueError:
        command = []
    if not (command and shutil.which(command[0])):
        raise RelmemError(f"there is no editor {named!r}; set EDITOR to the name of one.")
    return command
