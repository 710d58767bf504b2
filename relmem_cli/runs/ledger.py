"""A results file: JSON lines, a header for each time that work began, a line for each ended run.

It is written by one process at a time, every line to the disk at once.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from relmem_cli.contract import Recipe, Variant
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.files import drop_abandoned, read_whole, write_atomically
from relmem_cli.plain import (
    brief,
    brief_line,
    check_fields,
    from_json,
    is_any,
    is_text,
    listed,
    table_of,
)
from relmem_cli.runs.folder import refuse_link
from relmem_cli.runs.recipe import resolved
from relmem_cli.runs.record import RunRecord, latest
from relmem_cli.training.settings import Settings

FORMAT = "relmem-results-1"

_NO_HEADER = (
    "it has no header before it, as a grid's file of an earlier relmem; move that away, and "
    "train --resume writes a new one"
)
_NEW_FILE = (
    "Headers say what runs are: move the file away, and going on with the runs writes a new one."
)


@dataclass(kw_only=True)
class Results:
    """What results files hold: the resolved settings by recipe, and each run's last line."""

    recipes: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    rows: list[RunRecord] = field(default_factory=list)


class Ledger:
    """A results file that is being written; `rows` are those that it held already.

    recipe    what its runs are called by in tables
    settings  what all of them share, for others to be held against; none where they share none
    """

    def __init__(
        self, path: Path, recipe: str, settings: Mapping[str, Any], rows: Sequence[RunRecord]
    ) -> None:
        self.rows = list(rows)
        self.recipe = recipe
        self._settings = settings
        self._path = path
        self._header = ""

    def begin(self, header: Mapping[str, Any]) -> None:
        """Have a header before the next run that is added: what follows was made so."""
        what = {"what": "header", "format": FORMAT}
        recipe = {"recipe": self.recipe, "settings": dict(self._settings)}
        self._header = json.dumps({**what, **recipe, **header}) + "\n"

    def add(self, row: RunRecord) -> None:
        """Append a run that has ended."""
        self._append(self._header + row.to_json())
        self._header = ""
        self.rows = latest([*self.rows, replace(row, recipe=self.recipe)])

    def add_missing(self, rows: Sequence[RunRecord]) -> None:
        """Append those runs that the file does not have as done."""
        there = {row.run for row in self.rows if not row.failure}
        for row in rows:
            if row.run not in there:
                self.add(row)

    def _append(self, line: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())  # it may stand for hours of training


