import os
import re
import stat
from pathlib import Path

import pytest

from relmem_cli.files import (
    check_writable,
    forget_temporaries,
    read_whole,
    replacing,
    write_atomically,
)
from tests.conftest import Relmem


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


def begin_to_write(path: Path) -> Path:
    """What a process that is killed meanwhile leaves."""
    before = set(path.parent.iterdir())
    with replacing(path):
        (half,) = set(path.parent.iterdir()) - before
    half.write_text("half")
    return half


@pytest.mark.parametrize("name", ["model", "[1-2]*", "n" * 100])
def test_what_a_killed_process_had_begun_to_write_is_forgotten(tmp_path: Path, name: str) -> None:
    (tmp_path / f".{name}.notes").write_text("")
    (tmp_path / f".{name[:50]}.{7:016x}").mkdir()
    half = {begin_to_write(tmp_path / name) for _ in range(2)}
    begin_to_write(tmp_path / "other")
    before = set(tmp_path.iterdir())
    forget_temporaries(tmp_path / name)
    assert before - set(tmp_path.iterdir()) == half


def test_a_folder_that_can_be_made_can_be_written_and_is_not_made_yet(tmp_path: Path) -> None:
    check_writable(tmp_path)
    check_writable(tmp_path / "new" / "below")
    assert list(tmp_path.iterdir()) == []


def test_below_a_file_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError) as failed:
        check_writable(tmp_path / "file" / "below")
    assert failed.value.filename == str(tmp_path / "file" / "below")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_leave_to_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        check_writable(tmp_path / "new")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
def test_what_the_umask_keeps_from_others_is_kept(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_atomically(tmp_path / "x", "mine")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o600


def test_only_a_regular_file_of_some_size_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    os.mkfifo(tmp_path / "pipe")
    assert read_whole(tmp_path / "file", 5) == b"12345"
    for path, largest, wrong in (
        (tmp_path / "file", 4, "larger than"),
        (tmp_path / "pipe", 9, "no regular file"),
        (Path("/dev/zero"), 9, "no regular file"),
        (tmp_path, 9, "directory"),
    ):
        with pytest.raises(OSError, match=wrong):
            read_whole(path, largest)


def test_a_story_and_data_that_are_pipes_are_refused_at_once(
    relmem: Relmem, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "qa1_own_train.txt")
    told = relmem("ask", "--story", str(tmp_path / "qa1_own_train.txt"), "Where is Ann?")
    assert (told.code, "no regular file" in told.err) == (1, True)
    for command in (("data", "stats"), ("data", "check"), ("train", "-v", "gru", "-t", "1")):
        ran = relmem(*command, "--data", str(tmp_path))
        assert ran.code in (1, 2)
        assert "no regular file" in " ".join((ran.err + ran.out).split()), command


@pytest.mark.parametrize(
    "command",
    [
        ("eval", "~nobody/x"),
        ("data", "stats", "--data", "~nobody/x"),
        ("data", "show", "--words", "~nobody/x"),
    ],
)
def test_the_home_of_nobody_is_one_sentence(relmem: Relmem, command: tuple[str, ...]) -> None:
    ran = relmem(*command)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "~nobody/x" in ran.err
