"""The slash command that shows the memory while it is written."""

from rich.console import RenderableType

from relmem_cli.chat.commands.base import Chat, SlashCommand, parse_number
from relmem_cli.chat.story.scenes import Scenes
from relmem_cli.chat.view.watch import WatchView
from relmem_cli.errors import RelmemError


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


COMMANDS = (
    SlashCommand(
        name="watch",
        argument="[N]",
        run=_watch,
        summary="see the memory while you tell; after N lines",
    ),
)
