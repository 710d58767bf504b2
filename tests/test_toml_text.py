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
model = 'a # b'  # not a comment inside

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
         ["-model = 'a # b'  # not a comment inside", '+model = "c"  # not a comment inside']),
        (["chat"], "json", True, ["+json = true"]),
        (["params", "table"], "format", "md", ['-format = "json"', '+format = "md"']),
        (["eval"], "format", "csv", ["+[eval]", '+format = "csv"']),
    ],
)  # fmt: skip
def test_only_the_line_of_the_setting_changes(table, key, value, difference) -> None:
    assert changed(FILE, put(FILE, table, key, value)) == difference


def test_a_setting_can_be_taken_out_with_all_its_lines() -> None:
    gone = drop(FILE, ["train"], "set")
    assert changed(FILE, gone) == ["-set = [", '-    "dim=4",  # small', "-]"]
    assert drop(FILE, ["train"], "seed") == drop(FILE, ["eval"], "format") == FILE


def test_a_table_goes_with_its_last_setting_unless_a_comment_is_in_it() -> None:
    text = "# mine\n[a]\nx = 1\n\n[b.c]\ny = 2\n\n[d]\n# why\nz = 3\n"
    assert "[a]" not in drop(text, ["a"], "x")
    assert "c]" not in drop(text, ["b", "c"], "y")
    assert "# why" in drop(text, ["d"], "z")
    assert drop("[e]  # why\nx = 1\n", ["e"], "x") == "[e]  # why\n"
    assert tomllib.loads(drop(text, ["a"], "x")) == {"b": {"c": {"y": 2}}, "d": {"z": 3}}


def test_hyphens_and_underscores_name_the_same_key_which_stays_as_written() -> None:
    assert put("[eval]\nerror_bars = 1\n", ["eval"], "error-bars", 2) == "[eval]\nerror_bars = 2\n"
    assert drop("[eval]\nerror_bars = 1\n", ["eval"], "error-bars") == ""


@pytest.mark.parametrize("text", ['chat = {model = "a"}\n', 'chat.model = "a"\n'])
def test_a_table_may_be_written_in_any_way(text: str) -> None:
    assert tomllib.loads(put(text, ["chat"], "model", "b")) == {"chat": {"model": "b"}}


@pytest.mark.parametrize("text", ["chat = 3\n", "[chat\n"])
def test_what_has_no_table_in_its_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="chat|line 1"):
        put(text, ["chat"], "model", "b")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back_as_it_was_set(value: str) -> None:
    assert tomllib.loads(put(FILE, ["chat"], "model", value))["chat"]["model"] == value
