"""What the commands' tests call a command that ran in this process."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Ran, Relmem

__all__ = ["Ran", "Relmem"]


@pytest.fixture
def in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs in a thread of this process, which need not import torch first."""
    from relmem_cli.runs import pool

    monkeypatch.setattr(pool, "at_home", lambda workers: lambda: ThreadPoolExecutor(1))
