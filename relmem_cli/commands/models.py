"""`relmem models`: what there is to talk to."""

from typing import Any

import typer

from relmem_cli.commands.shared.output import Format, FormatOption, say, show
from relmem_cli.reports.tables import Table

app = typer.Typer(add_completion=False)


@app.command()
def models(format: Format = FormatOption) -> None:
    """List trained models: those that ship with relmem, then yours.

    Use a name with `relmem chat --model NAME` or `relmem eval NAME`.

    Example: relmem models --format json
    """
    from relmem_cli.errors import RelmemError
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
