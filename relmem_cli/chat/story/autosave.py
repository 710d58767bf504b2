"""Conversations kept as they go, so that a crash or a closed window loses nothing."""

import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from relmem_cli.chat.story.lines import Utterance
from relmem_cli.chat.story.story_files import LARGEST, split_stories, to_babi
from relmem_cli.errors import RelmemError
from relmem_cli.files import write_atomically
from relmem_cli.plain import brief_line, check_fields, from_json, is_text, list_of

FORMAT = "relmem-chat-1"

_NAMES = "????-??-??T??-??-??-*.json"

KEPT = 20
"""Conversations that stay; older ones are deleted."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A conversation as it was left: what opens its model, and what was said."""

    model: str
    story: Sequence[Utterance]


class Autosave:
    """Writes one conversation to a file of its own, as often as it changes."""

    def __init__(self, folder: Path) -> None:
        started = time.strftime("%Y-%m-%dT%H-%M-%S", time.gmtime())
        self._path = folder / f"{started}-{os.getpid()}.json"
        self._last: tuple[str, str] | None = None

    def keep(self, model: str, story: Sequence[Utterance]) -> None:
        """Write what was said, unless that is nothing, or is written already.

        So a story that was cleared stays until another one is told.
        """
        text = to_babi(story)
        if not story or (model, text) == self._last:
            return
        content = {"format": FORMAT, "model": model, "lines": text.splitlines()}
        with suppress(OSError):  # a full disk must not end the conversation
            write_atomically(self._path, json.dumps(content, indent=1) + "\n", mode=0o600)
            if self._last is None:
                _prune(self._path.parent)
            self._last = model, text


def latest_conversation(folder: Path) -> Saved | None:
    """The conversation that was changed last, of those that can be read; None where there is none.

    Raises RelmemError where there are some and none can be read, for the latest of them.
    """
    problems = []
    for path in _by_age(folder):
        try:
            if saved := _read(path):
                return saved
        except (OSError, ValueError, RelmemError) as error:
            why = brief_line(str(error)).removesuffix(".")
            problems.append(f"{path} cannot be gone on with: {why}.")
    if problems:
        raise RelmemError(problems[0])
    return None


def _read(path: Path) -> Saved | None:
    """What a file holds; raises ValueError for what is no conversation."""
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MB")
    content = from_json(raw)
    check_fields(content, _KINDS, needed=True)
    stories = split_stories(content["lines"])
    return Saved(model=content["model"], story=stories[0]) if stories else None


def _prune(folder: Path) -> None:
    """Delete the oldest, and of what killed chats had begun to write.

    A folder that is a link leads to what may be somebody else's.
    """
    if not folder.is_symlink():
        for path in (*_by_age(folder, _NAMES)[KEPT:], *_by_age(folder, f".{_NAMES}.*")[KEPT:]):
            path.unlink(missing_ok=True)


def _by_age(folder: Path, names: str = "*.json") -> list[Path]:
    """The newest first."""
    return sorted(filter(Path.is_file, folder.glob(names)), key=lambda path: -_changed(path))


def _changed(path: Path) -> int:
    """When a file was changed last; 0 where another chat has deleted it."""
    try:
        return path.lstat().st_mtime_ns
    except OSError:
        return 0


_KINDS = {
    "format": lambda value: value == FORMAT,
    "model": lambda value: is_text(value) and value.isprintable() and len(value) <= 4096,
    "lines": list_of(is_text),
}
