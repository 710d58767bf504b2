"""Code in it, and settings of the libraries that relmem stands on: none of it is run or heeded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from relmem_cli.runs.pool import at_home
from tests.hostile_folders.conftest import Place

RELMEM = Path(sys.executable).with_name("relmem")

NAMES = (
    "multiprocessing", "sitecustomize", "usercustomize", "encodings", "json", "torch", "numba",
    "typer", "rich", "filelock", "relmem_cli", "relmem_variants", "relmem_example", "stranger",
)  # fmt: skip
"""Modules that something would import, were the working folder where modules are looked for."""

CODE = "from pathlib import Path\nPath(__file__).with_name('RAN').touch()\nraise SystemExit(7)\n"


def started(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """A process of its own, which works in the working folder."""
    return subprocess.run([*map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture
def modules(place: Place) -> Place:
    """Its modules, and a plugin that it claims to be."""
    for name in NAMES:
        (place.here / f"{name}.py").write_text(CODE)
    info = place.here / "stranger-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[relmem]\nstranger = stranger\n")
    return place


def test_its_modules_and_plugins_are_none_of_relmems(modules: Place) -> None:
    ran = started(RELMEM, "plugins", "--format", "json")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "stranger" not in ran.stdout


def test_the_workers_of_a_grid_import_nothing_from_it(modules: Place) -> None:
    with at_home(1)() as executor:
        assert executor.submit(os.getpid).result() != os.getpid()
        assert executor.submit(os.getcwd).result() == str(modules.here)


def test_kernels_are_not_compiled_as_its_numba_settings_say(place: Place) -> None:
    """Numba would unpickle machine code from the folder that they name."""
    (place.here / ".numba_config.yaml").write_text("cache_dir: cache\n")
    import_ = "import sys; sys.modules['numba'] = None; import relmem_variants.fast.cpu.tile"
    ran = started(sys.executable, "-P", "-c", import_)
    assert ran.returncode == 1
    assert "RelmemError" in ran.stderr.splitlines()[-1]
    assert ".numba_config.yaml would set how kernels are compiled" in ran.stderr.splitlines()[-1]


SHOW = """
import {draws}
import matplotlib
print(matplotlib.matplotlib_fname(), matplotlib.rcParams["text.usetex"])
"""


@pytest.mark.parametrize("draws", ["relmem_cli.reports.figures.sizes", "relmem_cli.chat.view.plot"])
@pytest.mark.parametrize("pipe", [True, False], ids=["pipe", "file"])
def test_pictures_are_drawn_without_its_matplotlib_settings(
    place: Place, pipe: bool, draws: str
) -> None:
    rc = place.here / "matplotlibrc"
    if pipe:
        os.mkfifo(rc)
    else:
        rc.write_text("text.usetex: True\nbackend: module://stranger\nno.such.key: 1\n")
    ran = started(sys.executable, "-P", "-c", SHOW.format(draws=draws))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert str(place.here) not in ran.stdout
    assert ran.stdout.endswith(" False\n")
