"""The plugin of docs/tutorials/researcher.md, put together as its reader would."""

import importlib
import re
import sys
import tomllib
from pathlib import Path

import pytest

from relmem_cli.testing import check_variant
from tests.docs.shell import ROOT

TUTORIAL = ROOT / "docs" / "tutorials" / "researcher.md"
FILES = re.compile(r"^`fading/(\S+)` .*?\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_three_files_of_the_tutorial_are_a_variant_that_conforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = dict(FILES.findall(TUTORIAL.read_text(encoding="utf-8")))
    assert len(files) == 3
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    (module,) = tomllib.loads(files["pyproject.toml"])["project"]["entry-points"]["relmem"].values()
    plugin = importlib.import_module(module)
    (variant,) = plugin.relmem_variants()
    try:
        check_variant(variant)
    finally:
        for name in [name for name in sys.modules if name.startswith("fading_memory")]:
            del sys.modules[name]
