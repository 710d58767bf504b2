"""The slash commands: one table, from which /help and completion are made."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Protocol

from rich.console import RenderableType
from rich.text import Text

from relmem_cli.chat import render
from relmem_cli.chat.lines import clean
from relmem_cli.chat.session import Session
from relmem_cli.contract import ChatCommand
from relmem_cli.errors import RelmemError

if TYPE_CHECKING:
    from relmem_cli.chat.reader import Reader


class Chat(Protocol):
    """What a slash command may use."""

    @property
    def session(self) -> Session:
        """The conversation; waits for the model while it loads."""
        ...

    @property
    def commands(self) -> "Mapping[str, SlashCommand]":
        """All slash commands by name."""
        ...

    @property
    def unicode(self) -> bool:
        """Whether the terminal shows more than ASCII."""
        ...

    def model_names(self) -> list[str]:
        """The models that there are."""
        ...

    def open_model(self, name: str) -> "Reader":
        """Another model; raises RelmemError where there is none of that name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """A command: `run(chat, argument)` does it and returns what to show.

    argument     what it takes, as /help writes it
    needs_model  whether it waits for the model to be loaded
    """

    name: str
    summary: str
    run: Callable[[Chat, str], RenderableType | None]
    argument: str = ""
    needs_model: bool = True


def slash_commands(plugins: Iterable[ChatCommand] = ()) -> dict[str, SlashCommand]:
    """The built-in commands, then those of plugins; a built-in name stays built in."""
    commands = {command.name: command for command in BUILT_IN}
    for offer in plugins:
        name = offer.name.lower()
        added = SlashCommand(name=name, summary=offer.summary, run=_of_plugin(offer))
        commands.setdefault(name, added)
    return commands


def find_command(commands: Mapping[str, SlashCommand], name: str) -> SlashCommand:
    """The command of that name; raises RelmemError with the nearest ones."""
    if name in commands:
        return commands[name]
    near = get_close_matches(name, commands, n=1)
    hint = f"; did you mean /{near[0]}?" if near else "; /help lists the commands."
    raise RelmemError(f"there is no such command{hint}")


def _help(chat: Chat, argument: str) -> RenderableType:
    del argument
    return render.helped(
        [(f"/{c.name} {c.argument}".strip(), c.summary) for c in chat.commands.values()]
    )


def _story(chat: Chat, argument: str) -> RenderableType:
    del argument
    return render.story(chat.session.turns)


def _undo(chat: Chat, argument: str) -> RenderableType:
    if argument and not (argument.isascii() and argument.isdecimal() and len(argument) < 10):
        raise RelmemError(f"{argument!r} is not a number of sentences.")
    return render.listed("took back", chat.session.undo(int(argument or 1)))


def _clear(chat: Chat, argument: str) -> RenderableType:
    del argument
    chat.session.clear()
    return render.note("new story")


def _why(chat: Chat, argument: str) -> RenderableType:
    del argument
    return render.why(chat.session.why(), block="█" if chat.unicode else "#")


def _model(chat: Chat, argument: str) -> RenderableType:
    session = chat.session
    if not argument:
        return render.models(chat.model_names(), present=session.reader.name)
    unread = session.switch(chat.open_model(argument))
    if unread:
        return render.listed(f"{argument} cannot read", unread)
    return render.note(f"{argument} has read the story" if session.turns else f"this is {argument}")


def _quit(chat: Chat, argument: str) -> None:
    del chat, argument
    raise EOFError


def _of_plugin(offer: ChatCommand) -> Callable[[Chat, str], RenderableType]:
    def run(chat: Chat, argument: str) -> RenderableType:
        shown = offer.run(chat.session, argument)
        if not isinstance(shown, str):
            raise TypeError(f"returned {type(shown).__name__}; expected text")
        return Text("\n".join(clean(line) for line in shown.splitlines()))

    return run


BUILT_IN = (
    SlashCommand(name="help", summary="what can be typed", run=_help, needs_model=False),
    SlashCommand(name="story", summary="the story and the questions so far", run=_story),
    SlashCommand(
        name="undo", argument="[N]", summary="take back the last N sentences, or one", run=_undo
    ),
    SlashCommand(name="clear", summary="begin a new story", run=_clear),
    SlashCommand(name="why", summary="the sentences that the answer was read from", run=_why),
    SlashCommand(
        name="model",
        argument="[NAME]",
        summary="list the models, or read the story into another one",
        run=_model,
    ),
    SlashCommand(name="quit", summary="leave, as Ctrl-D does", run=_quit, needs_model=False),
)
