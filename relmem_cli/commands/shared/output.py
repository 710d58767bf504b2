"""How commands print: tables on stdout in the format asked for, all else on stderr."""

import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

import typer
from typer.core import TyperCommand

from relmem_cli.contract import Kernels
from relmem_cli.door import one_line, printable
from relmem_cli.errors import RelmemError
from relmem_cli.reports.tables import Table, split, to_csv, to_json, to_markdown


class Format(StrEnum):
    """What a listing is printed as."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"


FormatOption: Any = typer.Option(
    Format.table, "--format", "-f", help="table for people; json, csv or md."
)

KernelsOption: Any = typer.Option(
    Kernels.auto, help="auto: the fastest code for the device; reference: the plain equations."
)


class DrawingCommand(TyperCommand):
    """A command whose --plots draws into the present folder where none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As usual, with the present folder after a --plots that stands alone."""
        return super().parse_args(ctx, list(_with_folder(args)))


def _with_folder(args: Sequence[str]) -> Iterator[str]:
    for arg, following in zip(args, [*args, "-"][1:], strict=True):
        yield arg
        if arg in ("--plot", "--plots") and following.startswith("-"):
            yield "."


def show(table: Table, format: Format) -> None:
    """Print a table to stdout."""
    if format is Format.table:
        from relmem_cli.console import Console

        console = Console()
        for part in split(table, console.width):
            _print_rich(part, console)
        return
    writers = {Format.json: to_json, Format.csv: to_csv, Format.md: to_markdown}
    sys.stdout.write(writers[format](table))


def say(text: str) -> None:
    """One line to stderr."""
    sys.stderr.write(f"{one_line(text)}\n")


def check_plotting() -> None:
    """Raise RelmemError where figures could not be drawn, before anything is done for them."""
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise RelmemError(
            "--plots needs the package matplotlib, which relmem's extra `plot` installs: "
            "pip install 'relmem[plot]'."
        )


def show_log() -> None:
    """From now on, what models log goes to stderr: that kernels are being compiled, say."""
    import logging

    class Said(logging.Handler):
        """Writes to the stderr of the moment, which a live display may have taken over."""

        def emit(self, record: logging.LogRecord) -> None:
            say(f"relmem: {record.getMessage()}")

    log = logging.getLogger("relmem")
    if not log.handlers:
        log.addHandler(Said())
        log.setLevel(logging.INFO)


def _print_rich(table: Table, console: Any) -> None:
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    console.print(Text(printable(table.title), style="bold"))
    drawn = RichTable(
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for column in table.columns:
        number = table.is_number(column)
        drawn.add_column(
            table.header(column),
            justify="right" if number else "left",
            no_wrap=number or column in table.whole,
            overflow="fold",
        )
    for index, row in enumerate([*table.rows, *table.footer], start=1):
        cells = [Text(table.cell(row, column)) for column in table.columns]
        drawn.add_row(*cells, end_section=index == len(table.rows) and bool(table.footer))
    console.print(drawn)
    if table.notes:
        console.print(Text(printable("\n" + "\n".join(table.notes)), style="dim"))
