"""What is released: built as a release is, checked, and installed where nothing else is."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from relmem_cli import __version__

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "relmem_cli": ROOT / "relmem_cli",
    "relmem_cli/models": ROOT / "models",
    "relmem_variants": ROOT / "plugins" / "relmem_variants",
    "relmem_field": ROOT / "plugins" / "relmem_field",
}
MADE = {"__pycache__", ".mypy_cache", ".ruff_cache"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the sdist and the wheel, which is made from that."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("needs uv on the path, which builds releases")
    folder = tmp_path_factory.mktemp("dist")
    run(uv, "build", "-q", "--no-build-isolation", "--python", sys.executable, "-o", folder, ROOT)
    return folder


def run(*command: str | Path, **options) -> str:
    """A command's stdout; it must succeed without a word on stderr."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout


def files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and not MADE & {*path.parts}:
            yield path.relative_to(folder).as_posix()


def test_the_wheel_has_all_files_of_its_packages_and_the_models_and_no_others(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    assert wheel.name == f"relmem-{__version__}-py3-none-any.whl"
    wanted = {f"{name}/{file}" for name, folder in PACKAGES.items() for file in files(folder)}
    with ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if not name.startswith("relmem-")}
    assert found == wanted
    assert {f"{name}/py.typed" for name in PACKAGES if "/" not in name} <= found
    assert "relmem_cli/models/open-transformer-joint.safetensors" in found


def test_the_sdist_can_be_tested_and_has_nothing_that_was_made(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names >= {"tests/conftest.py", "LICENSE", "CHANGELOG.md", "docs/library.md"}
    assert not [name for name in names if MADE & {*name.split("/")} or name.startswith(".venv")]


def test_the_metadata_are_what_an_index_takes(built: Path) -> None:
    told = run(sys.executable, "-m", "twine", "--no-color", "check", "--strict", *built.glob("r*"))
    assert told.count("PASSED") == 2


def test_the_changelog_tells_of_this_version() -> None:
    heads = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert __version__ in heads
    assert set(heads) <= {"Unreleased", __version__, *heads[heads.index(__version__) :]}


def test_the_wheel_works_where_only_what_it_asks_for_is(built: Path, tmp_path: Path) -> None:
    python = new_environment(tmp_path / "env", *built.glob("*.whl"))
    relmem = python.parent / "relmem"
    clean = {
        name: text for name, text in os.environ.items() if name[:6] not in ("PYTHON", "RELMEM")
    }
    here = {"cwd": tmp_path, "env": {**clean, "RELMEM_HOME": str(tmp_path / "home")}}
    assert run(relmem, "--version", **here) == f"relmem {__version__}\n"
    told = "Mary went to the kitchen."  # to a model that has no kernels to compile first
    asked = (relmem, "ask", "-m", "relation-slot-joint", "-s", "-", "Where is Mary?")
    assert run(*asked, input=told, **here) == "kitchen\n"


def new_environment(folder: Path, wheel: Path) -> Path:
    """The Python of an empty environment with the wheel and what it asks for, linked, not copied.

    To install torch anew would take as long as all other tests.
    """
    uv = shutil.which("uv") or ""
    run(uv, "venv", "-q", "--python", sys.executable, folder)
    python = folder / "bin" / "python"
    run(uv, "pip", "install", "-q", "--offline", "--no-deps", "--python", python, wheel)
    (site,) = folder.glob("lib/python*/site-packages")
    for one in needed(distribution("relmem"), {"relmem"}):
        for name in {file.parts[0] for file in one.files or () if file.parts[0] != ".."}:
            if not (site / name).exists():
                (site / name).symlink_to(Path(str(one.locate_file(name))).resolve())
    return python


def needed(of: Distribution, seen: set[str]) -> Iterator[Distribution]:
    """What a distribution asks for, without extras, and what that asks for."""
    for text in of.requires or ():
        requirement = Requirement(text)
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if wanted and requirement.name not in seen:
            seen.add(requirement.name)
            found = distribution(requirement.name)
            yield found
            yield from needed(found, seen)
