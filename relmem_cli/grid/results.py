"""results.jsonl in a grid's folder: a line for every run that has ended, written as it ends."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from relmem_cli.files import write_atomically
from relmem_cli.grid.jobs import Job, Result


class ResultsFile:
    """The lines of the grid's runs, each once, after those of other runs of the folder.

    A run that goes on loses the line that it had, so a failure that is mended is not told. The run
    of a joint model has a line for each task.
    """

    def __init__(self, path: Path, jobs: Iterable[Job], over: Sequence[Result]) -> None:
        self._path = path
        ours = {job.folder.name for job in jobs}
        others = [row for row in _read(path) if row.get("run") not in ours]
        rows = [*others, *(row for result in over for row in _rows(result))]
        write_atomically(path, _lines(rows))

    def add(self, result: Result) -> None:
        """Append a run that has ended."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(_lines(_rows(result)))


def _rows(result: Result) -> list[dict[str, Any]]:
    return [{"run": result.folder.name, **row} for row in result.rows()]


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def _read(path: Path) -> list[dict[str, Any]]:
    """The rows that are whole; a process that was killed may have left half of one."""
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    for line in lines:
        try:
            rows.append(dict(json.loads(line)))
        except (ValueError, TypeError):
            continue
    return rows
