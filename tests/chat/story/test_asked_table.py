import io

import pytest

from relmem_cli.chat.story.asked_table import AskedRow, answer_cells, story_of, table_in
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.stories.vocabulary import Vocabulary

VOCABULARY = Vocabulary(("<pad>", "mary", "slept"), frozenset())


def rows(text: str) -> list[AskedRow]:
    return list(table_in(text.encode(), "t").rows())


def test_columns_are_found_by_name_whatever_their_place_and_capitals() -> None:
    (row,) = rows("\ufeffid, Question ,STORY\n1,b?,a\n")
    assert (row.story, row.question, row.cells) == ("a", "b?", ["1", "b?", "a"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_parts_cells_is_kept(delimiter: str) -> None:
    table = table_in(f"id{delimiter}story{delimiter}question\n".encode(), "t")
    out = io.StringIO()
    table.writer(out).writerow(["1", "a", "b", "c", "d"])
    heads, cells = out.getvalue().splitlines()
    assert heads.split(delimiter) == ["id", "story", "question", "answer", "probability"]
    assert cells.split(delimiter) == ["1", "a", "b", "c", "d"]


def test_a_row_is_called_by_the_line_that_it_begins_in() -> None:
    found = rows('story,question\n"a\r\nb",c\n\nd,e\n')
    assert [(row.line, row.story) for row in found] == [(2, "a\nb"), (5, "d")]


def test_rows_that_are_no_csv_have_a_fault_and_the_next_are_read() -> None:
    found = rows('story,question\na,b,c,d\n"a"b,c\na\na,b\n"a,b\n')
    assert [row.fault for row in found] == [
        "it has 4 cells and the header 2; the last 2 are left out",
        "it is no CSV up to line 3: ',' expected after '\"'",
        "",
        "",
        "it is no CSV up to line 6: unexpected end of data",
    ]
    assert [row.cells for row in found] == [["a", "b"], ["", ""], ["a", ""], ["a", "b"], ["", ""]]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "t has no columns 'story' and 'question'; its first line names nothing."),
        (b"id;story\n", "t has no column 'question'; its first line names 'id', 'story'."),
        (b"story,question,Answer\n", "t has a column 'answer' already"),
        (b"story,question,story\n", "t has a column 'story' twice."),
        (b"story,question\n\xe9,b\n", "t is no text in UTF-8; save it as CSV UTF-8."),
        (b'"story,question\n', "t has no header that can be read: unexpected end of data."),
    ],
)
def test_what_is_no_such_table_is_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(RelmemError) as refused:
        table_in(data, "t")
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize("word", ["=1+1", "+x", "-x", "@x", " =1", "\t=1", "\uff1d1"])
def test_an_answer_is_no_formula_in_a_spreadsheet(word: str) -> None:
    assert answer_cells(word, 0.5) == [f"'{word}", "0.5000"]


def test_other_answers_stay_as_they_are() -> None:
    assert answer_cells("kitchen", None) == ["kitchen", ""]
    assert answer_cells("-3.5", None) == ["-3.5", ""]


def test_a_story_is_its_sentences_alone() -> None:
    row = AskedRow(line=2, cells=[], story="1 Mary slept.\n2 Where is Mary?\tbed\t1\n")
    assert [said.text for said in story_of(row, VOCABULARY)] == ["Mary slept."]


@pytest.mark.parametrize(
    ("story", "said"),
    [
        ("", "has no sentence"),
        ("Where is Mary?", "has no sentence"),
        ("1 Mary slept.\n1 Mary slept.", "begins 2 times"),
        ("/undo", "is a command"),
    ],
)
def test_what_is_no_story_is_told(story: str, said: str) -> None:
    with pytest.raises((RelmemError, UsageError), match=said):
        story_of(AskedRow(line=2, cells=[], story=story), VOCABULARY)
