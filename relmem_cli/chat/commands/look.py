"""Slash commands that show what the model remembered, and why it answered as it did."""

from rich.console import RenderableType

from relmem_cli.chat.commands.base import Chat, SlashCommand
from relmem_cli.chat.story.memory_maps import memory_map, memory_maps
from relmem_cli.chat.story.story_files import named_path
from relmem_cli.chat.view import render
from relmem_cli.chat.view.export import export
from relmem_cli.chat.view.heatmaps import MapsView
from relmem_cli.chat.view.why import WhyView
from relmem_cli.errors import RelmemError


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
    export(chat.session, chat.picture, path)
    return render.note(f"written to {path}")


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
        summary="the last picture, .svg .html .png; or .json",
        completes="file",
        run=_export,
    ),
)
