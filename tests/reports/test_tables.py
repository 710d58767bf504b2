import csv
import io
import json

import pytest

from relmem_cli.reports.tables import Table, split, to_csv, to_json, to_markdown

TABLE = Table(
    title="Words",
    rows=[{"word": "a|b", "count": 1234, "share": 0.5}, {"word": "c", "count": 7, "share": None}],
    footer=[{"word": "sum", "count": 1241}],
    headers={"share": "share\nof all"},
    formats={"count": ",", "share": ".1%"},
    notes=["A note."],
)


def test_json_has_the_plain_values_and_no_footer() -> None:
    assert json.loads(to_json(TABLE)) == [
        {"word": "a|b", "count": 1234, "share": 0.5},
        {"word": "c", "count": 7, "share": None},
    ]


def test_csv_has_a_header_and_the_plain_values() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(TABLE))))
    assert rows == [["word", "count", "share"], ["a|b", "1234", "0.5"], ["c", "7", ""]]


def test_csv_sets_a_list_with_semicolons() -> None:
    assert to_csv(Table(title="", rows=[{"shape": [20, 100]}])) == "shape\n20;100\n"


def test_markdown_formats_aligns_escapes_and_adds_footer_and_notes() -> None:
    assert to_markdown(TABLE) == (
        "| word | count | share of all |\n"
        "| --- | ---: | ---: |\n"
        "| a\\|b | 1,234 | 50.0% |\n"
        "| c | 7 | - |\n"
        "| sum | 1,241 |  |\n"
        "\nA note.\n"
    )


def test_text_that_reads_as_a_number_is_set_to_the_right_where_asked() -> None:
    table = Table(title="", rows=[{"a": "80,000 ±0", "b": "word"}], right=("a",))
    assert table.is_number("a")
    assert not table.is_number("b")


def test_a_table_that_fits_is_not_split() -> None:
    (part,) = split(TABLE, 80)
    assert part.columns == ["word", "count", "share"]
    assert part.notes == ["A note."]


def test_a_table_too_wide_is_split_and_every_part_has_the_first_column() -> None:
    parts = list(split(TABLE, 16))
    assert [part.columns for part in parts] == [["word", "count"], ["word", "share"]]
    assert [part.title for part in parts] == ["Words", ""]
    assert [list(part.notes) for part in parts] == [[], ["A note."]]
    assert parts[1].footer == [{"word": "sum"}]


def test_a_tied_column_stays_with_the_one_before_it() -> None:
    row = {"key": "k", "a": 1000, "b": 1000, "b range": 1000}
    tied = Table(title="", rows=[row], tied=("b range",))
    assert [part.columns for part in split(tied, 20)] == [["key", "a"], ["key", "b", "b range"]]


@pytest.mark.parametrize("width", [1, 20, 40, 200])
def test_splitting_keeps_every_cell_once(width: int) -> None:
    row = {"key": "k"} | {f"column {i}": 10**i for i in range(9)}
    parts = list(split(Table(title="", rows=[row]), width))
    rest = [column for part in parts for column in part.columns if column != "key"]
    assert rest == list(row)[1:]


def test_an_empty_table_is_one_empty_part() -> None:
    assert [part.rows for part in split(Table(title="None", rows=[]), 80)] == [[]]


def test_text_that_a_spreadsheet_would_compute_is_text_in_csv() -> None:
    table = Table(title="t", rows=[{"name": "=1+1", "list": ["@a", "b"], "n": -1, "text": "-1.5"}])
    assert to_csv(table).splitlines()[1] == "'=1+1,'@a;b,-1,-1.5"
