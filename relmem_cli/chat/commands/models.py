"""Slash commands about models: which there are, and what others make of the story."""

from collections.abc import Sequence

from rich.console import Group, RenderableType

from relmem_cli.chat.commands.base import Chat, SlashCommand
from relmem_cli.chat.story.comparison import compare, measure_cost
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.model_input import Loaded
from relmem_cli.chat.view import chat_tables, render
from relmem_cli.errors import RelmemError

MOST = 3
"""Models that are compared where none are named, the present one among them."""


def _model(chat: Chat, argument: str) -> RenderableType:
    if not argument:
        return render.models(chat.model_names(), present=chat.session.reader.name)
    return read_into(chat, argument)


def read_into(chat: Chat, name: str) -> RenderableType:
    """Go on with another model; shows what it could not read."""
    session = chat.session
    unread = session.switch(chat.open_model(name))
    if unread:
        return render.titled_list(f"{name} cannot read", unread)
    done = render.note(f"{name} has read the story" if session.turns else f"this is {name}")
    names = session.reader.read_as(session.state)
    return Group(done, render.stands_for(names)) if names else done


def _compare(chat: Chat, argument: str) -> RenderableType:
    said = _utterances(chat)
    if not any(one.kind is UtteranceKind.question for one in said):
        raise RelmemError("nothing has been asked yet: ask a question first.")
    readers = _readers(chat, argument, said)
    if len(readers) == 1:
        if argument:
            raise RelmemError(f"{readers[0].name} is the present model; name another one.")
        raise RelmemError("no other model can read this story; name one: /compare NAME.")
    return chat.draw(
        chat_tables.comparison_table(
            compare(said, readers), right=chat.mark(True), wrong=chat.mark(False)
        )
    )


def _params(chat: Chat, argument: str) -> RenderableType:
    said = _utterances(chat)
    readers = _readers(chat, argument, said)
    return chat.draw(chat_tables.cost_table([measure_cost(reader, said) for reader in readers]))


def _utterances(chat: Chat) -> list[Utterance]:
    return [turn.said for turn in chat.session.turns]


def _readers(chat: Chat, argument: str, said: Sequence[Utterance]) -> list[Loaded]:
    """The present model and those named, or the first few others that can read the story."""
    present = chat.session.reader
    if argument:
        names = dict.fromkeys(argument.replace(",", " ").split())
        return [present, *(chat.open_model(name) for name in names if name != present.name)]
    readers = [present]
    for name in chat.models_for(said):
        if name != present.name and len(readers) < MOST:
            readers.append(chat.open_model(name))
    return readers


COMMANDS = (
    SlashCommand(
        name="model",
        argument="[NAME]",
        completes="model",
        summary="list the models, or read the story into another one",
        run=_model,
    ),
    SlashCommand(
        name="compare",
        argument="[NAMES]",
        summary="the story's questions as several models answer them",
        completes="models",
        run=_compare,
    ),
    SlashCommand(
        name="params",
        argument="[NAMES]",
        completes="models",
        summary="what models have and take",
        run=_params,
    ),
)
