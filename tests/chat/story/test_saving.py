from pathlib import Path

import pytest

from relmem_cli.chat.story.story_files import named_path, write_new
from relmem_cli.errors import RelmemError


def test_a_named_file_needs_a_folder_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(RelmemError) as refused:
        write_new(tmp_path / "typo" / "below" / "x", "x", over="/save!")
    assert str(refused.value) == f"there is no folder {tmp_path / 'typo' / 'below'}; make it first."
    assert not list(tmp_path.iterdir())


def test_a_named_file_takes_no_others_place(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_new(path, "mine", over="/save!")
    with pytest.raises(RelmemError, match="is there already; /save! writes over it"):
        write_new(path, "other", over="/save!")
    assert path.read_text() == "mine"


def test_a_named_file_that_cannot_be_written_is_told_of_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 256)
    with pytest.raises(RelmemError) as refused:
        write_new(path, "x", over="/save!")
    assert str(refused.value) == f"{path} cannot be written: File name too long."


def test_a_path_that_was_typed_may_begin_with_the_users_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert named_path("~/x", "") == tmp_path / "x"
    with pytest.raises(RelmemError, match="whom this machine lacks"):
        named_path("~nobody-of-that-name/x", "")
    with pytest.raises(RelmemError, match=r"name is missing: /save x\."):
        named_path("", "/save x")
