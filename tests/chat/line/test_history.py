import os
import stat
from pathlib import Path

import pytest
from prompt_toolkit.history import InMemoryHistory

from relmem_cli.chat.line.history import LONGEST, MOST, open_history


def kept(path: Path) -> list[str]:
    """The lines in the file, the latest first."""
    return list(open_history(path)[0].load_history_strings())


def test_history_is_kept_from_one_chat_to_the_next_and_only_for_the_user(tmp_path: Path) -> None:
    path = tmp_path / "new" / "history"
    history, warning = open_history(path)
    assert warning == ""
    history.append_string("Mary slept.\nWhere is Mary?")
    assert kept(path) == ["Mary slept.\nWhere is Mary?"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_history_that_others_could_read_is_the_users_alone_from_then_on(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.touch(mode=0o644)
    open_history(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_costs_the_history_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    history, warning = open_history(tmp_path / "file" / "history")
    assert isinstance(history, InMemoryHistory)
    assert "no history is kept" in warning


def test_history_that_stops_being_writable_loses_no_line(tmp_path: Path) -> None:
    history, _ = open_history(tmp_path / "history")
    (tmp_path / "history").unlink()
    (tmp_path / "history").mkdir()
    history.append_string("Mary slept.")
    assert history.get_strings() == ["Mary slept."]


def test_only_the_latest_lines_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "history"
    path.write_text("".join(f"\n# today\n+line {n}\n+# more\n" for n in range(MOST + 10)))
    lines = kept(path)
    assert len(lines) == MOST
    assert (lines[0], lines[-1]) == (f"line {MOST + 9}\n# more", "line 10\n# more")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["history"]


def test_a_line_that_is_too_long_is_not_kept(tmp_path: Path) -> None:
    history, _ = open_history(tmp_path / "history")
    history.append_string("a" * (LONGEST + 1))
    history.append_string("\udcff Mary")
    assert kept(tmp_path / "history") == ["? Mary"]


def test_what_a_link_leads_to_keeps_its_mode_and_its_lines(tmp_path: Path) -> None:
    theirs, path = tmp_path / "theirs", tmp_path / "history"
    lines = "".join(f"\n# today\n+line {n}\n" for n in range(MOST + 10))
    theirs.write_text(lines)
    theirs.chmod(0o644)
    path.symlink_to(theirs)
    open_history(path)
    assert (theirs.read_text(), stat.S_IMODE(theirs.stat().st_mode)) == (lines, 0o644)
    assert path.is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="there are no named pipes")
def test_a_pipe_keeps_no_history_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "history")
    _, warning = open_history(tmp_path / "history")
    assert "it is no regular file" in warning
