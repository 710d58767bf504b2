"""`relmem variants`: what can be trained and talked to."""

import typer

from relmem_cli.commands.output import Format, FormatOption, show
from relmem_cli.reports.tables import Table

app = typer.Typer()


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
    show(Table(title="Memory variants", rows=rows), format)
