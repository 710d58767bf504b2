"""How options are described and refused: in words, where Typer has names of types."""

from copy import copy
from typing import Any

import typer

from relmem_cli.nearest import did_you_mean
from relmem_cli.plain import brief

_NUMBERS = {
    "int": "a whole number",
    "int range": "a whole number",
    "float": "a number",
    "float range": "a number",
}
"""What Typer's types are, by their names."""

_PLACES = {"path": "PATH", "file": "FILE", "directory": "FOLDER"}


def put_in_words(option: Any) -> None:
    """Describe and refuse an option's values in words; it takes the same ones as before."""
    kind = option.type
    if option.param_type_name == "option" and option.metavar is None:
        option.metavar = _placeholder(option)
    if getattr(kind, "in_words", False):
        return
    if kind.name in _NUMBERS:
        option.type = _number(kind)
    elif kind.name == "choice":
        option.type = _choice(kind)


def _placeholder(option: Any) -> str | None:
    """What stands for its value in --help; None for Typer's own."""
    name = option.type.name
    if name in _NUMBERS:
        return "N"
    if name in _PLACES:
        return _PLACES[name]
    return option.name.strip("_").upper() if name == "str" and not option.is_flag else None


def _number(kind: Any) -> Any:
    """The same type, a copy; Typer's is shared by all options."""
    spoken = copy(kind)
    wanted = _NUMBERS[kind.name] + _range(kind)

    def convert(value: Any, option: Any, context: Any) -> Any:
        try:
            return kind.convert(value, option, context)
        except typer.BadParameter:
            why = f"{brief(value)} is not {wanted}."
            raise typer.BadParameter(why, ctx=context, param=option) from None

    spoken.convert = convert
    spoken._describe_range = lambda: wanted  # noqa: SLF001  # Typer's way to --help
    spoken.in_words = True
    return spoken


def _range(kind: Any) -> str:
    """Such as " from 1 to 20"."""
    least, most = getattr(kind, "min", None), getattr(kind, "max", None)
    return ("" if least is None else f" from {least}") + ("" if most is None else f" to {most}")


def _choice(kind: Any) -> Any:
    spoken = copy(kind)
    told = kind.get_invalid_choice_message

    def tell(value: Any, ctx: Any) -> str:
        known = [kind.normalize_choice(choice, ctx) for choice in kind.choices]
        near = did_you_mean(str(value), known)
        wrong = str(told(value=value, ctx=ctx))
        return f"{wrong.removesuffix('.')}; {near}" if near else wrong

    spoken.get_invalid_choice_message = tell
    spoken.in_words = True
    return spoken
