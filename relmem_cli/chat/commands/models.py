"""Slash commands about models: which there are, and what another one makes of the story."""

from rich.console import RenderableType

from relmem_cli.chat import render
from relmem_cli.chat.commands.base import Chat, SlashCommand


def _model(chat: Chat, argument: str) -> RenderableType:
    session = chat.session
    if not argument:
        return render.models(chat.model_names(), present=session.reader.name)
    unread = session.switch(chat.open_model(argument))
    if unread:
        return render.listed(f"{argument} cannot read", unread)
    return render.note(f"{argument} has read the story" if session.turns else f"this is {argument}")


COMMANDS = (
    SlashCommand(
        name="model",
        argument="[NAME]",
        completes="model",
        summary="list the models, or read the story into another one",
        run=_model,
    ),
)
