"""`relmem runs`: the trainings that there are, with their curves; a page of one."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from relmem_cli.commands.shared.output import (
    DrawingCommand,
    Format,
    FormatOption,
    check_plotting,
    say,
    show,
)
from relmem_cli.errors import RelmemError, UsageError

if TYPE_CHECKING:
    from relmem_cli.runs.found import FoundRun

app = typer.Typer(add_completion=False)

EXAMPLES = """
Examples:

    relmem runs

    relmem runs --in grid

    relmem runs show entnet-1

    relmem runs show entnet-2 --in grid --plot figures
"""

InOption: Any = typer.Option(
    None, "--in", metavar="FOLDER", help="Where they are; by default where train puts them."
)


@app.callback(invoke_without_command=True, epilog=EXAMPLES)
def runs(
    context: typer.Context,
    below: Path | None = InOption,
    format: Format = FormatOption,
) -> None:
    """List trainings with their errors and curves, those under way too."""
    if context.invoked_subcommand is None:
        _list(below, format)
    elif below is not None:
        raise UsageError(
            f"--in stands behind: relmem runs {context.invoked_subcommand} RUN --in FOLDER."
        )


@app.command("show", cls=DrawingCommand)
def show_one(
    run: str = typer.Argument(..., metavar="RUN", help="Its name in the list, or its folder."),
    below: Path | None = InOption,
    plots: Path | None = typer.Option(
        None,
        "--plot",
        "--plots",
        metavar="[DIR]",
        help="Draw its curves there, or here, PNG and SVG; needs the extra plot.",
    ),
    format: Format = FormatOption,
) -> None:
    """Show one training: settings, figures, curves.

    Examples:

      relmem runs show entnet-1

      relmem runs show entnet-1 --plot

      relmem runs show entnet-1 --in grid
    """
    from relmem_cli.runs.found import read_run

    if plots is not None:
        check_plotting()
    found = read_run(_folder(run, below))
    _print(found, format)
    if plots is not None:
        _draw(found, plots)


def _list(below: Path | None, format: Format) -> None:
    """Print the list; a run whose folder is damaged is told, and the others are listed."""
    from relmem_cli.console import Console
    from relmem_cli.paths import runs_folder
    from relmem_cli.reports.run_page import run_rows, runs_table
    from relmem_cli.runs.found import find_runs, read_run

    folder = below or runs_folder()
    found = []
    for path in find_runs(folder) if below or folder.is_dir() else ():
        try:
            found.append(read_run(path))
        except RelmemError as error:
            say(f"relmem: {error}")
    if not found:
        say(f"relmem: there are no runs in {folder}; relmem train makes one.")
    if format in (Format.json, Format.csv):
        show(run_rows(found, folder), format)
    elif found:
        show(runs_table(found, folder, ascii_only=Console().options.ascii_only), format)


def _folder(run: str, below: Path | None) -> Path:
    """The folder of a run, by its name below a folder or as a path.

    Raises UsageError where there is none.
    """
    from relmem_cli.files import can_exist, typed_path
    from relmem_cli.nearest import did_you_mean
    from relmem_cli.paths import runs_folder
    from relmem_cli.runs.found import find_runs

    home = below or runs_folder()
    for folder in (home / run, typed_path(run)):
        if can_exist(folder) and folder.is_dir():
            return folder
    names = [str(path.relative_to(home)) for path in find_runs(home)] if home.is_dir() else []
    where = f" --in {below}" if below else ""
    hint = did_you_mean(run, names, f"relmem runs{where} lists them.")
    raise UsageError(f"there is no run {run!r}, neither by name nor as a folder; {hint}")


def _print(found: "FoundRun", format: Format) -> None:
    """The page of a run; as CSV its epochs."""
    from relmem_cli.console import Console
    from relmem_cli.reports.run_page import epoch_rows, figures_table, page_rows, settings_table

    if format is Format.json:
        sys.stdout.write(json.dumps(page_rows(found), indent=2) + "\n")
        return
    if format is Format.csv:
        show(epoch_rows(found), format)
        return
    console = Console()
    show(settings_table(found), format)
    sys.stdout.write("\n")
    plain = console.options.ascii_only
    show(figures_table(found, width=console.width, ascii_only=plain), format)


def _draw(found: "FoundRun", plots: Path) -> None:
    """Write run-NAME.png and .svg. Raises RelmemError where there is no epoch to draw."""
    if not found.epochs:
        raise RelmemError(f"{found.folder} has no epoch yet; there is nothing to draw.")
    from relmem_cli.reports.figures.figure_style import save, style
    from relmem_cli.reports.figures.run_chart import draw_run

    name = found.folder.resolve().name
    with style():
        figure = draw_run(found.epochs, name, found.record.get("epoch"))
        for path in save(figure, plots, f"run-{name}"):
            say(f"relmem: drew {path}.")
