"""A working folder that somebody else filled, and what lies beside it: nothing there may change."""

import signal
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import Ran, Relmem

THESIS = "years of work, and the password is hunter2\n"
ESCAPE = "\x1b]0;title\x07\u202e"
LONGEST = 700
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """The working folder `here`, and `thesis`, a file outside of it."""

    here: Path
    thesis: Path


Refused = Callable[..., Ran]


def listing(folder: Path) -> dict[str, object]:
    """All that lies in a folder, with what it holds."""
    return {
        str(path.relative_to(folder)): path.lstat().st_size if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture(autouse=True)
def _waits_for_nothing() -> Iterator[None]:
    """A test that waits, for a pipe that nobody writes to, say, fails."""

    def fail(*_: object) -> None:
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(PATIENCE_SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The two; at the end nothing outside the working folder has changed, and nothing was run."""
    outside, here = tmp_path / "outside", tmp_path / "here"
    for folder in (outside, here):
        folder.mkdir()
    (outside / "thesis.txt").write_text(THESIS)
    (outside / "empty").write_text("")
    monkeypatch.chdir(here)
    before = listing(outside)
    yield Place(here, outside / "thesis.txt")
    assert listing(outside) == before
    assert (outside / "thesis.txt").read_text() == THESIS
    assert not [*tmp_path.rglob("RAN*")]


@pytest.fixture
def refused(relmem: Relmem, place: Place) -> Refused:
    """refused("eval", "x", said="...") runs that and checks that one clear sentence is all of it.

    said  a part of the sentence
    """

    def run(*arguments: str, said: str) -> Ran:
        there = listing(place.here)
        ran = relmem(*arguments)
        assert ran.code in (1, 2), ran
        assert ran.out == ""
        (line,) = ran.err.splitlines()
        assert line.startswith("relmem: ")
        assert line.endswith(".")
        assert said in line
        assert len(line) < LONGEST
        assert not harmful(line)
        assert "hunter2" not in line
        assert listing(place.here) == there
        return ran

    return run


def harmful(text: str) -> set[str]:
    """What steers a terminal, or is not seen there."""
    unseen = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return {c for c in text if c not in "\n\t" and unicodedata.category(c) in unseen}


def sparse(path: Path, size: int = 3 << 40, begin: bytes = b"") -> Path:
    """A file of so many bytes, which takes no room."""
    path.write_bytes(begin)
    with path.open("r+b") as file:
        file.truncate(size)
    return path
