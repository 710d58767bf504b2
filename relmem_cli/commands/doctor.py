"""`relmem doctor`: an installation as text for a bug report."""

import json
import sys
from enum import StrEnum

import typer

app = typer.Typer(add_completion=False)


class DoctorFormat(StrEnum):
    """What the description is printed as."""

    text = "text"
    json = "json"


@app.command()
def doctor(
    format: DoctorFormat = typer.Option(
        DoctorFormat.text, "--format", "-f", help="text to paste, or json."
    ),
) -> None:
    """Describe this installation: versions, devices, data, models, plugins, folders.

    Paths are shown with ~ for your home folder; read it before you post it.

    Example: relmem doctor
    """
    from relmem_cli.reports.installation import describe, to_text

    report = describe()
    text = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    sys.stdout.write(to_text(report) if format is DoctorFormat.text else text)
