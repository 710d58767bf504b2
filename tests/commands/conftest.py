"""Running `relmem` in this process, as its console script does."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from relmem_cli.app import main


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


Relmem = Callable[..., Ran]


@pytest.fixture
def relmem(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Relmem:
    """relmem("params", "table") runs that command line."""

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["relmem", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    return run