@contextmanager
def open_ledger(path: Path, recipe: str, settings: Mapping[str, Any]) -> Iterator[Ledger]:
    """The file, new or gone on with, with no other process writing to it.

    Half a line at its end, of a process that was killed, is taken away; a whole one that lacks its
    newline gets it. Where runs share no settings, the recipe is called as the file has it: its
    folder may have been moved. Raises RelmemError where another process has it, UsageError where it
    was begun with other settings of the recipe, cannot be read, or is a link.
    """
    refuse_link(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise RelmemError(
            f"another process is writing {path}; wait for it, or choose another folder with --out."
        ) from None
    try:
        rows: list[RunRecord] = []
        drop_abandoned(path)
        if path.exists():
            before = read_results([path])
            recipe = recipe if settings else next(iter(before.recipes), recipe)
            _check_unchanged(path, recipe, settings, before.recipes)
            _mend(path)
            rows = before.rows
        yield Ledger(path, recipe, settings, rows)
    finally:
        lock.release()


def read_results(paths: Sequence[Path]) -> Results:
    """Several files as one.

    Raises UsageError for what is not a results file, naming all lines that are damaged, and where
    two have different settings of one recipe.
    """
    found = Results()
    for path in paths:
        found.rows += _rows(path, found)
    found.rows = latest(found.rows)
    return found


def _rows(path: Path, found: Results) -> list[RunRecord]:
    """The runs of a file, whose headers are noted; half a line at its end is passed over."""
    recipe = None
    rows: list[RunRecord] = []
    damaged: list[tuple[int, ValueError]] = []
    lines = _lines(path)
    for number, line in enumerate(lines, start=1):
        try:
            plain = _plain(line)
        except ValueError as error:
            if number == len(lines):
                break
            if recipe is None or b'"header"' in line:
                raise UsageError(f"{_no_result(path, number, error)}. {_NEW_FILE}") from error
            damaged.append((number, error))
            continue
        if plain.get("what") == "header":
            recipe = _header(path, number, plain, found)
        elif plain and recipe is None:
            raise UsageError(f"{_no_result(path, number, _NO_HEADER)}.")
        elif plain:
            try:
                rows.append(RunRecord.from_plain(plain, str(recipe)))
            except ValueError as error:
                damaged.append((number, error))
    if damaged:
        raise UsageError(_told(path, damaged)) from damaged[0][1]
    return rows


def _lines(path: Path) -> list[bytes]:
    try:
        return read_whole(path).split(b"\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be read as a results file: {error.strerror}.") from error


def _plain(line: bytes) -> dict[str, Any]:
    """What a line says, {} of an empty one; raises ValueError where that is no table."""
    plain = from_json(line.decode() or "{}")
    if not isinstance(plain, dict):
        raise ValueError("no JSON object")
    return plain


def _no_result(path: Path, number: int, why: object) -> str:
    return f"line {number} of {path} is no result of relmem: {why}"


def _told(path: Path, damaged: Sequence[tuple[int, ValueError]]) -> str:
    """What is wrong with lines that can be spared, and what to do."""
    (number, error), *more = damaged
    others = f"; nor are {listed([f'line {other}' for other, _ in more])}" if more else ""
    return (
        f"{_no_result(path, number, error)}{others}. Delete {'them' if more else 'that line'}: "
        "the other runs stay, and going on with the runs writes again what was lost."
    )


def _header(path: Path, number: int, plain: dict[str, Any], found: Results) -> str:
    """Note the header's recipe; returns its name."""
    if plain.get("format") != FORMAT:
        why = f"its format is {brief(plain.get('format'))}, and this relmem reads {FORMAT}"
        raise UsageError(f"{_no_result(path, number, why)}.")
    try:
        check_fields(plain, {"recipe": is_text, "settings": table_of(is_any)}, needed=True)
    except ValueError as error:
        raise UsageError(f"{_no_result(path, number, error)}. {_NEW_FILE}") from error
    name, settings = str(plain["recipe"]), plain["settings"]
    if changed := _recipe_changes(found.recipes.get(name, settings), settings):
        raise UsageError(
            f"{path} was made with other settings of the recipe {brief_line(name, 40)} than what "
            f"came before ({changed}); tables of both would mix them up."
        )
    found.recipes[name] = settings
    return name


def _mend(path: Path) -> None:
    """End the last line, or take it away where it is not whole."""
    text = path.read_bytes()
    before, newline, last = text.rpartition(b"\n")
    if not last:
        return
    try:
        from_json(last)
    except ValueError:
        write_atomically(path, before + newline)
    else:
        write_atomically(path, text + b"\n")


def _check_unchanged(
    path: Path, recipe: str, settings: Mapping[str, Any], before: Mapping[str, Mapping[str, Any]]
) -> None:
    if others := [name for name in before if name != recipe]:
        other = brief_line(others[0], 40)
        raise UsageError(f"{path} holds results of the recipe {other}, not {recipe}.")
    if changed := _recipe_changes(before.get(recipe, settings), settings):
        raise UsageError(
            f"{path} was begun with other settings of the recipe {recipe} ({changed}); "
            "choose another folder with --out."
        )


def _recipe_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    return changes(before, now, resolved(Recipe(name="", summary="", variants=())))


def changes(before: Mapping[str, Any], now: Mapping[str, Any], default: Mapping[str, Any]) -> str:
    """Such as "learning_rate was 0.01"; what is in one of the two alone is at `default` there."""
    found = [
        f"{brief_line(key, 40)} was {brief(before.get(key, default.get(key)), 40)}"
        for key in {**before, **now}
        if before.get(key, default.get(key)) != now.get(key, default.get(key))
    ]
    return listed(found)


def run_changes(row: RunRecord, settings: Settings, variant: Variant) -> str:
    """What the row's run was trained with that `settings` are not; "" where they agree.

    A setting or an option that came later was at its default.
    """
    now = json.loads(json.dumps(asdict(settings)))  # as a line holds it
    before = dict(row.settings)
    default = json.loads(json.dumps(asdict(Settings(variant=variant.name, task="1"))))
    usual = json.loads(json.dumps(variant.defaults()))
    options = changes(before.pop("options", {}), now.pop("options"), usual)
    return ", ".join(text for text in (changes(before, now, default), options) if text)
