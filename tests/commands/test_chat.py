import logging
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from relmem_cli.app import app
from relmem_cli.errors import RelmemError, UsageError

RUNNER = CliRunner()


def refusal(*arguments: str, **options: Any) -> str:
    """Why `relmem chat` did not start; a model that is not there is named by what was chosen."""
    result = RUNNER.invoke(app, ["chat", *arguments], input="", **options)
    assert isinstance(result.exception, UsageError)
    return str(result.exception)


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without relmem.toml, and no models."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("relmem_cli.library.shipped_models", lambda: tmp_path)
    return tmp_path


def test_the_joint_model_is_the_default() -> None:
    assert "no model 'open-transformer-joint'" in refusal()


def test_task_names_the_model_of_one_task() -> None:
    assert "no model 'relation-transformer-7'" in refusal("--task", "7")


def test_model_names_any_model() -> None:
    assert "no model 'mine'" in refusal("--model", "mine")


def test_model_and_task_together_are_refused() -> None:
    assert "--model and --task" in refusal("--model", "mine", "--task", "7")


def test_a_pipe_says_what_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels are compiled for half a minute the first time."""

    def load(*_: object) -> None:
        logging.getLogger("relmem.kernels").info("compiling")
        raise RelmemError("that is all.")

    monkeypatch.setattr("relmem_cli.chat.model.loader.open_reader", load)
    monkeypatch.setattr(logging.getLogger("relmem"), "handlers", [])
    assert "relmem: compiling" in RUNNER.invoke(app, ["chat"], input="").stderr


def test_continue_is_not_for_a_pipe() -> None:
    assert "not with a pipe's" in refusal("--continue")


def test_a_flag_goes_before_the_other_setting_in_the_environment() -> None:
    assert "no model 'relation-transformer-7'" in refusal(
        "--task", "7", env={"RELMEM_CHAT_MODEL": "mine"}
    )
    assert "no model 'mine'" in refusal("--model", "mine", env={"RELMEM_CHAT_TASK": "7"})


def test_the_environment_goes_before_the_other_setting_in_a_file(nothing_set: Path) -> None:
    (nothing_set / "relmem.toml").write_text('[chat]\nmodel = "mine"\n')
    assert "no model 'mine'" in refusal()
    assert "no model 'relation-transformer-7'" in refusal(env={"RELMEM_CHAT_TASK": "7"})


def test_continue_is_refused_in_a_pipe_but_not_where_it_is_set_for_good(
    nothing_set: Path,
) -> None:
    assert "--continue goes on" in refusal("--continue")
    (nothing_set / "relmem.toml").write_text("[chat]\ncontinue = true\n")
    assert "no model 'open-transformer-joint'" in refusal()


def test_a_panel_that_is_not_there_is_refused_in_a_pipe_too() -> None:
    assert refusal("--panel", "nope").startswith("there is no chat panel 'nope'; there are: ")


@pytest.mark.parametrize("task", ["0", "21", "x"])
def test_there_are_twenty_tasks(task: str) -> None:
    assert RUNNER.invoke(app, ["chat", "--task", task]).exit_code == 2


def test_help_has_examples() -> None:
    assert "relmem chat --task 1" in RUNNER.invoke(app, ["chat", "--help"]).output
