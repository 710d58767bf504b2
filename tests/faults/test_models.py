"""A model with a fault is told with its plugin, as are sources; what they print is no result."""

import json
import sys
from pathlib import Path

import pytest

from relmem_cli.runs.job import Job
from relmem_cli.runs.worker import work
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.testing import check_variant
from relmem_cli.training.settings import Settings
from tests.conftest import Relmem
from tests.faults.conftest import TOLD, Fault, Install

STEERING = {"typer": "Exit", "end": "StopIteration", "disk": "OSError: no disk"}
"""Exceptions that would steer a command or a loop or be told as another's, and how each is told."""


@pytest.fixture
def train(install: Install, relmem: Relmem, tiny_world: Path, tmp_path: Path) -> Relmem:
    """Trains the faulty variant for four epochs."""
    install()
    command = ["train", "-v", "faulty", "--data", str(tiny_world), "--epochs", "4"]
    command += ["--set", "patience=100", "--format", "json", "--out", str(tmp_path / "run")]
    return lambda *more: relmem(*command, *more)


IN_TRAINING = ("constructor", "prepare", "read", "loss", "epoch 1")


@pytest.mark.parametrize("what", [*TOLD, *STEERING])
@pytest.mark.parametrize("place", IN_TRAINING)
def test_a_model_with_a_fault_ends_its_training_in_one_sentence(
    train: Relmem, fault: Fault, place: str, what: str
) -> None:
    fault(place, what)
    done = train()
    assert (done.code, done.out) == (1, "")
    last = done.err.splitlines()[-1]
    told = (TOLD | STEERING)[what]
    assert last.startswith(f"relmem: variant faulty of plugin dist-faulty raised {told}")
    assert "(__init__.py, line " in last
    assert "stopped" not in done.err


@pytest.mark.parametrize("what", TOLD)
def test_a_model_whose_module_cannot_be_imported_is_told_with_its_plugin(
    train: Relmem, fault: Fault, what: str
) -> None:
    fault("model", what)
    done = train()
    assert (done.code, done.out) == (1, "")
    of = "variant faulty of plugin dist-faulty"
    last = done.err.splitlines()[-1]
    assert last.startswith(f"relmem: {of}: faulty.model:Model cannot be loaded: {TOLD[what]}")


