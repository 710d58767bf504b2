"""`relmem reproduce`: the paper's tables, made again beside the published figures."""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from relmem_cli.commands.shared.grids import OnOption, WaitOption, Where
from relmem_cli.commands.shared.output import (
    DrawingCommand,
    Format,
    FormatOption,
    check_plotting,
    say,
    show,
)
from relmem_cli.commands.shared.reproduce_runs import FOLDS, RECIPE, Wanted, rows_of
from relmem_cli.errors import UsageError

if TYPE_CHECKING:
    from relmem_cli.reports.tables import Table
    from relmem_cli.runs.record import RunRecord

app = typer.Typer(add_completion=False)


class What(StrEnum):
    """What is made."""

    table1 = "table1"
    table2 = "table2"
    table3 = "table3"
    table4 = "table4"
    table5 = "table5"
    table6 = "table6"
    table7 = "table7"
    field = "field"
    all = "all"
    recipes = "recipes"


_FORMATTING = {"what", "format"}
_READING = _FORMATTING | {"results", "recipe", "variant", "task", "bars", "plots"}
"""Options that mean something where nothing is trained."""

_COUNTED = {What.table5: (5,), What.table7: (7,), What.all: (5, 7)}
_QUOTED = {What.table1: 1, What.table2: 2, What.table4: 4}
_RECIPES = {What.table3: "cloze", What.field: "field"}


