"""Conversations kept as they go, so that a crash or a closed window loses nothing."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from relmem_cli.chat.story.lines import Utterance
from relmem_cli.chat.story.story_files import LARGEST, split_stories, to_babi
from relmem_cli.errors import RelmemError
from relmem_cli.files import write_atomically
from relmem_cli.plain import brief_line, check_fields, from_json, is_text, list_of

FORMAT = "relmem-chat-1"

_NAMES = "????-??-??T??-??-??-*.json"

LONGEST_TITLE = 60
"""Characters of a title."""

KEPT = 20
"""Conversations that stay; older ones are deleted."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A conversation as it was left: what opens its model, and what was said.

    path     its file
    changed  when it was written, in nanoseconds
    """

    model: str
    story: Sequence[Utterance]
    title: str = ""
    path: Path
    changed: int


class Autosave:
    """Writes one conversation to a file of its own, as often as it changes.

    A story that follows a cleared one has another file: the cleared one stays as it was.

    saved  a conversation that is gone on with, in its file; not where another chat writes there
    """

    def __init__(self, folder: Path, saved: Saved | None = None) -> None:
        self._folder = folder
        self._title = saved.title if saved else ""
        self._path = saved.path if saved else _new_path(folder)
        self._last = (saved.model, to_babi(saved.story), saved.title) if saved else None
        self._changed = saved.changed if saved else 0
        self._cleared = False

    @property
    def path(self) -> Path:
        """Its file, which is there once something was said."""
        return self._path

    def keep(self, model: str, story: Sequence[Utterance], title: str = "") -> str:
        """Write what was said, unless that is nothing, or is written already.

        Returns its title from now on: that of a cleared story is not the next one's.
        """
        now = model, to_babi(story), title
        if not story or now == self._last:
            self._cleared = not story
            return title
        if self._last and self._cleared and title == self._last[2]:
            title = ""
        if self._last and (self._cleared or _changed(self._path) not in (0, self._changed)):
            self._path, self._last = _new_path(self._folder), None
        now = *now[:2], title
        content = {"format": FORMAT, "model": model, "lines": now[1].splitlines()}
        content |= {"title": title} if title else {}
        with suppress(OSError):  # a full disk must not end the conversation
            write_atomically(self._path, json.dumps(content, indent=1) + "\n", mode=0o600)
            self._changed = _changed(self._path)
            if self._last is None:
                _prune(self._folder)
            self._last, self._cleared = now, False
        return title


def kept_conversations(folder: Path) -> list[Saved]:
    """The conversations that can be read, the one that was changed last first."""
    return list(_readable(folder, []))


def latest_conversation(folder: Path) -> Saved | None:
    """The conversation that was changed last, of those that can be read; None where there is none.

    Raises RelmemError where there are some and none can be read, for the latest of them.
    """
    problems: list[str] = []
    saved = next(_readable(folder, problems), None)
    if saved is None and problems:
        raise RelmemError(problems[0])
    return saved


def kept_conversation(folder: Path, number: int) -> Saved:
    """The conversation with a number in the list of those that are kept, from 1.

    Raises RelmemError where there is none.
    """
    kept = kept_conversations(folder)
    if number > len(kept):
        raise RelmemError(no_such_conversation(str(number), len(kept)))
    return kept[number - 1]


def no_such_conversation(wanted: str, count: int) -> str:
    """What is wrong with a conversation's number or title where there are `count`."""
    if not count:
        return "no conversation is kept yet."
    return f"there is no conversation {wanted}; /conversations lists those that there are."


def _readable(folder: Path, problems: list[str]) -> Iterator[Saved]:
    """Those that can be read, the latest first; for others `problems` gets a sentence."""
    for path in _by_age(folder):
        try:
            if saved := _read(path):
                yield saved
        except (OSError, ValueError, RelmemError) as error:
            why = brief_line(str(error)).removesuffix(".")
            problems.append(f"{path} cannot be gone on with: {why}.")


_number = count(1)


def _new_path(folder: Path) -> Path:
    started = time.strftime("%Y-%m-%dT%H-%M-%S", time.gmtime())
    return folder / f"{started}-{os.getpid()}-{next(_number)}.json"


def _read(path: Path) -> Saved | None:
    """What a file holds; raises ValueError for what is no conversation."""
    changed = _changed(path)
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST >> 20} MB")
    content = from_json(raw)
    check_fields(content, _KINDS, needed=True)
    check_fields(content, _MORE)
    stories = split_stories(content["lines"])
    if not stories:
        return None
    return Saved(
        model=content["model"],
        story=stories[0],
        title=content.get("title", ""),
        path=path,
        changed=changed,
    )


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

_MORE = {
    "title": lambda value: is_text(value) and value.isprintable() and len(value) <= LONGEST_TITLE
}
