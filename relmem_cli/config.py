"""Defaults from relmem.toml: one table a command, one key an option.

    [train]
    epochs = 50

The file is looked for in the working folder, then in the user's configuration folder. A working
folder may be anybody's, so its file sets no option that names a file, a folder or an address, nor
what a command works on, nor does it agree to anything.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from relmem_cli.errors import UsageError
from relmem_cli.files import read_whole
from relmem_cli.nearest import did_you_mean
from relmem_cli.plain import LONGEST_TOML, brief, brief_line, from_toml

FILE = "relmem.toml"


def load_config(commands: Iterable[str]) -> dict[str, Any]:
    """The settings by command, as the file spells them; {} where there is no file.

    Raises UsageError for a file that is not TOML or names an unknown command.
    """
    path = find_config()
    if path is None:
        return {}
    settings = parse_settings(path, settings_text(path))
    known = list(commands)
    for name, section in settings.items():
        if name in known and not isinstance(section, dict):
            raise UsageError(f"{path}: {name} is a command; its options go below [{name}].")
        if name not in known:
            hint = did_you_mean(name, known, f"the commands are {', '.join(known)}.")
            raise UsageError(f"{path}: [{brief_line(name, 40)}] is no command; {hint}")
    return settings


def find_config() -> Path | None:
    """The relmem.toml that counts, as a whole path, or None."""
    local = Path(FILE)
    if local.is_file():
        return local.absolute()
    user = user_file()
    return user if user.is_file() else None


def user_file() -> Path:
    """The user's own relmem.toml, which may not be there."""
    from relmem_cli.paths import config_folder  # noqa: PLC0415  # needed seldom

    return config_folder().absolute() / FILE


def reaches_out(option: Any) -> bool:
    """Whether an option names a file, a folder or an address, or is what a command works on.

    Or agrees to something in place of somebody who would be asked.
    """
    kinds = ("path", "file", "filename", "directory")
    return _is_argument(option) or option.type.name in kinds or option.name in ("on", "yes")


def check_trusted(path: Path, table: str, option: Any) -> None:
    """Raise UsageError for an option that a working folder's file must not set."""
    if reaches_out(option) and path.resolve() != user_file().resolve():
        name = long_name(option)
        argument = _is_argument(option)
        what = "is what the command works on" if argument else "names a file or an address"
        what = "agrees to what you are asked" if option.name == "yes" else what
        where = name.upper() if argument else f"--{name}"
        raise UsageError(
            f"{path}: [{table}] {name} {what}, which no working folder's {FILE} may; say {where}, "
            f"or `relmem config set {table}.{name}` for your own file."
        )


def settings_text(path: Path) -> str:
    """What the file holds, "" where there is none. Raises UsageError where it cannot be read."""
    try:
        if not path.exists():
            return ""
        return read_whole(path, 4 * LONGEST_TOML).decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} cannot be used: it is no text in UTF-8.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be used: {error.strerror}.") from error


def parse_settings(path: Path, text: str) -> dict[str, Any]:
    """The text of a file as settings. Raises UsageError where it is not TOML."""
    try:
        return from_toml(text)
    except ValueError as error:
        raise UsageError(f"{path} cannot be used: {error}.") from error


def long_name(option: Any) -> str:
    """What a command's help calls an option, without dashes in front: "no-history"."""
    if _is_argument(option):
        return str(option.name)
    return str(max(option.opts, key=len)).lstrip("-")


def spelled_alike(one: str, other: str) -> bool:
    """Whether two keys name the same option: error-bars and error_bars do, continue_ as well."""
    return _plain(one) == _plain(other)


def check_section(settings: Mapping[str, Any], name: str, command: Any, *, above: str = "") -> None:
    """Give the options that relmem.toml sets for a command the names that the program uses.

    One string for an option that can be repeated becomes a list of one. Raises UsageError for an
    option that the command does not have or that the file must not set, and for a value that it
    cannot take.

    above  the tables that this one lies in: "params." for [params.table]
    """
    section = settings.get(name)
    if section is None:
        return
    table = above + name
    if not isinstance(section, dict):
        raise UsageError(f"{find_config()}: {name} is a command; its options go below [{table}].")
    options = command.params
    below = getattr(command, "commands", {})
    for key, value in list(section.items()):
        if key in below:
            check_section(section, key, below[key], above=f"{table}.")
            continue
        option = next((o for o in options if _names(key, o)), None)
        if option is None:
            hint = _known(key, [*map(long_name, options), *below])
            raise UsageError(f"{find_config()}: [{table}] has no setting {brief(key)}; {hint}")
        check_trusted(find_config() or user_file(), table, option)
        del section[key]
        try:
            section[option.name] = _fitting(option, value)
        except ValueError as error:
            raise UsageError(
                f"{find_config()}: [{table}] {key}: {brief_line(str(error))}"
            ) from error


def cast(option: Any, value: Any, context: Any = None) -> Any:
    """A value as the option has it. Raises ValueError with a sentence for a wrong one."""
    try:
        return option.type_cast_value(context, value)
    except Exception as error:
        if option.type.name == "boolean":
            raise ValueError(f"{brief(value)} is neither true nor false.") from error
        raise ValueError(getattr(error, "message", None) or str(error)) from error


def takes_several(option: Any) -> bool:
    """Whether an option can be repeated, or an argument has several values."""
    return bool(getattr(option, "multiple", False) or option.nargs == -1)


def _fitting(option: Any, value: Any) -> Any:
    """What the file holds, as the command line would have it."""
    several = takes_several(option)
    if isinstance(value, dict) or (isinstance(value, list) and not several):
        raise ValueError(f"one value is needed, not {brief(value)}.")
    if several and not isinstance(value, list):
        value = [value]
    cast(option, value)
    return value


def _known(key: str, names: list[str]) -> str:
    """What to say of the names that there are: all where they fit on a line, else those nearest."""
    known = ", ".join(sorted(names))
    if len(known) <= 120:
        return f"it has {known}."
    return did_you_mean(key, names, "--help lists them.")


def _names(key: str, option: Any) -> bool:
    return spelled_alike(key, long_name(option)) or spelled_alike(key, option.name)


def _is_argument(option: Any) -> bool:
    """Whether it is no --option, but what follows the command."""
    return bool(option.param_type_name == "argument")


def _plain(key: str) -> str:
    return key.replace("-", "_").rstrip("_")
