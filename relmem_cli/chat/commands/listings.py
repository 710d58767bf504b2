"""Slash commands that show what can be said: the model's words, stories to try."""

import random
from collections.abc import Sequence  # noqa: TC003  # a name of the annotations

from rich.console import RenderableType

from relmem_cli.chat.commands.base import Chat, SlashCommand
from relmem_cli.chat.story.words_by_role import ANY, words_by_role
from relmem_cli.chat.view import chat_tables, render
from relmem_cli.errors import RelmemError
from relmem_cli.nearest import did_you_mean
from relmem_cli.plain import brief_line

MOST = 40
"""Words of a group that are listed where it is not asked for."""


def _words(chat: Chat, argument: str) -> RenderableType:
    """Without an argument: list some of each group; a group: all of it.

    closed, open: whether unknown names are refused.
    """
    reader = chat.session.reader
    if argument not in ("closed", "open"):
        groups = words_by_role(reader.card)
        if not argument:
            return chat.draw(chat_tables.word_groups(groups, most=MOST))
        if named := {name: groups[name] for name in groups if argument in name}:
            return chat.draw(chat_tables.word_groups(named))
        takes = ", ".join(name for name, words in groups.items() if words != [ANY])
        raise RelmemError(
            f"it takes one of {takes}, or closed or open; not {brief_line(argument, 40)!r}."
        )
    if reader.open_words:
        raise RelmemError(f"{reader.name} reads any name as itself: nothing is to be changed.")
    reader.stand_ins = argument == "open"
    unread = chat.session.switch(reader)
    if unread:
        return render.titled_list("not read now", unread)
    how = "read as known ones" if reader.stand_ins else "refused"
    return render.note(f"unknown names are {how}")


def _examples(chat: Chat, argument: str) -> RenderableType:
    """One story of each kind, or of those that are named."""
    from relmem_cli.chat.story.examples import kinds_to_try, tell_example  # noqa: PLC0415  # takes 60 ms

    known = kinds_to_try()
    kinds: Sequence[str] = argument.replace(",", " ").split() or known
    if strange := [kind for kind in kinds if kind not in known]:
        hint = did_you_mean(strange[0], known, "the kinds are 1 to 20 and mixture.")
        raise RelmemError(f"there is no kind {brief_line(strange[0], 40)!r}; {hint}")
    style = "everyday" if chat.session.reader.open_words else "babi"
    rng = random.Random()  # noqa: S311  # nothing secret
    return chat.draw(
        chat_tables.example_stories([tell_example(kind, style=style, rng=rng) for kind in kinds])
    )


COMMANDS = (
    SlashCommand(
        name="words",
        argument="[GROUP]",
        run=_words,
        summary="what the model knows; closed: refuse unknown names",
    ),
    SlashCommand(
        name="examples", argument="[KIND]", summary="stories of each kind to try", run=_examples
    ),
)
