"""The commit of the checkout that relmem runs from; what was installed from a wheel has none."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).parents[1]


class Commit(NamedTuple):
    """Its hash, and whether a file that it has was changed since."""

    hash: str
    changed: bool

    def __str__(self) -> str:
        return f"commit {self.hash[:9]}{', with changes' if self.changed else ''}"


def find_commit(root: Path = _ROOT) -> Commit | None:
    """The commit that `root` is checked out at; None where it is no checkout, or git is missing."""
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        return None
    try:
        commit = _git(git, root, "rev-parse", "HEAD")
        changed = _git(git, root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return Commit(commit, bool(changed))


def _git(git: str, root: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # the git that is on the path, with words of our own
        [git, "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip()
