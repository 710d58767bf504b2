"""Changing one value in the text of a TOML file; comments, order and all other lines stay."""

from collections.abc import MutableMapping, Sequence
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from relmem_cli.config import spelled_alike

Value = bool | int | float | str | list[Any]


def put(text: str, table: Sequence[str], key: str, value: Value) -> str:
    """The text with a value set, in its place or at the end of its table.

    Raises ValueError for what is no TOML, or has something else in the table's place.
    """
    document = _parsed(text)
    section = _section(document, table)
    section[_spelled(section, key)] = value
    return document.as_string()


def drop(text: str, table: Sequence[str], key: str) -> str:
    """The text without a setting, nor its table where that has nothing left, not even a comment.

    Raises ValueError as `put` does.
    """
    document = _parsed(text)
    section = _section(document, table)
    name = _spelled(section, key)
    if name not in section:
        return text
    del section[name]
    if table and isinstance(section, Table) and not _has_text(section):
        del _section(document, table[:-1])[table[-1]]
    return document.as_string()


def _parsed(text: str) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise ValueError(str(error)) from error


def _section(document: MutableMapping[str, Any], table: Sequence[str]) -> MutableMapping[str, Any]:
    """A table of the document, made where there is none."""
    section = document
    for name in table:
        if name not in section:
            section[name] = tomlkit.table()
        section = section[name]
        if not isinstance(section, MutableMapping):
            raise ValueError(f"{name} is no table")
    return section


def _has_text(section: Table) -> bool:
    return bool(section.as_string().strip() or section.trivia.comment)


def _spelled(section: MutableMapping[str, Any], key: str) -> str:
    """The key as the table spells it already."""
    return next((name for name in section if spelled_alike(name, key)), key)
