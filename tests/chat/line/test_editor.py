"""Writing in an editor: here one of a few lines of shell."""

import os
from pathlib import Path

import pytest

from relmem_cli.chat.line import editor
from relmem_cli.chat.line.editor import edit_text, editor_command
from relmem_cli.errors import RelmemError


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # a function
    """Makes $EDITOR a script."""

    def write(script: str) -> None:
        path = tmp_path / "my editor"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", f"'{path}' --wait")

    return write


def test_what_was_written_comes_back_without_line_breaks_at_its_end(write) -> None:
    write('echo "$1" >> "$2"; echo >> "$2"')
    assert edit_text("Mary slept.") == "Mary slept.\n--wait"
    assert edit_text("") == "--wait"


def test_nobody_else_can_read_it_and_nothing_is_left(write, tmp_path: Path) -> None:
    write(f'ls -ld "$(dirname "$2")" > {tmp_path}/rights; echo "$2" > {tmp_path}/path')
    edit_text("Mary slept.")
    assert (tmp_path / "rights").read_text().startswith("drwx------")
    assert not Path((tmp_path / "path").read_text().strip()).parent.exists()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 3", "ended with code 3"),
        ('printf "\\377" > "$2"', "no text in UTF-8"),
        ('rm "$2"', "cannot be used"),
        ('head -c 2000000 /dev/zero > "$2"', "larger than 1 MB"),
    ],
)
def test_an_editor_that_fails_says_so(write, script: str, why: str) -> None:
    write(script)
    with pytest.raises(RelmemError, match=why):
        edit_text("Mary slept.")


def test_visual_goes_before_editor_and_both_before_the_usual_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert editor_command({"VISUAL": "sh -x", "EDITOR": "cat"}) == ["sh", "-x"]
    assert editor_command({"VISUAL": "", "EDITOR": "cat"}) == ["cat"]
    monkeypatch.setattr(editor, "USUAL", ("no-such-editor", "cat"))
    assert os.path.basename(editor_command({})[0]) == "cat"  # noqa: PTH119
    monkeypatch.setattr(editor, "USUAL", ())
    for environment in ({}, {"EDITOR": "no-such-editor"}, {"EDITOR": "'"}, {"EDITOR": " "}):
        with pytest.raises(RelmemError, match="set EDITOR to the name of one"):
            editor_command(environment)
