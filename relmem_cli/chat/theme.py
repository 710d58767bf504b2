"""Colours by name, for Rich and for the prompt: dark and light backgrounds, and none at all."""

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prompt_toolkit.styles import Style
    from rich.console import Console


class Theme(StrEnum):
    """What the conversation is coloured for; auto is plain where colour is not wanted, else dark.

    plain has no colour: it sets things apart by bold, dim and underlined.
    """

    auto = "auto"
    dark = "dark"
    light = "light"
    plain = "plain"


HEAT = ("heat0", "heat1", "heat2", "heat3")
"""The styles of a heat map's colours from nothing to the highest, where a theme has colours."""


def _heat(*colours: str) -> dict[str, str]:
    """What is high stands out from the background, and what is nothing does not."""
    return dict(zip(HEAT, colours, strict=True))


_STYLES = {
    Theme.dark: {
        "answer": "bold green",
        "guess": "italic yellow",
        "sentence": "none",
        "quiet": "dim",
        "strong": "bold",
        "good": "green",
        "problem": "yellow",
        "unknown": "underline yellow",
        "bar": "green",
        **_heat("#1e1e26", "#1c6e8c", "#46af6e", "#fae146"),
    },
    Theme.light: {  # each has a contrast to white of at least 4.5
        "answer": "bold #005f00",
        "guess": "italic #875f00",
        "sentence": "none",
        "quiet": "#626262",
        "strong": "bold",
        "good": "#005f00",
        "problem": "#af0000",
        "unknown": "underline #af0000",
        "bar": "#005f00",
        **_heat("#f0f0f0", "#a8d4c4", "#3288a8", "#26246e"),
    },
    Theme.plain: {
        "answer": "bold",
        "guess": "italic",
        "sentence": "none",
        "quiet": "dim",
        "strong": "bold",
        "good": "bold",
        "problem": "underline",
        "unknown": "underline",
        "bar": "none",
        **_heat("none", "none", "none", "none"),
    },
}
"""Rich styles; a name such as "answer" is "relmem.answer" there."""


def _menu(*, text: str, quiet: str, ground: str, chosen: str) -> dict[str, str]:
    """A completion menu that is seen, but not before the line itself."""
    line = "completion-menu.completion"
    meta = "completion-menu.meta.completion"
    return {
        "completion-menu": f"noreverse bg:{ground} fg:{text}",
        line: f"noreverse bg:{ground} fg:{text}",
        f"{line}.current": f"noreverse bg:{chosen} fg:{text}",
        meta: f"noreverse bg:{ground} fg:{quiet}",
        f"{meta}.current": f"noreverse bg:{chosen} fg:{text}",
        "scrollbar.background": f"bg:{ground}",
        "scrollbar.button": f"bg:{quiet}",
    }


_PROMPT = {
    Theme.dark: {
        "prompt": "bold",
        "prompt-continuation": "fg:ansibrightblack",
        "command": "bold",
        "unknown": "underline fg:ansiyellow",
        "auto-suggestion": "fg:ansibrightblack italic",
        "bottom-toolbar": "noreverse fg:ansibrightblack",
        "bottom-toolbar hint": "fg:default",
        **_menu(text="#c6c6c6", quiet="#8a8a8a", ground="#262626", chosen="#005f5f"),
    },
    Theme.light: {
        "prompt": "bold",
        "prompt-continuation": "fg:#626262",
        "command": "bold",
        "unknown": "underline fg:#af0000",
        "auto-suggestion": "fg:#626262 italic",
        "bottom-toolbar": "noreverse fg:#626262",
        "bottom-toolbar hint": "fg:default",
        **_menu(text="#303030", quiet="#626262", ground="#eeeeee", chosen="#afd7d7"),
    },
    Theme.plain: {
        "prompt": "bold",
        "prompt-continuation": "fg:default",
        "command": "bold",
        "unknown": "underline",
        "auto-suggestion": "fg:default italic",
        "bottom-toolbar": "noreverse fg:default",
        # A menu stands out by its colours elsewhere; here the chosen line is reversed.
        "completion-menu": "bg:default fg:default",
        "completion-menu.completion": "bg:default fg:default",
        "completion-menu.completion.current": "bg:default fg:default reverse",
        "completion-menu.meta.completion": "bg:default fg:default",
        "completion-menu.meta.completion.current": "bg:default fg:default reverse",
        "scrollbar.background": "bg:default",
        "scrollbar.button": "bg:default reverse",
    },
}
"""prompt-toolkit styles by class."""


def settled(theme: Theme, environment: Mapping[str, str] = os.environ) -> Theme:
    """The theme that auto stands for; any other one is itself."""
    if theme is not Theme.auto:
        return theme
    plain = environment.get("NO_COLOR") or environment.get("TERM") == "dumb"
    return Theme.plain if plain else Theme.dark


def styled_console(theme: Theme, **options: Any) -> "Console":
    """A console that knows the names "relmem.answer" and so on; `options` are Rich's."""
    from rich.console import Console  # noqa: PLC0415  # the prompt's styles do not need it
    from rich.theme import Theme as RichTheme  # noqa: PLC0415

    theme = settled(theme)
    styles = {f"relmem.{name}": style for name, style in _STYLES[theme].items()}
    if theme is Theme.plain:
        options["no_color"] = True
    return Console(highlight=False, theme=RichTheme(styles), **options)


def prompt_style(theme: Theme) -> "Style":
    """The prompt's own styles."""
    from prompt_toolkit.styles import Style  # noqa: PLC0415  # rendering does not need it

    return Style.from_dict(_PROMPT[settled(theme)])
