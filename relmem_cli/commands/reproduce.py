"""`relmem reproduce`: the paper's tables, made again beside the published figures."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from relmem_cli.commands.shared.grids import OnOption, WaitOption, Where
from relmem_cli.commands.shared.output import Format, FormatOption, check_plotting, say, show
from relmem_cli.commands.shared.reproduce_runs import FOLDS, RECIPE, Wanted, rows_of
from relmem_cli.errors import UsageError

if TYPE_CHECKING:
    from relmem_cli.reports.tables import Table
    from relmem_cli.runs.record import RunRecord

app = typer.Typer(add_completion=False)


class What(StrEnum):
    """What is made."""

    table5 = "table5"
    table6 = "table6"
    table7 = "table7"
    all = "all"
    recipes = "recipes"


_FORMATTING = {"what", "format"}
_READING = _FORMATTING | {"results", "recipe", "variant", "task", "bars", "plots"}
"""Options that mean something where nothing is trained."""


@app.command()
def reproduce(
    context: typer.Context,
    what: What = typer.Argument(..., help="table5 and table7 count, table6 trains; recipes lists."),
    recipe: str = typer.Option("", "--recipe", "-r", help=f"How to train. [default: {RECIPE}]"),
    variant: list[str] = typer.Option(
        [], "--variant", "-v", help="Only this one; may be repeated. The recipe's by default."
    ),
    task: str = typer.Option("all", "--task", "-t", help="7, a range or a list: 1,4,12-15."),
    folds: int = typer.Option(
        FOLDS,
        min=1,
        max=10,
        help="Runs of each, every one on 1,000 questions of its own; task 3 has one fold: other "
        "seeds.",
    ),
    quick: bool = typer.Option(False, "--quick", help="One fold and one restart: a first look."),
    results: list[Path] = typer.Option(
        [],
        "--from",
        envvar="RELMEM_REPRODUCE_FROM",
        metavar="FILE",
        help="Train nothing: show a results file; may be repeated.",
    ),
    workers: int = typer.Option(0, min=0, help="Runs at once; by default as many as cores."),
    on: str = OnOption,
    wait: int | None = WaitOption,
    device: str = typer.Option("auto", help="auto, cpu, cuda or mps."),
    out: Path | None = typer.Option(
        None, help="Where runs and results go; by default a folder that is named at the end."
    ),
    bars: bool = typer.Option(False, "--bars", help="Below Table 6, its errors as bars."),
    plots: Path | None = typer.Option(
        None, metavar="DIR", help="Write figures there, PNG and SVG; needs the extra plot."
    ),
    format: Format = FormatOption,
) -> None:
    """Make the paper's Tables 5, 6 and 7 from scratch, beside the published figures.

    Tables 5 and 7 count parameters. Table 6 trains every task and variant on several folds, picks
    the epoch and the seed on validation questions, and tests each run once. The same command again
    goes on after any stop. A results file keeps every run's settings, errors and learning curve;
    --from makes the table from such files alone.

    Examples:

      relmem reproduce table5

      relmem reproduce table6 --quick --task 1-5

      relmem reproduce all --recipe relmem --folds 10 --out results

      relmem reproduce table6 --from results/table6-relmem.jsonl --bars --plots figures

      relmem reproduce recipes
    """
    if what not in (What.table6, What.all):
        _refuse(context, _FORMATTING, f"{what} trains nothing")
    elif results:
        _refuse(context, _READING, "--from trains nothing")
    if what is What.recipes:
        from relmem_cli.reports.recipes import recipe_table

        show(recipe_table(), format)
        return
    if bars and format is not Format.table:
        raise UsageError(f"--bars go with a table on a terminal; leave out --bars or -f {format}.")
    if plots:
        check_plotting()
    rows: list[RunRecord] = []
    code = 0
    if what in (What.table6, What.all):
        wanted = Wanted(
            recipe=recipe,
            variants=variant,
            tasks=task,
            folds=folds,
            folds_given=_given(context, "folds"),
            quick=quick,
            results=results,
            where=Where(on=on, wait=wait, workers=workers),
            device=device,
            out=out,
        )
        rows, code = rows_of(wanted)
    _show(what, rows, format)
    if any(not row.failure for row in rows):
        if bars:
            _show_bars(rows)
        if plots:
            _plot(rows, plots)
    raise typer.Exit(code)


def _given(context: typer.Context, name: str) -> bool:
    """Whether the option stands on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _refuse(context: typer.Context, allowed: set[str], why: str) -> None:
    """Raise UsageError where an option was typed that would change nothing."""
    for parameter in context.command.params:
        name = parameter.name or ""
        if name not in allowed and _given(context, name):
            raise UsageError(f"{why}; leave out {parameter.opts[0]}.")


def _show(what: What, rows: "list[RunRecord]", format: Format) -> None:
    """The tables: one after the other for people, one list of rows for machines."""
    from relmem_cli.reports.tables import Table

    people = format in (Format.table, Format.md)
    tables = _counted(_COUNTED[what], people=people) if what in _COUNTED else []
    ended = any(not row.failure for row in rows)
    if what in (What.table6, What.all) and (ended or not people):
        tables.append((6, _errors(rows, people=people)))
    if not people and len(tables) > 1:
        joined = [{"table": number, **row} for number, table in tables for row in table.rows]
        tables = [(0, Table(title="", rows=joined))]
    for _, table in tables:
        show(_fitted(table) if format is Format.table else table, format)


_COUNTED = {What.table5: (5,), What.table7: (7,), What.all: (5, 7)}


def _counted(numbers: Sequence[int], *, people: bool) -> "list[tuple[int, Table]]":
    """Tables 5 and 7; where there are both, the last says how many counts are right in all."""
    from relmem_cli.plugins import registry
    from relmem_cli.reports.paper_counts import TABLES, counts_table, exact
    from relmem_cli.reports.parameters import count, count_rows
    from relmem_cli.stories.catalogue import TASKS

    variants = registry().variants
    counts = {
        number: [
            one for name in TABLES[number] for one in count(variants.get_or_explain(name), TASKS)
        ]
        for number in numbers
    }
    if not people:
        return [(number, count_rows(found)) for number, found in counts.items()]
    tables = [(number, counts_table(number, found)) for number, found in counts.items()]
    if len(tables) > 1:
        every = exact([one for found in counts.values() for one in found])
        number, last = tables[-1]
        tables[-1] = number, replace(last, notes=[*last.notes, f"Of both tables, {every}."])
    return tables


def _errors(rows: "list[RunRecord]", *, people: bool) -> "Table":
    from relmem_cli.reports.reproduced import table6, table6_rows

    return table6(rows) if people else table6_rows(rows)


def _fitted(table: "Table") -> "Table":
    from relmem_cli.console import Console
    from relmem_cli.reports.task_names import fit_names

    return fit_names(table, Console().width)


def _show_bars(rows: "list[RunRecord]") -> None:
    from relmem_cli.commands.shared.error_bars import show_bars
    from relmem_cli.console import Console

    show_bars(rows, Console())


def _plot(rows: "list[RunRecord]", folder: Path) -> None:
    from relmem_cli.reports.figures.draw import draw_all

    for path in draw_all(rows, folder):
        say(f"relmem: figure: {path}")
