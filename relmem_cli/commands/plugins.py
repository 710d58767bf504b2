"""`relmem plugins`: what is installed, what it adds, whether it works."""

import typer

from relmem_cli.commands.output import Format, FormatOption, show
from relmem_cli.reports.tables import Table

app = typer.Typer()


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
            "adds": ", ".join(plugin.adds) or "nothing",
            "status": "; ".join(plugin.faults) or "ok",
        }
        for plugin in registry().plugins
    ]
    show(Table(title="Plugins", rows=rows), format)
