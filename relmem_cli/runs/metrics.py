"""metrics.jsonl in a run's folder: a JSON object for each epoch; light: no torch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from relmem_cli.errors import RelmemError
from relmem_cli.files import read_whole
from relmem_cli.plain import Check, check_fields, from_json, is_count, is_number

METRICS = "metrics.jsonl"


def read_metrics(path: Path) -> list[Mapping[str, Any]]:
    """The epochs in order; none where there is no file.

    Raises RelmemError for a line that is no epoch.
    """
    try:
        lines = read_whole(path).decode().splitlines()
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        why = (isinstance(error, OSError) and error.strerror) or "it is no text in UTF-8"
        raise RelmemError(f"{path} cannot be read: {why}.") from error
    epochs = []
    for number, line in enumerate(lines, start=1):
        try:
            epochs.append(parse_epoch(line))
            check_fields(epochs[-1], _MORE, needed=True)
        except ValueError as error:
            raise RelmemError(f"line {number} of {path} is no epoch: {error}.") from error
    return epochs


def parse_epoch(line: str | bytes) -> Mapping[str, Any]:
    """What a line says of an epoch, its error at least; raises ValueError for what is none."""
    plain: Mapping[str, Any] = from_json(line)
    check_fields(plain, {"epoch": is_count, "validation_error": is_number}, needed=True)
    return plain


_MORE: dict[str, Check] = {"loss": is_number, "seconds": is_number}
