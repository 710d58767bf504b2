"""The slash commands: one table, from which /help and completion are made."""

from collections.abc import Callable, Iterable, Mapping

from rich.console import RenderableType

from relmem_cli.chat.commands import (
    conversations,
    editing,
    listings,
    look,
    models,
    settings,
    task_and_quiz,
    watch,
)
from relmem_cli.chat.commands.base import Chat, SlashCommand
from relmem_cli.chat.story.lines import clean
from relmem_cli.chat.view import render
from relmem_cli.contract import ChatCommand
from relmem_cli.errors import RelmemError
from relmem_cli.nearest import did_you_mean
from relmem_cli.sealing import sealed

__all__ = ["Chat", "SlashCommand", "find_command", "slash_commands"]

KEYS = (
    ("?", "ask the last question again"),
    ("Tab", "complete a word, a command, or what it takes"),
    ("Right, Ctrl-E", "take the grey suggestion"),
    ("Up, Ctrl-R", "earlier lines, search them"),
    ("Alt-Enter, vi: Esc o", "another line; Enter sends them all"),
    ("Esc Esc, vi: thrice", "change the last sentence; again, the one before"),
    ("Ctrl-X Ctrl-E", "write the line on in $VISUAL or $EDITOR"),
    ("F1", "this help, keeping what is typed"),
    ("Ctrl-C, Ctrl-D", "cancel the line, leave"),
)
"""What can be pressed, and what it does."""


def slash_commands(plugins: Iterable[ChatCommand] = ()) -> dict[str, SlashCommand]:
    """The built-in commands, then those of plugins; a built-in name stays built in."""
    commands = {command.name: command for command in BUILT_IN}
    for offer in plugins:
        name = offer.name.lower()
        added = SlashCommand(name=name, summary=offer.summary, run=_of_plugin(offer), argument=None)
        commands.setdefault(name, added)
    return commands


def find_command(commands: Mapping[str, SlashCommand], name: str) -> SlashCommand:
    """The command of that name; raises RelmemError with the nearest ones."""
    if name in commands:
        return commands[name]
    known = [f"/{command}" for command in commands]
    hint = did_you_mean(f"/{name}", known, "/help lists the commands.", most=1)
    raise RelmemError(f"there is no such command; {hint}")


def _help(chat: Chat, argument: str) -> RenderableType:
    del argument
    return render.help_table([(c.usage, c.summary) for c in chat.commands.values()], KEYS)


def _quit(chat: Chat, argument: str) -> None:
    del chat, argument
    raise EOFError


def _of_plugin(offer: ChatCommand) -> Callable[[Chat, str], RenderableType]:
    def run(chat: Chat, argument: str) -> RenderableType:
        with sealed():
            shown = offer.run(chat.session, argument)
        if not isinstance(shown, str):
            raise TypeError(f"returned {type(shown).__name__}; expected text")
        return render.text("\n".join(clean(line) for line in shown.splitlines()))

    return run


BUILT_IN = (
    SlashCommand(name="help", summary="what can be typed", run=_help, needs_model=False),
    *editing.COMMANDS,
    *conversations.COMMANDS,
    *look.COMMANDS,
    *watch.COMMANDS,
    *models.COMMANDS,
    *task_and_quiz.COMMANDS,
    *listings.COMMANDS,
    *settings.COMMANDS,
    SlashCommand(name="quit", summary="leave, as Ctrl-D does", run=_quit, needs_model=False),
)
