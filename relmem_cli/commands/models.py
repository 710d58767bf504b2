"""`relmem models`: what there is to talk to, where it is; your own called otherwise, deleted."""

import sys
from typing import TYPE_CHECKING, Any

import typer

from relmem_cli.commands.shared.output import Format, FormatOption, say, show
from relmem_cli.door import one_line
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.reports.tables import Table

if TYPE_CHECKING:
    from relmem_cli.library import LibraryModel

app = typer.Typer(add_completion=False)


EXAMPLES = """
Examples:

    relmem models

    relmem models --format json

    relmem models path entnet-1

    relmem models rename entnet-1 kitchen-net

    relmem models rm kitchen-net
"""


@app.callback(invoke_without_command=True, epilog=EXAMPLES)
def models(context: typer.Context, format: Format = FormatOption) -> None:
    """List trained models: those that ship with relmem, then yours.

    Use a name with `relmem chat --model NAME` or `relmem eval NAME`.
    """
    if context.invoked_subcommand is None:
        _list(format)


@app.command()
def path(
    model: str = typer.Argument(..., metavar="NAME", help="A name, or a run's folder."),
) -> None:
    """Print where a model's file is.

    Example: cp "$(relmem models path entnet-1)" for-a-friend.safetensors
    """
    from relmem_cli.library import find_model

    sys.stdout.write(f"{find_model(model).absolute()}\n")


@app.command()
def rename(
    model: str = typer.Argument(..., metavar="NAME", help="One of yours."),
    new: str = typer.Argument(..., metavar="NEW", help="What to call it."),
) -> None:
    """Call one of your models otherwise.

    Example: relmem models rename entnet-1 kitchen-net
    """
    from relmem_cli.library import model_names
    from relmem_cli.runs.housekeeping import check_name, rename_run

    run = _own([model])[0]
    check_name(new)
    if new in model_names():
        raise UsageError(f"there is a model {new!r} already; choose another name.")
    rename_run(run.path.parent, new)
    say(f"relmem: {model} is {new} now.")


@app.command("rm")
def remove(
    models: list[str] = typer.Argument(..., metavar="NAME...", help="Some of yours."),
    yes: bool = typer.Option(False, "--yes", "-y", help="Ask nothing."),
) -> None:
    """Delete models of yours, with the runs that they came from.

    At a terminal you are asked first. Files in their folders that relmem did not write stay.

    Example: relmem models rm entnet-1 --yes
    """
    from relmem_cli.runs.housekeeping import remove_run

    runs = _own(list(dict.fromkeys(models)))
    if not yes:
        _ask(", ".join(run.name for run in runs))
    for run in runs:
        folder = run.path.parent
        left = "" if remove_run(folder) else f"; {folder} has other files, which stay"
        say(f"relmem: {run.name} is deleted{left}.")


def _own(names: list[str]) -> "list[LibraryModel]":
    """The user's models of those names; raises UsageError where one is none or ships."""
    from relmem_cli.library import NoModelError, library
    from relmem_cli.nearest import did_you_mean

    found = {one.name: one for one in library()}
    for name in names:
        if name not in found:
            own = [one.name for one in found.values() if one.origin == "yours"]
            near = did_you_mean(name, own)
            raise NoModelError(f"there is no model {name!r} of yours{near and f' ({near})'}")
        if found[name].origin != "yours":
            raise UsageError(f"{name} ships with relmem, and stays as it is; name one of yours.")
    return [found[name] for name in names]


def _ask(names: str) -> None:
    """Ask at the terminal whether to go on, and end the command where not.

    Raises UsageError where nobody can be asked.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(f"--yes is needed to delete {names} where nobody can be asked.")
    try:
        agreed = typer.confirm(f"Delete {one_line(names)} and all of the training?", err=True)
        code = 0 if agreed else 1
    except typer.Abort:  # Ctrl-C
        say("")
        code = 130
    if code:
        say("relmem: nothing was deleted.")
        raise typer.Exit(code)


def _list(format: Format) -> None:
    """Print the list; a file that is no model is told, and the others are listed."""
    from relmem_cli.library import library

    rows = []
    for model in library():
        try:
            rows.append(_row(model))
        except RelmemError as error:
            say(f"relmem: {error}")
    formats = {"validation_error": ".1%", "test_error": ".1%"}
    headers = {"validation_error": "validation\nerror", "test_error": "test\nerror"}
    if format is Format.table:
        rows = [{key: row[key] for key in row if key not in ("variant", "kb")} for row in rows]
        rows = [row | {"data": _briefly(row.get("data"))} for row in rows]
    show(Table(title="Models", rows=rows, formats=formats, headers=headers), format)


def _briefly(data: Any) -> Any:
    """What a model was trained on, of many sources the first and how many more there are."""
    first, *more = str(data).split("+")
    return f"{first} + {len(more)} more" if len(more) > 2 else data


def _row(model: Any) -> dict[str, Any]:
    from relmem_cli.training.cards import read_card

    card = read_card(model.path)
    record = card.record
    settings = record.get("settings") or {}
    validation = record.get("validation") or {}
    tests = (record.get("test") or {}).values()
    return {
        "model": model.name,
        "variant": card.variant,
        "task": settings.get("task"),
        "data": settings.get("data"),
        "validation_error": validation["errors"] / validation["n"] if validation else None,
        "test_error": _mean([test["errors"] / test["n"] for test in tests]),
        "kb": round(model.path.stat().st_size / 1000),
        "origin": model.origin,
    }


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
