"""Defaults from relmem.toml: one table a command, one key an option.

    [train]
    epochs = 50

The file is looked for in the working folder, then in the user's configuration folder.
"""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from relmem_cli.errors import UsageError

FILE = "relmem.toml"


def load_config(commands: Iterable[str]) -> dict[str, Any]:
    """The settings by command; {} where there is no file.

    Raises UsageError for a file that is not TOML or names an unknown command.
    """
    path = find_config()
    if path is None:
        return {}
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be used: {error}.") from error
    known = list(commands)
    for name, section in settings.items():
        if name not in known or not isinstance(section, dict):
            raise UsageError(
                f"{path}: [{name}] is no command; the commands are {', '.join(known)}."
            )
    return {name: _plain(section) for name, section in settings.items()}


def find_config() -> Path | None:
    """The relmem.toml that counts, or None."""
    local = Path(FILE)
    if local.is_file():
        return local
    from relmem_cli.paths import config_folder  # noqa: PLC0415  # only when there is no local file

    user = config_folder() / FILE
    return user if user.is_file() else None


def check_section(settings: Mapping[str, Any], name: str, command: Any) -> None:
    """Raise UsageError where relmem.toml sets an option that the command does not have.

    One string for an option that can be repeated becomes a list of one.
    """
    section = settings.get(name)
    if not isinstance(section, dict):
        return
    options = {option.name: option for option in command.params if option.name != "help"}
    below = getattr(command, "commands", {})
    for key in section:
        if key in below:
            check_section(section, key, below[key])
        elif key not in options:
            known = ", ".join(sorted(str(option) for option in {*options, *below}))
            raise UsageError(f"{FILE}: [{name}] has no setting {key!r}; it has {known}.")
        elif getattr(options[key], "multiple", False) and isinstance(section[key], str):
            section[key] = [section[key]]


def _plain(section: Mapping[str, Any]) -> dict[str, Any]:
    """Keys as the options' Python names."""
    return {
        key.replace("-", "_"): _plain(value) if isinstance(value, dict) else value
        for key, value in section.items()
    }
