"""The slash command that shows the memory while it is written."""

from collections.abc import Mapping

from rich.console import RenderableType

from relmem_cli.chat.commands.base import Chat, SlashCommand, parse_number
from relmem_cli.chat.story.scenes import Scenes
from relmem_cli.chat.view.watch import WatchView
from relmem_cli.errors import RelmemError
from relmem_cli.plain import brief_line


def _watch(chat: Chat, argument: str) -> RenderableType | None:
    """A full screen, or with a number how things were after so many lines of the story."""
    scenes = Scenes(chat.session)
    if not argument:
        chat.watch(scenes)
        chat.draw(WatchView(scenes.at(scenes.places)))
        return None
    place = parse_number(argument)
    if place > scenes.places:
        lines = "1 line" if scenes.places == 1 else f"{scenes.places:,} lines"
        raise RelmemError(f"the story has {lines}, questions among them, not {place}.")
    return chat.draw(WatchView(scenes.at(place)))


_LEAVE = ("q", "quit")
_CHANGES = ("undo", "redo", "edit", "clear")


def command_while_watching(commands: Mapping[str, SlashCommand], name: str) -> SlashCommand:
    """The command of that name, where it changes the story, which is shown.

    Raises EOFError where it leaves, and RelmemError for others.
    """
    if name in _LEAVE:
        raise EOFError
    if name in _CHANGES:
        return commands[name]
    raise RelmemError(
        f"/{brief_line(name, 20)} needs the chat (q leaves); /undo, /redo, /edit, /clear work here."
    )


COMMANDS = (
    SlashCommand(
        name="watch",
        argument="[N]",
        run=_watch,
        summary="see the memory while you tell; after N lines",
    ),
)
