"""A plugin's command that fails ends itself alone."""

import pytest

from tests.conftest import Relmem
from tests.faults.conftest import TOLD, Fault, Install


@pytest.mark.parametrize("what", TOLD)
def test_a_command_that_cannot_be_loaded_is_told_and_no_other_command_knows_of_it(
    install: Install, fault: Fault, relmem: Relmem, what: str
) -> None:
    install()
    before = relmem("variants")
    fault("command", what)
    done = relmem("faulty")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("relmem: command faulty of plugin dist-faulty: ")
    assert TOLD[what] in done.err
    assert done.err.count("\n") == 1
    assert relmem("variants") == before
    assert "faulty" in relmem("--help").out


def test_names_are_completed_without_loading_a_command(
    install: Install, fault: Fault, relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    install()
    fault("command", "exception")
    for name, value in {
        "RELMEM_COMPLETE": "complete_bash",
        "COMP_WORDS": "relmem ",
        "COMP_CWORD": "1",
    }.items():
        monkeypatch.setenv(f"_{name}" if name == "RELMEM_COMPLETE" else name, value)
    done = relmem()
    assert {"train", "faulty"} <= {*done.out.split()}, done.err


@pytest.mark.parametrize("what", [what for what in TOLD if what not in ("exit", "input")])
def test_what_a_plugins_command_raises_is_told_with_the_plugin(
    install: Install, fault: Fault, relmem: Relmem, what: str
) -> None:
    install()
    fault("run", what)
    done = relmem("faulty")
    assert (done.code, done.out) == (1, "ran\n")
    assert done.err.startswith(f"relmem: plugin dist-faulty raised {TOLD[what]}")


@pytest.mark.parametrize("code", [0, 3])
def test_a_plugins_command_ends_with_the_code_that_it_says(
    install: Install, relmem: Relmem, code: int
) -> None:
    install()
    done = relmem("faulty", "--code", str(code))
    assert (done.code, done.out, done.err) == (code, "ran\n", "")
