"""The conversations of a chat: the present one, others that are open beside it, those on disk."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from relmem_cli.chat.story.autosave import (
    LONGEST_TITLE,
    Autosave,
    Saved,
    kept_conversations,
    no_such_conversation,
)
from relmem_cli.chat.story.lines import Utterance, clean
from relmem_cli.chat.story.session import Session
from relmem_cli.errors import RelmemError
from relmem_cli.plain import brief_line


@dataclass(eq=False, kw_only=True)
class Conversation:
    """One that is open; `autosave` keeps it as it goes, if anything does."""

    session: Session
    title: str = ""
    autosave: Autosave | None = None

    @property
    def story(self) -> list[Utterance]:
        """All that was said."""
        return [turn.said for turn in self.session.whole]

    def keep(self) -> None:
        """Have it written as it is now."""
        if self.autosave:
            self.title = self.autosave.keep(self.session.reader.source, self.story, self.title)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One of the list: open in this chat, or on disk, or both."""

    title: str
    story: Sequence[Utterance]
    opened: Conversation | None = None
    saved: Saved | None = None


@dataclass(kw_only=True)
class Conversations:
    """What can be talked about in a chat.

    folder  where conversations are kept
    record  whether those of this chat are
    """

    folder: Path | None = None
    record: bool = False
    _open: list[Conversation] = field(default_factory=list)

    @property
    def present(self) -> Conversation | None:
        """The one that is talked to; None before the first."""
        return self._open[-1] if self._open else None

    def add(self, session: Session, saved: Saved | None = None, title: str = "") -> Conversation:
        """Go on in a session, which `saved` or an own file keeps."""
        keeper = Autosave(self.folder, saved) if self.record and self.folder else None
        title = saved.title if saved else title
        self._open.append(Conversation(session=session, title=title, autosave=keeper))
        return self._open[-1]

    def go_to(self, conversation: Conversation) -> None:
        """Go on in another one that is open."""
        self._open.remove(conversation)
        self._open.append(conversation)

    def keep(self) -> None:
        """Have the present one written, where that is wanted."""
        now = self.present
        if now and self.record and self.folder and now.autosave is None:
            now.autosave = Autosave(self.folder)
        if now:
            now.keep()

    def listed(self) -> list[Listed]:
        """Those that are open and not on disk, then those on disk, the latest first."""
        saved = kept_conversations(self.folder) if self.folder else []
        told = [one for one in self._open if one.story]  # a cleared story is on disk alone
        by_path = {one.autosave.path: one for one in told if one.autosave}
        paths = {one.path for one in saved}
        loose = [one for one in reversed(told) if not (one.autosave and one.autosave.path in paths)]
        return [
            *(Listed(title=one.title, story=one.story, opened=one) for one in loose),
            *(
                Listed(title=one.title, story=one.story, opened=by_path.get(one.path), saved=one)
                for one in saved
            ),
        ]

    def find(self, wanted: str) -> Listed:
        """By its number in the list, from 1, or its title. Raises RelmemError for no such one."""
        listed = self.listed()
        if wanted.isdecimal() and len(wanted) < 10 and 1 <= int(wanted) <= len(listed):
            return listed[int(wanted) - 1]
        for one in listed:
            if one.title and one.title.casefold() == wanted.casefold():
                return one
        raise RelmemError(no_such_conversation(brief_line(wanted, 40), len(listed)))


def checked_title(text: str) -> str:
    """A title as it was typed; raises RelmemError for one that is too long, or a number."""
    title = " ".join(clean(text).split())
    if len(title) > LONGEST_TITLE:
        raise RelmemError(f"a title has at most {LONGEST_TITLE} characters, not {len(title):,}.")
    if title.isdecimal():
        raise RelmemError("a title needs a letter: numbers stand for places in the list.")
    return title
