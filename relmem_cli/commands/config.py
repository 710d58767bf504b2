"""`relmem config`: what is set, where, and a way to set it."""

import sys
from typing import Annotated, Any

import typer

from relmem_cli.commands.shared.output import Format, FormatOption, say, show

app = typer.Typer(no_args_is_help=True, add_completion=False)

Key = Annotated[str, typer.Argument(metavar="KEY", help="COMMAND.OPTION, such as chat.model.")]
Here = Annotated[
    bool, typer.Option("--here", help="In the working folder's relmem.toml, not in yours.")
]


@app.callback()
def config() -> None:
    """Show and change settings: defaults for the options of all commands.

    Flags go first, then RELMEM_* variables, then one file: relmem.toml in the working folder if
    there is one, else yours. Options that name files or addresses are read from yours alone.

    Examples:

      relmem config show

      relmem config set chat.model relation-transformer-1

      relmem config set chat.theme light
    """


@app.command("show")
def show_settings(
    context: typer.Context,
    all: Annotated[bool, typer.Option("--all", help="Every option, defaults too.")] = False,
    format: Format = FormatOption,
) -> None:
    """What is set, with where each value comes from.

    Examples:

      relmem config show

      relmem config show --all --format json
    """
    from relmem_cli.commands.shared.setting_files import as_text
    from relmem_cli.commands.shared.setting_keys import Option, options
    from relmem_cli.config import load_config
    from relmem_cli.reports.tables import Table

    root: Any = context.find_root()
    rows = []
    for option in options(root, load_config(root.command.list_commands(root))):
        if not isinstance(option, Option):
            say(f"relmem: left out a command: {option}")
            continue
        value, source = option.found()
        if source != "default" or (all and not option.is_argument):
            rows.append({"setting": option.key, "value": value, "source": _origin(source)})
    if format is Format.table:
        if not rows:
            say(
                "relmem: nothing is set, so every option has its default; "
                "relmem config show --all lists them."
            )
            return
        rows = [row | {"value": as_text(row["value"])} for row in rows]
    show(Table(title="Settings", rows=rows), format)


@app.command()
def path() -> None:
    """Which file counts, and where yours lies.

    Example: relmem config path
    """
    from relmem_cli.config import find_config, user_file

    yours = user_file()
    missing = "" if yours.exists() else "  (not there yet)"
    sys.stdout.write(f"counts  {find_config() or 'none'}\n")
    sys.stdout.write(f"yours   {yours}{missing}\n")


@app.command("set")
def set_value(
    context: typer.Context,
    key: Key,
    values: Annotated[
        list[str],
        typer.Argument(metavar="VALUE...", help="One; more where the option can be repeated."),
    ],
    here: Here = False,
) -> None:
    """Set an option in your relmem.toml, whose comments and order stay.

    Examples:

      relmem config set chat.model relation-transformer-1

      relmem config set chat.panel score --here

      relmem config set train.epochs 50
    """
    from relmem_cli.commands.shared.setting_files import set_option

    for line in set_option(context.find_root(), key, values, here=here):
        say(f"relmem: {line}")


@app.command()
def unset(key: Key, here: Here = False) -> None:
    """Take a setting out of your relmem.toml.

    Example: relmem config unset chat.model
    """
    from relmem_cli.commands.shared.setting_files import unset_option

    for line in unset_option(key, here=here):
        say(f"relmem: {line}")


def _origin(source: str) -> str:
    from relmem_cli.config import find_config

    return str(find_config()) if source == "file" else source
