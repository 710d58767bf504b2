"""The commit that relmem runs from, asked of a repository of the test's own."""

import subprocess
from pathlib import Path

import pytest

from relmem_cli.checkout import Commit, find_commit


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def test_a_checkout_has_a_commit_and_says_when_a_file_of_it_was_changed(tmp_path: Path) -> None:
    git(tmp_path, "init")
    (tmp_path / "one").write_text("as it was")
    git(tmp_path, "add", "one")
    git(tmp_path, "commit", "-m", "one")
    (tmp_path / "new").write_text("which git does not know")
    found = find_commit(tmp_path)
    assert found
    assert (len(found.hash), found.changed) == (40, False)
    (tmp_path / "one").write_text("otherwise")
    assert find_commit(tmp_path) == Commit(found.hash, changed=True)


def test_what_is_no_checkout_has_none_and_neither_where_git_is_missing_or_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_commit(tmp_path) is None
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    assert find_commit(tmp_path) is None
    monkeypatch.setenv("PATH", "")
    assert find_commit() is None