@pytest.mark.parametrize("what", TOLD)
def test_the_epochs_before_a_fault_are_kept_and_gone_on_with(
    train: Relmem, fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    fault("epoch 3", what)
    assert train().code == 1
    assert (tmp_path / "run" / "metrics.jsonl").read_text().count("\n") == 2
    assert (tmp_path / "run" / "last.safetensors").exists()
    monkeypatch.delenv("FAULT_AT")
    done = train("--resume")
    assert done.code == 0, done.err
    assert (tmp_path / "run" / "metrics.jsonl").read_text().count("\n") == 4


@pytest.mark.parametrize(("number", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_the_users_own_signals_end_training_within_a_plugins_code_as_ever(
    train: Relmem, fault: Fault, number: str, code: int, tmp_path: Path
) -> None:
    fault("epoch 3", number)
    done = train()
    assert done.code == code
    assert "stopped; the same command with --resume goes on" in done.err
    assert "faulty raised" not in done.err
    assert (tmp_path / "run" / "last.safetensors").exists()


@pytest.mark.parametrize("what", ["exit", "interrupt", "mute", "print"])
def test_training_goes_on_without_a_listener_that_has_a_fault(
    train: Relmem, fault: Fault, what: str
) -> None:
    fault("listener", what)
    done = train()
    assert done.code == 0, done.err
    assert len(json.loads(done.out)) == 1
    told = {**TOLD, "print": "printed"}[what]
    assert done.err.count(told) == (4 if what == "print" else 1)


@pytest.mark.parametrize("place", [*IN_TRAINING, "model"])
def test_what_is_printed_in_training_is_no_result(train: Relmem, fault: Fault, place: str) -> None:
    fault(place, "print")
    done = train()
    assert len(json.loads(done.out)) == 1
    assert "printed" in done.err


@pytest.mark.parametrize("what", ["exit", "interrupt", "own", "mute"])
@pytest.mark.parametrize("place", ["constructor", "loss"])
def test_in_a_grid_a_fault_is_that_runs_failure(
    install: Install, fault: Fault, tiny_world: Path, tmp_path: Path, place: str, what: str
) -> None:
    install()
    fault(place, what)
    (tmp_path / "ticket").touch()
    job = Job(
        settings=Settings(variant="faulty", task="1", data=str(tiny_world), options={"dim": 4}),
        source=BabiFolder(name="tiny", path=tiny_world),
        folder=tmp_path / "run",
        device="cpu",
        ticket=tmp_path / "ticket",
    )
    failure = work(job).failure
    assert failure is not None
    assert failure.startswith(f"variant faulty of plugin dist-faulty raised {TOLD[what]}")


@pytest.fixture
def ask(train: Relmem, relmem: Relmem, tmp_path: Path) -> Relmem:
    """Asks the faulty variant, trained without a fault, where Ann is."""
    assert train().code == 0
    story = tmp_path / "story.txt"
    story.write_text("Ann went to the shed.\n")
    model = str(tmp_path / "run" / "best.safetensors")
    return lambda: relmem("ask", "-s", str(story), "--model", model, "--json", "where is Ann?")


@pytest.mark.parametrize("what", [*TOLD, *STEERING])
@pytest.mark.parametrize("place", ["constructor", "read", "answer"])
def test_a_model_with_a_fault_is_named_where_it_is_asked(
    ask: Relmem, fault: Fault, place: str, what: str
) -> None:
    fault(place, what)
    done = ask()
    assert done.code == 1
    told = f"variant faulty of plugin dist-faulty raised {(TOLD | STEERING)[what]}"
    if place == "constructor" and what in ("exception", "typer"):  # as sizes that do not fit do
        told = "does not fit variant 'faulty': " + {"exception": "broken", "typer": "Exit"}[what]
    assert told in done.err
    assert [json.loads(line)["question"] for line in done.out.splitlines()] == (
        [] if place == "constructor" else ["where is Ann?"]
    )


@pytest.mark.parametrize("place", ["model", "constructor", "read", "answer"])
def test_what_a_model_prints_is_no_answer(ask: Relmem, fault: Fault, place: str) -> None:
    sys.modules.pop("faulty.model")
    fault(place, "print")
    done = ask()
    (line,) = done.out.splitlines()
    assert json.loads(line)["question"] == "where is Ann?"
    assert "printed" in done.err


def test_ctrl_c_while_a_model_answers_is_the_users(ask: Relmem, fault: Fault) -> None:
    ask()
    fault("answer", "SIGINT")
    done = ask()
    assert done.code == 130
    assert "faulty" not in done.err


@pytest.mark.parametrize("what", [*TOLD, "typer"])
def test_a_source_with_a_fault_ends_no_command_but_in_a_sentence(
    train: Relmem, fault: Fault, relmem: Relmem, what: str
) -> None:
    fault("stories", what)
    told = (TOLD | STEERING)[what]
    for done in (
        relmem("train", "-v", "gru", "--data", "faulty", "--task", "one"),
        relmem("eval", "relation-transformer-joint", "--data", "faulty"),
    ):
        assert (done.code, done.out) == (1, "")
        assert f"plugin dist-faulty raised {told}" in done.err
        assert "stopped" not in done.err


@pytest.mark.parametrize("what", TOLD)
def test_the_conformance_test_tells_every_fault(install: Install, fault: Fault, what: str) -> None:
    variant = install().variants["faulty"]
    fault("answer", what)
    with pytest.raises(AssertionError, match=f"variant 'faulty' raised {TOLD[what]}"):
        check_variant(variant)
