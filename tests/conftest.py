"""What all tests share: one torch thread, a home of their own, and real bAbI where it is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from relmem_cli.stories.sources import ARCHIVE, find_archive

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def babi() -> Path:
    """The folder tasks_1-20_v1-2 of the official archive."""
    named = os.environ.get("RELMEM_DATA")
    beside = Path(__file__).parents[2] / "shared" / "babi"
    found = find_archive([*([Path(named)] if named else []), beside])
    if found is None:
        pytest.skip(f"needs bAbI: set RELMEM_DATA to the folder {ARCHIVE}")
    return found


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """RELMEM_HOME in a temporary folder, so that no test reads or writes the user's files."""
    home = tmp_path_factory.mktemp("relmem-home")
    monkeypatch.setenv("RELMEM_HOME", str(home))
    monkeypatch.delenv("RELMEM_DATA", raising=False)
    yield home
