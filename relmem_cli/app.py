"""The command line: a Typer app whose subcommands load when they are used."""

import os
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from relmem_cli import __version__
from relmem_cli.builtin import COMMANDS
from relmem_cli.completions import VARIABLE, complete_values, silence
from relmem_cli.config import check_section, load_config
from relmem_cli.contract import load_object
from relmem_cli.door import doors, no_doors, one_line
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.nearest import did_you_mean
from relmem_cli.option_words import put_in_words
from relmem_cli.plain import brief_line
from relmem_cli.sealing import EscapedError, named, off_stdout, sealed, text_of


class LazyGroup(TyperGroup):
    """Lists commands from their summaries alone and imports one when it is run."""

    listing = False

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Take defaults from relmem.toml, under flags and RELMEM_* variables."""
        if parent is None and not extra.get("resilient_parsing"):
            extra.setdefault("default_map", self._settings(args))
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Built-in commands, then those of plugins."""
        del ctx
        return self._names()

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        """The command, imported now, or its summary alone while help is being written."""
        if self.listing:
            return TyperCommand(cmd_name, help=self._summary(cmd_name))
        if cmd_name in COMMANDS:
            command = _guarded(_built_in(cmd_name), _is_relmems)
        elif cmd_name in _plugin_commands():
            command = _guarded(_of_plugin(cmd_name), _is_exit)
        elif cmd_name.startswith("-") or ctx.resilient_parsing:
            return None
        else:
            hint = did_you_mean(cmd_name, self._names(), "relmem --help lists them.")
            raise UsageError(f"there is no command {brief_line(cmd_name, 40)!r}; {hint}")
        check_section(ctx.default_map or {}, cmd_name, command)
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Help from the static summaries."""
        _tidy_help(self)
        self.listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self.listing = False

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Names from the static summaries: no command's module is needed for them."""
        self.listing = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self.listing = False

    def _settings(self, args: list[str]) -> dict[str, Any]:
        """Those of relmem.toml; none for what must work whatever is wrong with that file."""
        options = args[: args.index("--")] if "--" in args else args
        if not args or not {"--help", "-h", "--version"}.isdisjoint(options):
            return {}
        if next((arg for arg in args if not arg.startswith("-")), "") != "config":
            return load_config(self._names())
        with suppress(UsageError):
            settings = load_config(self._names())
            check_section(settings, "config", _built_in("config"))
            return settings
        return {}

    @staticmethod
    def _names() -> list[str]:
        return [*COMMANDS, *(name for name in _plugin_commands() if name not in COMMANDS)]

    @staticmethod
    def _summary(name: str) -> str:
        return COMMANDS.get(name) or _plugin_commands()[name].summary


def _plugin_commands() -> Any:
    from relmem_cli.plugins import registry  # noqa: PLC0415  # plugins load only when asked for

    return registry().commands


def _built_in(name: str) -> Any:
    return _as_command(import_module(f"relmem_cli.commands.{name}").app, name)


def _of_plugin(name: str) -> Any:
    """The command of a plugin; raises RelmemError where it cannot be loaded, or two claim it."""
    offered = _plugin_commands()
    location = offered[name].load
    try:
        with sealed(), off_stdout():
            return _with_streams(_as_command(load_object(location), name))
    except Exception as error:
        why = text_of(error) if isinstance(error, RelmemError) else f"{named(error)}."
        owner = offered.origin(name).distribution
        raise RelmemError(f"command {name} of plugin {owner}: {why}") from error


def _guarded(command: Any, spared: Callable[[BaseException], bool]) -> Any:
    """The command, sealed but for what is `spared`."""
    invoke = command.invoke

    def run(context: Any) -> Any:
        try:
            with sealed(spared):
                return invoke(context)
        except (typer.Exit, typer.Abort) as error:
            if spared(error):
                raise
            raise EscapedError(named(error)) from error

    command.invoke = run
    return command


def _is_relmems(error: BaseException) -> bool:
    """Whether it came up in no plugin's code: then it is relmem's way to end a command."""
    from relmem_cli.plugin_faults import plugin_fault  # noqa: PLC0415  # it loads the plugins

    return plugin_fault(error) is None


