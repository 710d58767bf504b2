import re
import stat
from pathlib import Path

import pytest

from relmem_cli.errors import RelmemError
from relmem_cli.files import write_atomically, write_new


@pytest.mark.parametrize("name", ["n" * 300, "file/x", "folder"])
def test_an_error_names_the_file_itself_and_leaves_no_other(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder" / "below").mkdir(parents=True)
    path = tmp_path / name
    with pytest.raises(OSError, match=re.escape(str(path))) as failed:
        write_atomically(path, "x")
    assert failed.value.filename == str(path)
    assert failed.value.strerror
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "folder"]


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "here" / "too" / "x"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, 7)  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    write_atomically(path, "new", mode=0o600)
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["x"]


def test_a_named_file_needs_a_folder_that_is_there(tmp_path: Path) -> None:
    with pytest.raises(RelmemError) as refused:
        write_new(tmp_path / "typo" / "below" / "x", "x")
    assert str(refused.value) == f"there is no folder {tmp_path / 'typo' / 'below'}; make it first."
    assert not list(tmp_path.iterdir())


def test_a_named_file_takes_no_others_place(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_new(path, "mine")
    with pytest.raises(RelmemError, match="is there already"):
        write_new(path, "other")
    assert path.read_text() == "mine"


def test_a_named_file_that_cannot_be_written_is_told_of_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250)
    with pytest.raises(RelmemError) as refused:
        write_new(path, "x")
    assert str(refused.value) == f"{path} cannot be written: File name too long."
