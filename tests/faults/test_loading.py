"""A plugin's fault while plugins are loaded costs one line and nothing of the others."""

import os
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from relmem_cli.contract import TrainingEvent
from relmem_cli.plugins import GROUP, load
from tests.faults.conftest import TOLD, Fault, Install, offered

LOADING = (
    "import", "options", "repr", "relmem_variants", "relmem_recipes", "relmem_commands",
    "relmem_sources", "relmem_kinds", "relmem_chat_commands", "relmem_chat_panels",
)  # fmt: skip
"""Where a plugin's code runs then."""


@pytest.mark.parametrize("what", TOLD)
@pytest.mark.parametrize("place", LOADING)
def test_a_fault_while_plugins_are_loaded_costs_one_line_and_nothing_of_the_others(
    install: Install, fault: Fault, capfd: pytest.CaptureFixture[str], place: str, what: str
) -> None:
    others = offered(load(entry_points(group=GROUP)))
    capfd.readouterr()
    fault(place, what)
    found = install()
    out, err = capfd.readouterr()
    (line,) = err.splitlines()
    assert line.startswith("relmem: plugin dist-faulty: ")
    assert TOLD[what] in line
    assert out == ""
    assert offered(found) == others
    assert {plugin.name for plugin in found.plugins if plugin.status != "ok"} == {"faulty"}


@pytest.mark.parametrize("place", [place for place in LOADING if place != "repr"])
def test_what_is_printed_while_plugins_are_loaded_is_on_stderr(
    install: Install, fault: Fault, capfd: pytest.CaptureFixture[str], place: str
) -> None:
    fault(place, "print")
    assert install().plugins[1].status == "ok"
    out, err = capfd.readouterr()
    assert out == ""
    assert {*err.split()} == {"printed", "written"}
    sys.stdout.write("an answer\n")
    assert capfd.readouterr().out == "an answer\n"


@pytest.mark.parametrize("place", ["import", "relmem_sources"])
def test_the_users_own_ctrl_c_is_no_plugins_fault(
    install: Install, fault: Fault, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    before = signal.getsignal(signal.SIGINT)
    fault(place, "SIGINT")
    with pytest.raises(KeyboardInterrupt):
        install()
    assert capsys.readouterr().err == ""
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("what", TOLD)
def test_a_listener_with_a_fault_is_named_once_and_not_called_again(
    install: Install, fault: Fault, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    found = install()
    other: list[int] = []
    found.listeners.append((found.plugins[0], lambda event: other.append(event.epoch)))
    fault("listener", what)
    for epoch in (1, 2, 3):
        found.training_event(
            TrainingEvent(run="r", variant="v", epoch=epoch, loss=1.0, validation_error=0.5)
        )
    assert sys.modules["faulty.plugin"].HEARD == [1]
    assert other == [1, 2, 3]
    (line,) = capsys.readouterr().err.splitlines()
    assert f"plugin dist-faulty: relmem_training_event: {TOLD[what]}" in line


def test_an_installed_plugin_that_ends_the_process_and_prints_changes_no_commands_output(
    faulty: Path,
) -> None:
    info = faulty.parent / "dist_faulty-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dist-faulty\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[relmem]\nfaulty = faulty.plugin\n")
    plugin = faulty / "plugin.py"
    prints = "import os\nprint('printed', flush=True)\nos.system('echo child')\n"
    plugin.write_text(prints + plugin.read_text())
    command = [sys.executable, "-c", "from relmem_cli.script import run; run()", "variants"]
    usual = subprocess.run(command, capture_output=True, text=True, check=True)
    path = os.pathsep.join([str(faulty.parent), os.environ.get("PYTHONPATH", "")])
    broken = {"PYTHONPATH": path, "FAULT_AT": "import", "FAULT": "exit"}
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | broken
    )
    assert done.stdout == usual.stdout
    printed, child, told = done.stderr.splitlines()
    assert (printed, child) == ("printed", "child")
    assert told == "relmem: plugin dist-faulty: loading: SystemExit: 0"
