"""Colours by name: dark and light backgrounds, and none at all."""

import os
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from relmem_cli.console import Console


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


def resolve_theme(theme: Theme, environment: Mapping[str, str] = os.environ) -> Theme:
    """The theme that auto stands for; any other one is itself."""
    if theme is not Theme.auto:
        return theme
    plain = environment.get("NO_COLOR") or environment.get("TERM") == "dumb"
    return Theme.plain if plain else Theme.dark


def styled_console(theme: Theme, **options: Any) -> "Console":
    """A console that knows the names "relmem.answer" and so on; `options` are Rich's."""
    from rich.theme import Theme as RichTheme  # noqa: PLC0415  # the prompt's styles need no Rich

    from relmem_cli.console import Console  # noqa: PLC0415

    theme = resolve_theme(theme)
    if theme is Theme.plain:
        options["no_color"] = True
    return Console(theme=RichTheme(_styles(theme)), **options)


def restyle(console: "Console", theme: Theme, environment: Mapping[str, str] = os.environ) -> None:
    """Have a console draw in another theme from now on."""
    from rich.theme import Theme as RichTheme  # noqa: PLC0415  # as above

    theme = resolve_theme(theme, environment)
    console.no_color = theme is Theme.plain or bool(environment.get("NO_COLOR"))
    console.push_theme(RichTheme(_styles(theme)))


def _styles(theme: Theme) -> dict[str, str]:
    return {f"relmem.{name}": style for name, style in _STYLES[theme].items()}
