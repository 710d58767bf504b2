"""All options as settings: "params.table.format" is `relmem params table --format`."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from relmem_cli.config import cast, long_name, spelled_alike, takes_several
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.nearest import nearest


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option of one command.

    key      what config calls it
    context  of its command: variables and the file are looked up through it
    option   the option itself
    """

    key: str
    context: Any
    option: Any

    @property
    def table(self) -> list[str]:
        """Its table in relmem.toml."""
        return self.key.split(".")[:-1]

    @property
    def name(self) -> str:
        """Its key in that table."""
        return self.key.split(".")[-1]

    @property
    def is_argument(self) -> bool:
        """Whether it is no --option, but a name or file that follows the command."""
        return bool(self.option.param_type_name == "argument")

    def found(self) -> tuple[Any, str]:
        """Its value and where that comes from: "default", "file", or a variable's name."""
        value, source = self.option.consume_value(self.context, {})
        if source.name == "ENVIRONMENT":
            variable = self.option.envvar
            if not variable or variable not in os.environ:
                variable = f"{self.context.auto_envvar_prefix}_{self.option.name.upper()}"
            with suppress(Exception):  # a wrong value is shown as it is
                value = self.option.type_cast_value(self.context, value)
            return _plain(value), variable
        return _plain(value), "file" if source.name == "DEFAULT_MAP" else "default"

    def parse(self, texts: list[str]) -> Any:
        """What people typed as the value for the file. Raises UsageError for a wrong one."""
        several = takes_several(self.option)
        if len(texts) != 1 and not several:
            raise UsageError(
                f"{self.key} takes one value, not {len(texts)}; quotes hold one together."
            )
        try:
            values = cast(self.option, texts if several else texts[0], self.context)
        except ValueError as error:
            raise UsageError(f"{self.key}: {error}") from error
        if several:
            return [_written(v, t) for v, t in zip(values, texts, strict=True)]
        return _written(values, texts[0])


def options(root: Any, settings: dict[str, Any] | None = None) -> Iterator[Option | RelmemError]:
    """Every option of every command; in place of a command that cannot be loaded, the error.

    root      the context of `relmem` itself
    settings  what the file holds; {} where it does not matter, and is not checked
    """
    top = root.command
    context = _context(top, root.info_name, None, settings or {})
    for name in top.list_commands(context):
        try:
            command = top.get_command(context, name)
        except UsageError:
            raise
        except RelmemError as error:
            yield error
        else:
            yield from _of_command(command, _context(command, name, context), name)


def setting(root: Any, command: str, name: str) -> Any:
    """What an option of a command is where no flag sets it: by variable, file or default."""
    loaded = root.command.get_command(root, command)
    of_command = _of_command(loaded, _context(loaded, command, root), command)
    one = next(one for one in of_command if one.name == name)
    return one.option.type_cast_value(one.context, one.found()[0])


def find_option(root: Any, key: str) -> Option:
    """The option that a key names. Raises UsageError with the nearest ones."""
    known = [one for one in options(root) if isinstance(one, Option)]
    for one in known:
        if spelled_alike(one.key, key):
            return one
    raise UsageError(f"there is no setting {key!r}; {_hint(key.replace('_', '-'), known)}")


def _hint(wanted: str, known: list[Option]) -> str:
    table, _, name = wanted.rpartition(".")
    beside = [one.name for one in known if ".".join(one.table) == table]
    near = [f"{table}.{name}" for name in nearest(name, beside)]
    if not beside:
        near = [one.key for one in known if one.name == wanted][:3]
        near = near or nearest(wanted, [one.key for one in known], alike=0.8)
    if near:
        return f"did you mean {' or '.join(near)}?"
    of_command = beside or [one.name for one in known if ".".join(one.table) == wanted]
    if of_command:
        return f"{table or wanted} has {', '.join(of_command)}."
    return "relmem config show --all lists them."


def _of_command(command: Any, context: Any, prefix: str) -> Iterator[Option]:
    for option in command.params:
        yield Option(key=f"{prefix}.{long_name(option)}", context=context, option=option)
    for name, below in getattr(command, "commands", {}).items():
        yield from _of_command(below, _context(below, name, context), f"{prefix}.{name}")


def _context(
    command: Any, name: str | None, parent: Any, settings: dict[str, Any] | None = None
) -> Any:
    extra = dict(command.context_settings)
    if settings is not None:
        extra["default_map"] = settings
    return command.context_class(
        command, info_name=name, parent=parent, resilient_parsing=True, **extra
    )


def _plain(value: Any) -> Any:
    """As JSON and TOML have it."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def _written(value: Any, text: str) -> bool | int | float | str:
    """The value itself where TOML has its kind, else the text."""
    return value if isinstance(value, bool | int | float) else text
