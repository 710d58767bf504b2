"""/set: what people choose for themselves, for now or for good."""

from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Group, RenderableType

from relmem_cli.chat.commands.base import Chat, SlashCommand
from relmem_cli.chat.commands.models import read_into
from relmem_cli.chat.view import chat_tables, render
from relmem_cli.chat.view.preferences import Keys
from relmem_cli.chat.view.theme import Theme
from relmem_cli.errors import RelmemError
from relmem_cli.plain import brief_line

SAVE = "--save"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One thing to choose.

    values  what it can be; none for a model
    now     its present value, as it is typed and saved
    change  takes another value; returns what to show besides, if anything
    """

    values: tuple[str, ...] = ()
    now: Callable[[Chat], str]
    change: Callable[[Chat, str], RenderableType | None]

    def check(self, name: str, value: str) -> None:
        """Raise RelmemError for a value that it cannot have."""
        if self.values and value not in self.values:
            raise RelmemError(
                f"{name} is {' or '.join(self.values)}, not {brief_line(value, 40)!r}."
            )


def _change_theme(chat: Chat, value: str) -> None:
    chat.preferences.theme = Theme(value)
    chat.recolour()


def _change_keys(chat: Chat, value: str) -> None:
    chat.preferences.keys = Keys(value)


def _change_slots(chat: Chat, value: str) -> None:
    chat.preferences.slots = value == "on"


SETTINGS = {
    "theme": Setting(
        values=tuple(Theme), now=lambda chat: chat.preferences.theme, change=_change_theme
    ),
    "keys": Setting(
        values=tuple(Keys), now=lambda chat: chat.preferences.keys, change=_change_keys
    ),
    "slots": Setting(
        values=("on", "off"),
        now=lambda chat: "on" if chat.preferences.slots else "off",
        change=_change_slots,
    ),
    "model": Setting(now=lambda chat: chat.session.reader.source, change=read_into),
}
"""What /set changes, by name; each is an option of `relmem chat` too."""


def _set(chat: Chat, argument: str) -> RenderableType:
    """Without an argument: list all. A name alone: say what it is, or with --save, keep that."""
    words = argument.split()
    save = SAVE in words
    name, _, value = " ".join(word for word in words if word != SAVE).partition(" ")
    if not name:
        if save:
            raise RelmemError("say which: /set --save theme light, or /set --save theme.")
        rows = [(key, one.now(chat), ", ".join(one.values)) for key, one in SETTINGS.items()]
        return chat_tables.setting_list(rows)
    setting = SETTINGS.get(name)
    if setting is None:
        known = ", ".join(SETTINGS)
        raise RelmemError(f"/set takes {known}, not {brief_line(name, 40)!r}.")
    shown: list[RenderableType] = []
    if value:
        setting.check(name, value)
        shown += [part for part in [setting.change(chat, value)] if part is not None]
    now = setting.now(chat)
    if save:
        shown += map(render.note, chat.save_setting(name, now))
    else:
        good = f"; /set {SAVE} {name} keeps that" if value else ""
        shown.append(render.note(f"{name} is {now}{good}"))
    return Group(*shown)


COMMANDS = (
    SlashCommand(
        name="set",
        argument="[NAME VALUE]",
        summary="theme, keys, slots, model; --save for good",
        completes="setting",
        run=_set,
    ),
)
