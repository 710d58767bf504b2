"""Running `relmem` in this process, as its console script does."""

import signal
import sys
from collections.abc import Callable, Iterator
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
def relmem(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Relmem]:
    """relmem("params", "table") runs that command line."""

    def run(*arguments: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["relmem", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    before = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, before)  # `train` and `reproduce` end on it in their own way
