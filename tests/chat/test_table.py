import csv
import io

import pytest

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.asked_table import table_in
from relmem_cli.chat.table import TablePipe


class Answered:
    """What came of a table: its rows, and warnings."""

    def __init__(self, reader: Reader, text: str) -> None:
        out = io.StringIO()
        self.warnings: list[str] = []
        pipe = TablePipe(reader, out=out, warn=self.warnings.append)
        pipe.run(table_in(text.encode(), "t"))
        self.failed = pipe.failed
        self.rows = list(csv.DictReader(io.StringIO(out.getvalue())))

    @property
    def answers(self) -> list[str]:
        return [row["answer"] for row in self.rows]


HEAD = "story,question,truth\n"
MARY = "Mary went to the kitchen."
JOHN = "John went to the garden."


def test_each_row_has_a_story_of_its_own(reader: Reader) -> None:
    alone = Answered(reader, f"{HEAD}{JOHN},Where is John?,\n")
    both = Answered(reader, f"{HEAD}{MARY},Where is Mary?,\n{JOHN},Where is John?,\n")
    assert both.answers == ["kitchen", "garden"]
    assert both.rows[1] == alone.rows[0]


def test_a_story_of_several_rows_is_read_once(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    whole = Reader.read

    def counted(self: Reader, state, sentence):
        read.append(sentence.text)
        return whole(self, state, sentence)

    monkeypatch.setattr(Reader, "read", counted)
    asked = f"{MARY},Where is Mary?,\n"
    assert Answered(reader, HEAD + 3 * asked).answers == ["kitchen"] * 3
    assert read == [MARY]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"{MARY},Where is Zog?,x", "the model does not know 'zog'."),
        (f"{MARY},kitchen,x", "'kitchen' is no question"),
        (f"{MARY},,x", "'' is no question"),
        (f"{MARY},Where is Mary? Where is John?,x", "it asks 2 questions"),
        (",Where is Mary?,x", "its story has no sentence in it."),
        (f"{MARY},Where is Mary?,x,y", "it has 4 cells and the header 3; the last is left out."),
    ],
)
def test_a_bad_row_has_a_question_mark_and_keeps_its_cells(
    reader: Reader, row: str, reason: str
) -> None:
    good = f"{MARY},Where is Mary?,-1\n"
    answered = Answered(reader, f"{HEAD}{good}{row}\n{good}")
    assert answered.answers == ["kitchen", "?", "kitchen"]
    assert [one["truth"] for one in answered.rows] == ["-1", "x", "-1"]
    assert answered.rows[1]["probability"] == ""
    assert answered.failed == 1
    (warning,) = answered.warnings
    assert warning.startswith(f"line 3: not answered: {reason}")


def test_a_story_that_could_not_be_read_leaves_nothing_to_the_next_row(reader: Reader) -> None:
    text = f"{HEAD}{MARY},Where is Mary?,\n/undo,Where is Mary?,\n{MARY},Where is Mary?,\n"
    answered = Answered(reader, text)
    assert answered.answers == ["kitchen", "?", "kitchen"]
    assert answered.rows[0] == answered.rows[2]
