"""Slash commands about whole conversations, and about places in a story."""

from rich.console import Group, RenderableType

from relmem_cli.chat.commands.base import Chat, SlashCommand, parse_number
from relmem_cli.chat.story.autosave import Saved
from relmem_cli.chat.story.conversations import checked_title
from relmem_cli.chat.story.model_input import Loaded
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.words import as_read
from relmem_cli.chat.view import chat_tables, render
from relmem_cli.errors import RelmemError


def _conversations(chat: Chat, argument: str) -> RenderableType:
    """Without an argument: list them. A number or title: go on in that one."""
    if not argument:
        return chat_tables.conversation_list(chat.conversations.listed(), chat.conversation)
    found = chat.conversations.find(argument)
    if found.opened:
        chat.conversations.go_to(found.opened)
    elif found.saved:
        _open(chat, found.saved)
    return render.story(chat.session.turns)


def _open(chat: Chat, saved: Saved) -> None:
    reader = _reader(chat, saved.model)
    session = Session(reader)
    session.load(as_read(saved.story, reader.vocabulary))
    chat.conversations.keep()
    chat.conversations.add(session, saved)


def _reader(chat: Chat, source: str) -> Loaded:
    """The present model where it is the one that is needed."""
    reader = chat.session.reader
    return reader if source == reader.source else chat.open_model(source)


def _title(chat: Chat, argument: str) -> RenderableType:
    """Without a text: say what it is."""
    present = chat.conversation
    if not argument:
        return render.note(f"the title is: {present.title}" if present.title else "no title yet")
    present.title = checked_title(argument)
    return render.note(f"this conversation is called: {present.title}")


def _fork(chat: Chat, argument: str) -> RenderableType:
    title = checked_title(argument)
    session = chat.session
    if not title:
        raise RelmemError("a name is needed, such as: /fork what if Mary stays")
    if not session.turns:
        raise RelmemError("the story is empty: there is nothing to go on from.")
    if any(one.title.casefold() == title.casefold() for one in chat.conversations.listed()):
        raise RelmemError(f"there is one of that name; /conversations {title} goes to it.")
    chat.conversations.keep()
    chat.conversations.add(session.fork(), title=title)
    return render.note(f"from here on this is {title}; /conversations lists it and the one before")


def _goto(chat: Chat, argument: str) -> RenderableType:
    """A sentence's number: look at the story as it was after it. end, or nothing: come back."""
    session = chat.session
    if argument.lower() not in ("", "end"):
        session.look_at(parse_number(argument))
        if not session.left_out:
            return render.note("this is the end of the story")
        note = f"{session.left_out} more after this; ask here what you like, /goto end comes back"
        return Group(render.story(session.turns), render.note(note))
    if not session.left_out:
        raise RelmemError("this is the end of the story; /goto 2 looks at it after sentence 2.")
    session.come_back()
    return render.note(f"back at the end of the story, after sentence {len(session.sentences)}")


COMMANDS = (
    SlashCommand(
        name="goto", argument="N|end", summary="the story as it was after sentence N; come back",
        completes="sentence", run=_goto,
    ),
    SlashCommand(
        name="fork", argument="NAME", summary="go on in a copy; the story so far stays",
        run=_fork,
    ),
    SlashCommand(
        name="conversations", argument="[N]", summary="list those that are kept; go on in one",
        completes="conversation", run=_conversations,
    ),
    SlashCommand(
        name="title", argument="TEXT", summary="what the list calls this conversation",
        run=_title,
    ),
)  # fmt: skip
