"""`relmem variants`: what can be trained and talked to."""

from typing import TYPE_CHECKING

import typer

from relmem_cli.commands.shared.output import Format, FormatOption, show
from relmem_cli.reports.tables import Table

if TYPE_CHECKING:
    from relmem_cli.plugins import Plugin

app = typer.Typer(add_completion=False)


_GROUPS = {"paper": "The paper's, and relmem's own", "field": "The field's, which the paper cites"}
"""What relmem's own entry points offer; all else is a plugin's."""

_OTHERS = "From plugins"


@app.command()
def variants(format: Format = FormatOption) -> None:
    """List the memory variants that are installed: the paper's, the field's, and plugins'.

    Example: relmem variants --format json
    """
    from relmem_cli.plugins import registry

    found = registry().variants
    rows = [
        {
            "variant": name,
            "group": _group(origin),
            "summary": variant.summary,
            "reference": variant.reference,
            "options": ", ".join(f"{key}={value}" for key, value in variant.defaults().items()),
            "plugin": origin.distribution,
        }
        for name, variant in found.items()
        for origin in (found.origin(name),)
    ]
    if format is not Format.table:
        show(Table(title="Memory variants", rows=rows), format)
        return
    groups = {
        group: [_for_people(row) for row in rows if row["group"] == group]
        for group in (*_GROUPS.values(), _OTHERS)
    }
    there = {group: some for group, some in groups.items() if some}
    for number, (group, some) in enumerate(there.items(), start=1):
        if number > 1:
            typer.echo()
        last = ("Train one with: relmem train --variant NAME",) if number == len(there) else ()
        show(Table(title=group, rows=some, notes=last), format)


def _group(origin: "Plugin") -> str:
    return next((title for name, title in _GROUPS.items() if origin.is_own(name)), _OTHERS)


def _for_people(row: dict[str, str]) -> dict[str, str]:
    reference = [row["reference"]] if row["reference"] not in ("", "none") else []
    return {
        "variant": row["variant"],
        "what it is": "\n".join([row["summary"], *reference]),
        "options": row["options"],
    }
