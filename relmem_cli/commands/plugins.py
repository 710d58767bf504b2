"""`relmem plugins`: what is installed, what it adds, whether it works."""

import typer

from relmem_cli.commands.shared.output import Format, FormatOption, show
from relmem_cli.reports.tables import Table

app = typer.Typer(add_completion=False)


@app.command()
def plugins(format: Format = FormatOption) -> None:
    """List plugins with their version, origin, what they add and their status.

    Example: relmem plugins
    """
    from relmem_cli.plugins import registry

    rows = [
        {
            "plugin": plugin.name,
            "distribution": plugin.distribution,
            "version": plugin.version,
            "origin": plugin.location,
            "adds": plugin.summary,
            "status": plugin.status,
        }
        for plugin in registry().plugins
    ]
    if format is Format.table:
        rows = [_for_people(row) for row in rows]
    show(Table(title="Plugins", rows=rows), format)


def _for_people(row: dict[str, str]) -> dict[str, str]:
    return {
        "plugin": f"{row['distribution']} {row['version']}\n{row['origin']}",
        "adds": row["adds"],
        "status": row["status"],
    }
