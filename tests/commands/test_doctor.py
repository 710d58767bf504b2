import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from relmem_cli import __version__
from relmem_cli.plugins import registry
from relmem_cli.reports import installation
from relmem_cli.stories.sources import ARCHIVE

Relmem = Callable[..., Any]

SECTIONS = ["versions", "machine", "devices", "data", "models", "plugins", "folders", "settings"]


def report(relmem: Relmem) -> dict[str, dict[str, str]]:
    ran = relmem("doctor", "--format", "json")
    assert ran.code == 0
    found: dict[str, dict[str, str]] = json.loads(ran.out)
    return found


def test_json_has_every_section(relmem: Relmem) -> None:
    found = report(relmem)
    assert list(found) == SECTIONS
    assert found["versions"]["relmem"].split()[0] == __version__
    assert found["versions"]["python"].startswith(".".join(map(str, sys.version_info[:3])))
    assert not any("failed" in findings for findings in found.values())


def test_text_says_the_same_line_by_line(relmem: Relmem) -> None:
    text = relmem("doctor").out
    for section, findings in report(relmem).items():
        assert f"{section}\n" in text
        for name, finding in findings.items():
            assert any(
                line.split(maxsplit=1)[0] == name.split()[0] and line.endswith(finding)
                for line in text.splitlines()
                if line.strip()
            ), (name, finding)


@pytest.mark.parametrize("probe", SECTIONS)
def test_a_failing_probe_is_shown_and_stops_no_other(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch, probe: str
) -> None:
    def fail() -> dict[str, str]:
        raise OSError("the disk is on fire")

    monkeypatch.setitem(installation._PROBES, probe, fail)
    found = report(relmem)
    assert found[probe] == {"failed": "OSError: the disk is on fire"}
    assert [name for name in found if "failed" in found[name]] == [probe]


def test_the_home_folder_is_shown_as_a_tilde(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("RELMEM_HOME", str(tmp_path / "mine"))
    found = report(relmem)
    assert found["folders"]["runs"].startswith("~")
    assert str(tmp_path) not in json.dumps(found)


def test_variables_that_relmem_does_not_know_are_named_without_their_value(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELMEM_SOME_TOKEN", "hunter2")
    assert report(relmem)["settings"]["RELMEM_SOME_TOKEN"] == "set"
    assert "hunter2" not in relmem("doctor").out


def test_data_is_looked_for_and_counted(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert report(relmem)["data"]["found"] == "nothing"
    (tmp_path / ARCHIVE / "en").mkdir(parents=True)
    (tmp_path / ARCHIVE / "en" / "qa1_single-supporting-fact_test.txt").touch()
    monkeypatch.setenv("RELMEM_DATA", str(tmp_path))
    assert report(relmem)["data"]["en"] == "1 of 40 files"


def test_a_broken_plugin_is_listed_with_its_fault(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = registry().plugins[-1]
    monkeypatch.setattr(plugin, "faults", ["loading: ImportError: no"])
    assert report(relmem)["plugins"][plugin.name].endswith(": loading: ImportError: no")


def test_a_folder_that_cannot_be_written_is_named(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RELMEM_HOME", str(tmp_path / "file"))
    assert "not writable" in report(relmem)["folders"]["settings"]


def test_writability_leaves_nothing_behind(relmem: Relmem, own_home: Path) -> None:
    before = sorted(own_home.rglob("*"))
    relmem("doctor")
    assert sorted(own_home.rglob("*")) == before


def test_gpus_are_named_with_their_memory(relmem: Relmem, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = SimpleNamespace(
        is_available=lambda: True,
        device_count=lambda: 1,
        mem_get_info=lambda index: (2**30, 3 * 2**30),
        get_device_name=lambda index: "Some GPU",
    )
    monkeypatch.setattr(torch, "cuda", fake)
    assert report(relmem)["devices"]["cuda:0"] == "Some GPU, 1.0 GiB of 3.0 GiB free"


def test_without_torch_the_rest_is_still_described(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    found = report(relmem)
    assert found["devices"]["failed"].startswith("ModuleNotFoundError")
    assert "found" in found["data"]
