"""What all tests share: processes side by side, a home of their own, and real bAbI where it is."""

import itertools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from relmem_cli.app import main
from relmem_cli.stories.sources import ARCHIVE, find_archive
from tests.processes import compile_kernels, prepare
from tests.slow import is_slow

prepare()
settings.register_profile(
    "beside-others", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("beside-others")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One worker a core; none for files by name, which are over before workers have begun.

    Nor where snapshots are written: of several workers the last would write over the others'.
    """
    named = all(".py" in argument for argument in config.args)
    return 0 if named or config.getoption("update_snapshots", default=False) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `-m "not slow"` leaves out."""
    for item in items:
        if isinstance(item, pytest.Function) and is_slow(item):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(worker_id: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests that run side by side do not compile the same kernels twice."""
    if worker_id != "master":
        shared = tmp_path_factory.getbasetemp().parent
        compile_kernels(shared, turn=int(worker_id.removeprefix("gw")))


@pytest.fixture(scope="session")
def babi() -> Path:
    """The folder tasks_1-20_v1-2 of the official archive."""
    named = os.environ.get("RELMEM_DATA")
    beside = Path(__file__).parents[2] / "shared" / "babi"
    found = find_archive([*([Path(named)] if named else []), beside])
    if found is None:
        pytest.skip(f"needs bAbI: set RELMEM_DATA to the folder {ARCHIVE}")
    return found


PEOPLE = ("Ann", "Bob", "Cy")
PLACES = ("shed", "yard", "barn")


@pytest.fixture
def tiny_world(tmp_path: Path) -> Path:
    """A folder with a task 1 of our own: 36 stories of two people who go to places."""
    lines = []
    for (first, second), here, there in itertools.product(
        itertools.permutations(PEOPLE, 2), PLACES, PLACES[1:]
    ):
        lines += [
            f"1 {first} went to the {here}.",
            f"2 {second} went to the {there}.",
            f"3 Where is {first}?\t{here}\t1",
            f"4 Where is {second}?\t{there}\t2",
        ]
    folder = tmp_path / "tiny"
    folder.mkdir()
    for split in ("train", "test"):
        (folder / f"qa1_tiny_{split}.txt").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """RELMEM_HOME in a temporary folder, so that no test reads or writes the user's files."""
    home = tmp_path_factory.mktemp("relmem-home")
    monkeypatch.setenv("RELMEM_HOME", str(home))
    monkeypatch.delenv("RELMEM_DATA", raising=False)
    return home


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


Relmem = Callable[..., Ran]


@pytest.fixture
def relmem(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Relmem]:
    """relmem("params", "table") runs that command line in this process, as its script does."""

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
