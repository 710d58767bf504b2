"""Changing settings in a relmem.toml, for `relmem config` and for chat alike."""

from pathlib import Path
from typing import Any

from relmem_cli.commands.shared.setting_keys import find_option
from relmem_cli.config import (
    FILE,
    check_trusted,
    find_config,
    parse_settings,
    settings_text,
    spelled_alike,
    user_file,
)
from relmem_cli.errors import UsageError
from relmem_cli.files import write_atomically
from relmem_cli.toml_text import drop, put


def set_option(root: Any, key: str, values: list[str], *, here: bool = False) -> list[str]:
    """Write an option; returns sentences that say what was done.

    root    the context of `relmem` itself
    values  as they were typed
    here    in the working folder's file, not in the user's

    Raises UsageError for what is no setting or no value for it, and for a file that is no TOML.
    """
    option = find_option(root, key)
    value = option.parse(values)
    file = _file(here)
    check_trusted(file, ".".join(option.table), option.option)
    _change(file, lambda text: put(text, option.table, option.name, value))
    return [f"{option.key} is {as_text(value)} in {file}", *_what_counts(file)]


def unset_option(key: str, *, here: bool = False) -> list[str]:
    """Take an option out of a file; returns and raises likewise."""
    file = _file(here)
    *table, name = key.split(".")
    if not _holds(parse_settings(file, settings_text(file)), table, name):
        raise UsageError(f"{key} is not set in {file}.")
    _change(file, lambda text: drop(text, table, name))
    if here and not settings_text(file).strip():
        file.unlink()  # an empty one would still count in place of yours
        return [f"{key} is no longer set in {file}, which had nothing else and is gone"]
    return [f"{key} is no longer set in {file}", *_what_counts(file)]


def as_text(value: Any) -> str:
    """A setting's value to be shown."""
    if isinstance(value, list):
        return " ".join(map(str, value)) or "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "-" if value is None or value == "" else str(value)


def _file(here: bool) -> Path:
    if not here:
        return user_file()
    file = Path(FILE).absolute()
    if file.is_symlink():
        raise UsageError(f"{file} is a link, and --here changes no other folder's file.")
    return file


def _change(file: Path, edit: Any) -> None:
    """Write the file anew; a link to it stays a link. Raises UsageError where it is not TOML."""
    text = settings_text(file)
    parse_settings(file, text)
    try:
        changed = edit(text).encode()
    except ValueError as error:
        raise UsageError(f"{file} cannot be changed here ({error}): edit it by hand.") from error
    write_atomically(file.resolve(), changed)


def _holds(settings: Any, table: list[str], name: str) -> bool:
    for part in table:
        settings = settings.get(part) if isinstance(settings, dict) else None
    return isinstance(settings, dict) and any(spelled_alike(key, name) for key in settings)


def _what_counts(file: Path) -> list[str]:
    """A sentence where another file counts than the one that was changed."""
    counts = find_config()
    if counts is None or counts.resolve() == file.resolve():
        return []
    return [f"here {counts} counts instead; relmem config set --here changes that one"]
