"""`relmem eval --sweep`: error against how long or how hard stories are."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relmem_cli.commands.shared.output import Format, check_plotting, say, show
from relmem_cli.errors import UsageError
from relmem_cli.sealing import off_stdout
from relmem_cli.world.source import LEVELS

if TYPE_CHECKING:
    from relmem_cli.reports.subject import Subject

_POINTS = 7


def parse_sweep(text: str) -> tuple[str, tuple[int, ...]]:
    """What is swept over which values: "sentences=5..200", about even in ratio, or "facts=1,2,3".

    Raises UsageError for anything else.
    """
    name, _, values = text.partition("=")
    first, dots, last = values.partition("..")
    numbers = [first, last] if dots else values.split(",")
    if name not in LEVELS or not all(number.strip().isdecimal() for number in numbers):
        raise UsageError(
            f"--sweep {text!r} must be {', '.join(LEVELS[:-1])} or {LEVELS[-1]}, with values: "
            "sentences=5..200 or facts=1,2,3."
        )
    found = [int(number) for number in numbers]
    if not dots:
        return name, tuple(sorted(set(found)))
    low, high = found
    if not 1 <= low < high:
        raise UsageError(f"--sweep {text!r} must go from 1 or more to more than that.")
    steps = [low * (high / low) ** (place / (_POINTS - 1)) for place in range(_POINTS)]
    return name, tuple(sorted({round(step) for step in steps}))


def sweep(
    subjects: "Sequence[Subject]", data: str, swept: str, plots: Path | None, format: Format
) -> None:
    """Test every model on stories of each value; print the table, draw it."""
    name, values = parse_sweep(swept)
    if plots is not None:
        check_plotting()
    with off_stdout():
        rows = list(_rows(subjects, data or "world:mixture", name, values))
    from relmem_cli.reports.sweep_table import sweep_rows, sweep_table

    people = format in (Format.table, Format.md)
    show(sweep_table(rows, name) if people else sweep_rows(rows, name), format)
    if plots is not None:
        from relmem_cli.reports.figures.figure_style import save, style
        from relmem_cli.reports.figures.sweep_chart import draw_sweep

        with style():
            for path in save(draw_sweep(rows, name), plots, f"sweep-{name}"):
                say(f"relmem: drew {path}.")


def _rows(
    subjects: "Sequence[Subject]", data: str, name: str, values: Sequence[int]
) -> Iterator[dict[str, Any]]:
    from relmem_cli.asked_data import open_data
    from relmem_cli.reports.sweep_table import swept_row

    if not data.startswith("world:"):
        raise UsageError(f"--sweep needs --data world:mixture or another world, not {data!r}.")
    sources = [(value, open_data(f"{data},{name}={value}")) for value in values]
    for subject in subjects:
        for value, source in sources:
            say(f"relmem: {subject.name}, {name} {value}")
            yield swept_row(subject, source, name, value)