def _is_exit(error: BaseException) -> bool:
    """Whether it is a way to end a command, which a plugin may end as it likes."""
    return isinstance(error, SystemExit | typer.Exit | typer.Abort)


def _as_command(loaded: Any, name: str) -> Any:
    if not isinstance(loaded, typer.Typer):
        single = typer.Typer(add_completion=False)
        single.command(name)(loaded)
        loaded = single
    loaded.rich_markup_mode = app.rich_markup_mode
    command = typer.main.get_command(loaded)
    command.name = name
    _tidy_help(command)
    return command


def _with_streams(command: Any) -> Any:
    """A plugin's command: what it prints is its own, in its own colours."""
    invoke = command.invoke

    def with_streams(context: Any) -> Any:
        with no_doors():
            return invoke(context)

    command.invoke = with_streams
    return command


def _tidy_help(command: Any) -> None:
    """Leave the variable of every single option out of help; the top page gives their rule.

    And say in words what an option takes, in --help as on Tab.
    """
    for parameter in command.params:
        parameter.show_envvar = False
        put_in_words(parameter)
        complete_values(parameter)
    for below in getattr(command, "commands", {}).values():
        _tidy_help(below)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: the boxed one imports a Markdown renderer first
    context_settings={"auto_envvar_prefix": "RELMEM", "help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:
    if value:
        from relmem_cli.checkout import find_commit  # noqa: PLC0415  # it starts processes

        commit = find_commit()
        typer.echo(f"relmem {__version__} ({commit})" if commit else f"relmem {__version__}")
        raise typer.Exit


@app.callback()
def relmem(
    debug: bool = typer.Option(False, "--debug", help="Show a traceback for every error."),
    version: bool = typer.Option(
        False,
        "--version",
        help="Show the version, of a checkout its commit too, and exit.",
        callback=_show_version,
        is_eager=True,
        allow_from_autoenv=False,
    ),
) -> None:
    """Talk to memory networks; train, test and compare their variants.

    Start with: relmem demo, then relmem chat

    Every option can also be set for good, as in relmem config set chat.theme light, or by a
    variable, such as RELMEM_TRAIN_EPOCHS=50; flags go first, then variables.
    """
    del version, debug  # `main` has seen to it, so that errors in relmem.toml are covered too


def main() -> None:
    """Run the command line; every expected error is one sentence on stderr."""
    if "--debug" in sys.argv:
        os.environ["RELMEM_DEBUG"] = "1"
    for size in ("COLUMNS", "LINES"):
        if not os.environ.get(size, "").strip("0"):
            os.environ.pop(size, None)  # a terminal that does not know its size says 0
    with doors(), silence() if VARIABLE in os.environ else nullcontext():
        try:
            try:
                app(prog_name="relmem")
            finally:
                sys.stdout.flush()  # here what it raises still has a sentence and an exit code
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            _tell(error)
            sys.exit(error.exit_code if isinstance(error, RelmemError) else 1)


def _tell(error: BaseException) -> None:
    if os.environ.get("RELMEM_DEBUG") == "1":
        from traceback import print_exception  # noqa: PLC0415  # seldom needed

        print_exception(error)
    else:
        sys.stderr.write(f"relmem: {one_line(_sentence(error))}\n")


_NO_ROOM = "failed to map segment"
"""What the system says where torch's libraries do not fit."""


def _sentence(error: BaseException) -> str:
    if isinstance(error, RelmemError):
        return text_of(error)
    if isinstance(error, MemoryError) or _NO_ROOM in text_of(error):
        return "there is not enough memory; end other programs, or raise the limit (ulimit -v)."
    from relmem_cli.plugin_faults import plugin_fault  # noqa: PLC0415  # it loads the plugins

    blamed = plugin_fault(error)
    if isinstance(error, OSError) and (error.filename or not blamed):
        why = error.strerror or text_of(error)
        return f"{error.filename or 'the output'} cannot be used: {why}."
    return blamed or f"unexpected {named(error)}; --debug shows where, for a bug report."
