"""Slash commands that show what the model remembered, and why it answered as it did."""

from rich.console import RenderableType

from relmem_cli.chat.commands.base import Chat, SlashCommand
from relmem_cli.chat.story.lines import clean
from relmem_cli.chat.story.memory_maps import memory_map, memory_maps
from relmem_cli.chat.story.story_files import named_path
from relmem_cli.chat.view import render
from relmem_cli.chat.view.export import export
from relmem_cli.chat.view.heatmaps import MapsView
from relmem_cli.chat.view.why import WhyView
from relmem_cli.errors import RelmemError
from relmem_cli.plain import brief_line, counted


def _why(chat: Chat, argument: str) -> RenderableType:
    del argument
    return chat.draw(WhyView(chat.session.why()))


def _memory(chat: Chat, argument: str) -> RenderableType:
    session = chat.session
    name = argument.lower()
    maps = [memory_map(session, name)] if name else list(memory_maps(session).values())
    if not maps:
        if session.reader.looks:
            raise RelmemError("this model shows what it does for a question: ask one first.")
        variant = session.reader.card.variant
        raise RelmemError(f"the variant {variant} shows nothing of its memory; others do.")
    return chat.draw(MapsView(maps))


def _export(chat: Chat, argument: str) -> RenderableType:
    path = named_path(argument, "/export memory.svg")
    export(chat.session, chat.picture, path, title=chat.conversation.title)
    return render.note(f"written to {path}")


def _export_over(chat: Chat, argument: str) -> RenderableType:
    path = named_path(argument, "/export! memory.svg")
    over = export(chat.session, chat.picture, path, title=chat.conversation.title, over=True)
    return render.note(f"written to {path}{', over what it was' if over else ''}")


def _copy(chat: Chat, argument: str) -> RenderableType:
    """Without an argument: the last answer."""
    turns = chat.session.turns
    if argument.lower() == "story":
        lines = [clean(turn.said.text) for turn in turns]
        if not lines:
            raise RelmemError("the story is empty: there is nothing to copy.")
        chat.copy("\n".join(lines))
        what = f"the story, {counted(len(lines), 'line')}"
    elif argument:
        raise RelmemError(f"/copy takes story, or nothing, not {brief_line(argument, 40)!r}.")
    else:
        given = next((turn.answer for turn in reversed(turns) if turn.answer), None)
        if given is None:
            raise RelmemError("nothing has been asked yet: ask a question first.")
        what = " ".join(clean(render.answer_text(given.answer)).split())
        chat.copy(what)
    return render.note(f"copied, where the terminal allows it (OSC 52): {what}")


COMMANDS = (
    SlashCommand(name="why", summary="the sentences that the answer was read from", run=_why),
    SlashCommand(
        name="memory",
        argument="[NAME]",
        completes="map",
        summary="heat maps: gates, attention, relations",
        run=_memory,
    ),
    SlashCommand(
        name="export",
        argument="FILE",
        summary="the last picture .svg .html .png; all: .md .json",
        completes="file",
        run=_export,
    ),
    SlashCommand(
        name="export!",
        argument="FILE",
        summary="the same, over a file that is there",
        completes="file",
        run=_export_over,
    ),
    SlashCommand(
        name="copy",
        argument="[story]",
        summary="the last answer, or the story, to the clipboard",
        completes="copy",
        run=_copy,
    ),
)
