"""A table of stories and questions as CSV: read row by row, and written with the answers."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.story_files import LARGEST, split_stories
from relmem_cli.door import one_line
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.files import read_whole
from relmem_cli.plain import brief_line, inert, listed
from relmem_cli.stories.vocabulary import Vocabulary

STORY, QUESTION = "story", "question"
"""The columns that are read, in capitals or not."""

ADDED = ("answer", "probability")
"""The columns that are added."""

_DELIMITERS = ",;\t"
"""What parts cells: a spreadsheet's language decides."""


@dataclass(frozen=True, kw_only=True)
class AskedRow:
    """A row below the header.

    line   where it begins in the file, from 1
    cells  as many as the header has
    fault  why it cannot be asked, "" where it can
    """

    line: int
    cells: Sequence[str]
    story: str = ""
    question: str = ""
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class AskedTable:
    """A table whose header is known: its columns as they are written, what parts them, its text."""

    columns: Sequence[str]
    delimiter: str
    text: str

    def rows(self) -> Iterator[AskedRow]:
        """The rows below the header; blank lines are none, as csv has it."""
        reader = _reader(self.text, self.delimiter)
        next(reader)
        known = _plain(self.columns)
        story, question = known.index(STORY), known.index(QUESTION)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                fault = f"it is no CSV up to line {reader.line_num}: {error}"
                yield AskedRow(line=line, cells=self._filled([]), fault=fault)
                continue
            if not cells:
                continue
            filled = self._filled(cells)
            yield AskedRow(
                line=line,
                cells=filled,
                story=filled[story],
                question=filled[question],
                fault=self._fault(cells) if len(cells) > len(self.columns) else "",
            )

    def writer(self, out: TextIO) -> Any:
        """A CSV writer of the same shape, which has written the header."""
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator="\n")
        writer.writerow([*self.columns, *ADDED])
        return writer

    def _fault(self, cells: Sequence[str]) -> str:
        """What to say of a row with too many cells."""
        more = len(cells) - len(self.columns)
        left_out = f"; the last {more} are left out" if more > 1 else "; the last is left out"
        return f"it has {len(cells)} cells and the header {len(self.columns)}{left_out}"

    def _filled(self, cells: Sequence[str]) -> list[str]:
        """As many cells as the header has."""
        missing = len(self.columns) - len(cells)
        return [*cells[: len(self.columns)], *([""] * missing)]


def answer_cells(answer: str, probability: float | None) -> list[str]:
    """The two cells that are added to a row; a model's words are no formula there."""
    return [inert(one_line(answer)), "" if probability is None else f"{probability:.4f}"]


def read_table(path: Path) -> AskedTable:
    """A CSV file; raises RelmemError where it cannot be read, and as `table_in` does."""
    try:
        return table_in(read_whole(path, LARGEST), str(path))
    except OSError as error:
        raise RelmemError(f"{path} cannot be read: {error.strerror or error}.") from error


def table_in(data: bytes, name: str) -> AskedTable:
    """The table that bytes hold; `name` is what errors call it.

    Raises UsageError where it lacks a column, has one twice, or has one that would be added.
    """
    if len(data) > LARGEST:
        raise RelmemError(f"{name} is larger than {LARGEST >> 20} MB; ask about it in parts.")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise RelmemError(f"{name} is no text in UTF-8; save it as CSV UTF-8.") from error
    headers = {delimiter: _header(text, delimiter, name) for delimiter in _DELIMITERS}
    fitting = (d for d in _DELIMITERS if {STORY, QUESTION} <= {*_plain(headers[d])})
    delimiter = next(fitting, max(_DELIMITERS, key=lambda d: len(headers[d])))
    _check(headers[delimiter], name)
    return AskedTable(columns=headers[delimiter], delimiter=delimiter, text=text)


def _header(text: str, delimiter: str, name: str) -> list[str]:
    try:
        return next(_reader(text, delimiter), [])
    except csv.Error as error:
        raise UsageError(f"{name} has no header that can be read: {error}.") from error


def _check(columns: Sequence[str], name: str) -> None:
    known = _plain(columns)
    missing = [f"{column!r}" for column in (STORY, QUESTION) if column not in known]
    if missing:
        there = listed([repr(brief_line(column, 40)) for column in columns], 8) or "nothing"
        plural = "" if len(missing) == 1 else "s"
        raise UsageError(
            f"{name} has no column{plural} {' and '.join(missing)}; its first line names {there}."
        )
    if taken := [column for column in ADDED if column in known]:
        raise UsageError(
            f"{name} has a column {taken[0]!r} already, which the output adds; call it otherwise."
        )
    if twice := [column for column in columns if columns.count(column) > 1]:
        raise UsageError(f"{name} has a column {brief_line(twice[0], 40)!r} twice.")


def _plain(columns: Sequence[str]) -> list[str]:
    return [column.strip().lower() for column in columns]


def _reader(text: str, delimiter: str) -> Any:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def story_of(row: AskedRow, vocabulary: Vocabulary) -> list[Utterance]:
    """What a row's story tells; its questions are left out. Raises RelmemError where it is none."""
    stories = split_stories(row.story.splitlines(), vocabulary)
    told = [[one for one in said if one.kind is UtteranceKind.sentence] for said in stories]
    if len(told) > 1:
        raise RelmemError(f"its story begins {len(told)} times, with line number 1.")
    if not told or not told[0]:
        raise RelmemError("its story has no sentence in it.")
    return told[0]
