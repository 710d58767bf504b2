"""`relmem variants`: what can be trained and talked to."""

import typer

from relmem_cli.commands.shared.output import Format, FormatOption, show
from relmem_cli.reports.tables import Table

app = typer.Typer(add_completion=False)


@app.command()
def variants(format: Format = FormatOption) -> None:
    """List the memory variants that are installed.

    Example: relmem variants --format json
    """
    from relmem_cli.plugins import registry

    found = registry().variants
    rows = [
        {
            "variant": name,
            "summary": variant.summary,
            "reference": variant.reference,
            "options": ", ".join(f"{key}={value}" for key, value in variant.defaults().items()),
            "plugin": found.origin(name).distribution,
        }
        for name, variant in found.items()
    ]
    notes: tuple[str, ...] = ()
    if format is Format.table:
        rows = [_for_people(row) for row in rows]
        notes = ("Train one with: relmem train --variant NAME",)
    show(Table(title="Memory variants", rows=rows, notes=notes), format)


def _for_people(row: dict[str, str]) -> dict[str, str]:
    return {
        "variant": row["variant"],
        "what it is": f"{row['summary']}\n{row['reference']}",
        "options": row["options"].replace(", ", "\n"),
    }