@app.command(cls=DrawingCommand)
def reproduce(
    context: typer.Context,
    what: What = typer.Argument(
        ...,
        metavar="WHAT",
        help="table1 to table7, field, all (5 to 7) or recipes, which lists how papers trained; "
        "table5 and table7 count, the others train.",
    ),
    recipe: str = typer.Option("", "--recipe", "-r", help=f"How to train. [default: {RECIPE}]"),
    variant: list[str] = typer.Option(
        [], "--variant", "-v", help="Only this one; may be repeated. The recipe's by default."
    ),
    data: str = typer.Option(
        "", "--data", help="Other data than the recipe's: hn, shuffled, cbt:FOLDER for table3."
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
        None,
        metavar="[DIR]",
        help="Write figures there, or here, PNG and SVG; needs the extra plot.",
    ),
    format: Format = FormatOption,
) -> None:
    """Make the paper's tables from scratch, beside the published figures; and the field's.

    Tables 5 and 7 count parameters. Table 6 trains every task and variant on several folds, picks
    the epoch and the seed on validation questions, and tests each run once. Tables 1, 2 and 4 do so
    with the systems that the paper quotes, Table 3 on cloze questions (--data cbt:FOLDER), and
    field with every variant, each as it trains by itself. The same command again goes on after any
    stop. A results file keeps every run's settings, errors and learning curve; --from makes the
    table from such files alone.

    Examples:

      relmem reproduce table5

      relmem reproduce table2 --folds 1 --task 1-5

      relmem reproduce field --folds 1 --plots figures

      relmem reproduce table6 --quick --task 1-5

      relmem reproduce all --recipe relmem --folds 10 --out results

      relmem reproduce table6 --from results/table6-relmem.jsonl --bars --plots figures

      relmem reproduce recipes
    """
    _check_options(context, what)
    if what is What.recipes:
        from relmem_cli.reports.recipes import recipe_table

        show(recipe_table(), format)
        return
    rows: list[RunRecord] = []
    code = 0
    if what not in (What.table5, What.table7):
        wanted = Wanted(
            table="table6" if what in (What.table6, What.all) else "",
            recipe=recipe,
            data=data,
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
        rows, code = _rows(what, wanted)
    _show(what, rows, format)
    if any(not row.failure for row in rows):
        if bars:
            _show_bars(rows)
        if plots:
            code = _plot(what, rows, plots) or code
    raise typer.Exit(code)


def _check_options(context: typer.Context, what: What) -> None:
    """Raise UsageError where an option was typed that would change nothing, or cannot be done."""
    given = context.params
    if what in (What.table5, What.table7, What.recipes):
        _refuse(context, _FORMATTING, f"{what} trains nothing")
    elif given["results"]:
        _refuse(context, _READING, "--from trains nothing")
    if what not in (What.table6, What.all):
        _refuse(context, set(given) - {"recipe", "bars"}, f"{what} has its own recipes")
    if given["bars"] and given["format"] != Format.table:
        raise UsageError(
            f"--bars go with a table on a terminal; leave out --bars or -f {given['format']}."
        )
    if given["plots"]:
        check_plotting()


def _rows(what: What, wanted: Wanted) -> "tuple[list[RunRecord], int]":
    """The runs of one recipe after another, and the exit code; a stop ends them all."""
    rows: list[RunRecord]
    if wanted.results:
        rows, code = rows_of(wanted)
        return _those_of(what, rows), code
    rows = []
    code = 0
    for recipe, variants in _recipes(what, wanted):
        more, ended = rows_of(replace(wanted, recipe=recipe, variants=variants))
        rows += more
        code = max(code, ended)
        if ended > 1:
            break
    return rows, code


def _those_of(what: What, rows: "list[RunRecord]") -> "list[RunRecord]":
    """The runs that a table is about; raises UsageError where it is about none of them."""
    if what not in _QUOTED:
        return rows
    from relmem_cli.reports.quoted import QUOTED

    systems = {(one.recipe, one.variant) for one in QUOTED[_QUOTED[what]]}
    found = [row for row in rows if (row.recipe.removesuffix("-quick"), row.variant) in systems]
    if not found:
        recipes = ", ".join(dict.fromkeys(recipe for recipe, _ in sorted(systems)))
        raise UsageError(f"{what} has runs of the recipes {recipes}; --from names none of them.")
    return found


def _recipes(what: What, wanted: Wanted) -> "list[tuple[str, Sequence[str]]]":
    """The recipes to train by, each with the variants that were asked for."""
    if what not in _QUOTED:
        if what is What.table3 and not wanted.data:
            raise UsageError("table3 needs cloze questions: --data cbt:FOLDER; see docs/cbt.md.")
        return [(_RECIPES.get(what, wanted.recipe), wanted.variants)]
    from relmem_cli.commands.shared.grids import variants_of
    from relmem_cli.reports.quoted import QUOTED

    asked = variants_of(wanted.variants)
    systems = QUOTED[_QUOTED[what]]
    known = list(dict.fromkeys(one.variant for one in systems))
    if wrong := [name for name in asked if name not in known]:
        raise UsageError(f"{what} has no {wrong[0]!r}; it has {', '.join(known)}.")
    found: dict[str, list[str]] = {}
    for one in systems:
        if not asked or one.variant in asked:
            found.setdefault(one.recipe, []).append(one.variant)
    return list(found.items())


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
    if what not in (What.table5, What.table7) and (ended or not people):
        tables.append((6, _errors(what, rows, people=people)))
    if what is What.field and people and ended:
        from relmem_cli.reports.field import field_by_task

        tables.append((6, field_by_task(rows)))
    if not people and len(tables) > 1:
        joined = [{"table": number, **row} for number, table in tables for row in table.rows]
        tables = [(0, Table(title="", rows=joined))]
    for _, table in tables:
        show(_fitted(table) if format is Format.table else table, format)


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


def _errors(what: What, rows: "list[RunRecord]", *, people: bool) -> "Table":
    if what in _QUOTED:
        from relmem_cli.reports.quoted import quoted_rows, quoted_table

        return (quoted_table if people else quoted_rows)(_QUOTED[what], rows)
    if what is What.table3:
        from relmem_cli.reports.cloze import cloze_rows, cloze_table

        return cloze_table(rows) if people else cloze_rows(rows)
    if what is What.field:
        from relmem_cli.reports.field import field_rows, field_table

        return field_table(rows) if people else field_rows(rows)
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


def _plot(what: What, rows: "list[RunRecord]", folder: Path) -> int:
    """Draw the figures; returns the exit code of a stop meanwhile, which no run is left to feel."""
    try:
        from relmem_cli.reports.figures.draw import draw_all, draw_field

        for path in (draw_field if what is What.field else draw_all)(rows, folder):
            say(f"relmem: figure: {path}")
    except KeyboardInterrupt:
        say(
            "relmem: stopped; the runs are kept, and not all figures were drawn: "
            "the same command draws them."
        )
        return 130
    return 0
