import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmem_cli.toml_text import drop, put

FILE = """\
# mine
[train]   # long runs
epochs = 50  # "enough" # for all
set = [
    "dim=4",  # small
]

# what I talk to
[chat]
model = 'a # b'\t# not a comment inside

[params.table]
format = "json"
"""


def changed(before: str, after: str) -> list[str]:
    old, new = before.splitlines(), after.splitlines()
    return [f"-{line}" for line in old if line not in new] + [
        f"+{line}" for line in new if line not in old
    ]


@pytest.mark.parametrize(
    ("table", "key", "value", "difference"),
    [
        (["train"], "epochs", 7,
         ['-epochs = 50  # "enough" # for all', '+epochs = 7  # "enough" # for all']),
        (["chat"], "model", "c",
         ["-model = 'a # b'\t# not a comment inside", '+model = "c"\t# not a comment inside']),
        (["chat"], "json", True, ["+json = true"]),
        (["params", "table"], "format", "md", ['-format = "json"', '+format = "md"']),
        (["train"], "set", ["dim=8", "x"],
         ["-set = [", '-    "dim=4",  # small', "-]", '+set = ["dim=8", "x"]']),
        (["eval"], "format", "csv", ["+[eval]", '+format = "csv"']),
    ],
)  # fmt: skip
def test_only_the_line_of_the_setting_changes(table, key, value, difference) -> None:
    assert changed(FILE, put(FILE, table, key, value)) == difference


def test_a_new_setting_stands_at_the_end_of_its_table() -> None:
    lines = put(FILE, ["train"], "seed", 3).splitlines()
    assert lines[lines.index("seed = 3") - 1] == "]"


def test_a_setting_can_be_taken_out_with_all_its_lines() -> None:
    gone = drop(FILE, ["train"], "set")
    assert changed(FILE, gone) == ["-set = [", '-    "dim=4",  # small', "-]"]


def test_hyphens_and_underscores_name_the_same_key_which_stays_as_written() -> None:
    assert put("[eval]\nerror_bars = 1\n", ["eval"], "error-bars", 2) == "[eval]\nerror_bars = 2\n"


def test_windows_lines_and_a_missing_last_end_are_kept() -> None:
    assert put("[chat]\r\njson = true", ["chat"], "task", 2) == (
        "[chat]\r\njson = true\r\ntask = 2\r\n"
    )


@pytest.mark.parametrize("text", ['chat = {model = "a"}\n', 'chat.model = "a"\n', "chat = 3\n"])
def test_what_cannot_be_changed_line_by_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="table"):
        put(text, ["chat"], "model", "b")


def test_a_header_inside_a_text_is_no_header() -> None:
    text = '[chat]\nmodel = """\n[train]\nepochs = 1\n"""\n'
    with pytest.raises(ValueError, match="table"):
        put(text, ["train"], "epochs", 2)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_was_set(value: str) -> None:
    assert tomllib.loads(put(FILE, ["chat"], "model", value))["chat"]["model"] == value
