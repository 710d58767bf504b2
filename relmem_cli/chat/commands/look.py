"""Slash commands that show what the model remembered, and why it answered as it did."""

from rich.console import RenderableType

from relmem_cli.chat import render
from relmem_cli.chat.commands.base import Chat, SlashCommand


def _why(chat: Chat, argument: str) -> RenderableType:
    del argument
    return render.why(chat.session.why(), block="█" if chat.unicode else "#")


COMMANDS = (
    SlashCommand(name="why", summary="the sentences that the answer was read from", run=_why),
)
