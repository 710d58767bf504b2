"""A table of stories and questions: each row is answered, and written as soon as it is."""

from collections.abc import Callable
from typing import TextIO

from relmem_cli.chat.pipe import NO_ANSWER, Pipe
from relmem_cli.chat.story.answers import Answer
from relmem_cli.chat.story.asked_table import AskedRow, AskedTable, answer_cells, story_of
from relmem_cli.chat.story.model_input import ModelInput
from relmem_cli.chat.story.story_files import questions_in
from relmem_cli.errors import RelmemError


class TablePipe:
    """Answers the rows of a table; a story that several rows in a row have is read once.

    warn    takes one line about something that was not read as it stands
    failed  how many rows were not answered, or not read in whole
    """

    def __init__(self, reader: ModelInput, *, out: TextIO, warn: Callable[[str], None]) -> None:
        self.failed = 0
        self._reader = reader
        self._out = out
        self._warn = warn
        self._pipe = Pipe(reader, out=None, warn=warn)
        self._told: str | None = None

    def run(self, table: AskedTable) -> None:
        """Write the table with two more columns; a row that cannot be answered has "?"."""
        writer = table.writer(self._out)
        for row in table.rows():
            answer = self._ask(row)
            said = answer_cells(answer.answer, answer.probability) if answer else [NO_ANSWER, ""]
            writer.writerow([*row.cells, *said])
            self._out.flush()

    def _ask(self, row: AskedRow) -> Answer | None:
        """The answer to a row's question; None, and the reason said, where there is none."""
        before = self._pipe.failed
        try:
            answer = self._answer(row)
        except RelmemError as error:
            self._warn(f"line {row.line}: not answered: {error}")
            self.failed += 1
            return None
        self.failed += self._pipe.failed > before
        return answer

    def _answer(self, row: AskedRow) -> Answer | None:
        if row.fault:
            raise RelmemError(f"{row.fault}.")
        questions = questions_in(row.question, self._reader.vocabulary)
        if len(questions) > 1:
            raise RelmemError(f"it asks {len(questions)} questions; give each a row of its own.")
        if row.story != self._told:
            self._tell(row)
        return self._pipe.hear(questions[0], f"line {row.line}")

    def _tell(self, row: AskedRow) -> None:
        self._told = None
        sentences = story_of(row, self._reader.vocabulary)
        self._pipe.begin()
        for sentence in sentences:
            self._pipe.hear(sentence, f"line {row.line}")
        self._told = row.story
