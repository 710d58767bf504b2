import json
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import torch

from relmem_cli.builtin_recipes import RECIPES
from relmem_cli.runs.ledger import read_results
from relmem_cli.training.cards import read_card
from relmem_cli.training.checkpoints import read_tensors
from tests.commands.conftest import Relmem
from tests.runs.watching import PATIENCE_SECONDS, epochs, until

RELMEM = str(Path(sys.executable).with_name("relmem"))


@pytest.fixture
def command(tiny_world: Path, tmp_path: Path) -> list[str]:
    """`relmem train` on the tiny world."""
    return [
        *(RELMEM, "train", "--variant", "entnet", "--data", str(tiny_world), "--set", "dim=8"),
        *("--set", "slots=3", "--out", str(tmp_path / "run")),
    ]


@pytest.fixture
def train(relmem: Relmem, command: list[str]) -> Relmem:
    """Runs it with more arguments, in this process."""
    return lambda *more: relmem(*command[1:], *more)


def test_training_ends_with_the_test_error_and_where_the_model_is(
    command: list[str], tmp_path: Path
) -> None:
    command += ["--epochs", "2", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert row["model"] == str(tmp_path / "run" / "best.safetensors")
    assert Path(row["model"]).exists()
    assert row["n"] == 72
    assert 0 <= row["test_error"] <= 1


def test_progress_is_plain_lines_on_stderr_when_that_is_no_terminal(train) -> None:
    done = train("--epochs", "2", "--restarts", "2")
    lines = [line for line in done.err.splitlines() if "epoch" in line]
    assert len(lines) == 4
    assert "entnet task 1  seed 1  epoch 2/2" in lines[-1]
    assert "validation" in lines[0]
    assert "\x1b" not in done.err + done.out
    assert "Model:" in done.out


def test_an_interrupted_run_says_how_to_go_on_and_does(
    train, command: list[str], tmp_path: Path
) -> None:
    long = ("--epochs", "5000", "--set", "patience=5000")
    running = subprocess.Popen([*command, *long], stderr=subprocess.PIPE, text=True)
    until(lambda: epochs(tmp_path / "run") > 2)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 130
    assert "--resume" in said
    assert "Traceback" not in said
    assert (tmp_path / "run" / "last.safetensors").exists()
    assert (tmp_path / "run" / "best.safetensors").exists()
    again = train(*long)
    assert again.code == 2
    assert "already holds a run; add --resume" in again.err


def test_one_run_has_a_results_file_as_a_grid_has(train, relmem: Relmem, tmp_path: Path) -> None:
    (shown,) = json.loads(train("--epochs", "2", "--format", "json").out)
    path = tmp_path / "run/results.jsonl"
    header, line = map(json.loads, path.read_text().splitlines())
    assert (header["what"], header["recipe"]) == ("header", "run")
    assert (line["variant"], line["task"], line["test_n"]) == ("entnet", 1, 72)
    assert len(line["curve"]) == 2
    read = relmem("reproduce", "table6", "--from", str(path), "--format", "json")
    assert [one["error"] for one in json.loads(read.out)] == [shown["test_error"]]


def test_a_run_that_goes_on_is_in_its_results_file_as_it_ended_last(
    train, relmem: Relmem, tmp_path: Path
) -> None:
    train("--epochs", "1")
    moved = (tmp_path / "run").rename(tmp_path / "moved")
    done = train("--epochs", "2", "--resume", "--out", str(moved), "--format", "json")
    assert done.code == 0, done.err
    (one,) = read_results([moved / "results.jsonl"]).rows
    assert len(one.curve) == 2
    assert one.test_error == json.loads(done.out)[0]["test_error"]


def test_a_run_among_others_has_its_results_file_in_its_own_folder(
    relmem: Relmem, command: list[str], own_home: Path
) -> None:
    done = relmem(*command[1:-2], "--epochs", "1", "--format", "json")
    folder = Path(json.loads(done.out)[0]["model"]).parent
    assert folder.is_relative_to(own_home)
    assert len(read_results([folder / "results.jsonl"]).rows) == 1
    assert not (folder.parent / "results.jsonl").exists()


def test_a_run_that_came_to_nothing_leaves_no_results(train, tmp_path: Path) -> None:
    done = train("--epochs", "1", "--set", "learning_rate=1e11", "--set", "clip=0")
    assert (done.code, "smaller learning_rate" in done.err) == (1, True)
    assert not (tmp_path / "run/results.jsonl").exists()


def test_what_is_no_results_file_is_neither_written_to_nor_waited_for(
    train, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run/results.jsonl").write_text("my own notes\nof last week\n")
    done = train("--epochs", "1")
    assert done.code == 2
    assert "results.jsonl is no result of relmem" in done.err
    assert "epoch" not in done.err
    assert (tmp_path / "run/results.jsonl").read_text() == "my own notes\nof last week\n"


def test_a_finished_run_can_be_resumed_without_training_more(train) -> None:
    train("--epochs", "2")
    done = train("--epochs", "2", "--resume", "--format", "json")
    assert done.code == 0
    assert "epoch" not in done.err
    assert json.loads(done.out)[0]["n"] == 72


def test_a_run_keeps_every_setting_as_it_was_resolved(train, tmp_path: Path) -> None:
    train("--epochs", "1")
    kept = tomllib.loads((tmp_path / "run" / "settings.toml").read_text())
    assert kept["options"] == {"slots": 3, "dim": 8}
    assert kept["data"] == str(tmp_path / "tiny")
    assert read_card(tmp_path / "run" / "best.safetensors").options == kept["options"]


@pytest.mark.slow
def test_one_task_that_fails_costs_the_others_nothing(train, tiny_world: Path, tmp_path) -> None:
    for split in ("train", "test"):
        text = (tiny_world / f"qa1_tiny_{split}.txt").read_text()
        (tiny_world / f"qa3_tiny_{split}.txt").write_text(text)
    done = train("--epochs", "1", "--task", "1-3", "--format", "json")
    assert done.code == 1
    rows = {row["task"]: row for row in json.loads(done.out)}
    assert [task for task, row in rows.items() if row["model"]] == [1, 3]
    assert "is missing" in rows[2]["failure"]
    assert "entnet-2-tiny failed: " in done.err


def test_renaming_is_a_setting_that_a_run_keeps(train, tmp_path: Path) -> None:
    done = train("--epochs", "1", "--rename", "auto", "--set", "rename_after=0")
    assert done.code == 0, done.err
    assert tomllib.loads((tmp_path / "run" / "settings.toml").read_text())["rename"] == "auto"
    again = train("--epochs", "1", "--resume")
    assert again.code == 2
    assert "rename was 'auto'" in again.err


@pytest.fixture
def grid(relmem: Relmem, tiny_world: Path, tmp_path: Path) -> Relmem:
    """Runs a grid of the example plugin's variant, which needs no kernel compiled."""
    command = ("train", "-v", "gru", "--data", str(tiny_world), "--set", "dim=8")
    command += ("--epochs", "1", "--out", str(tmp_path / "out"))
    return lambda *more: relmem(*command, *more)


@pytest.mark.slow
def test_a_grid_ends_with_one_table_and_a_line_for_each_run(
    grid, relmem: Relmem, tmp_path: Path
) -> None:
    done = grid("--seed", "0,2-3", "--format", "md")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "| task | gru |"
    assert "Each is the mean of 3 runs." in done.out
    ends = done.err.splitlines()
    assert sorted(line.split()[0] for line in ends) == [
        "gru-1-tiny",
        "gru-1-tiny-seed2",
        "gru-1-tiny-seed3",
    ]
    assert ends[-1].endswith("(3 of 3)")
    lines = (tmp_path / "out/results.jsonl").read_text().splitlines()
    header, *rows = [json.loads(line) for line in lines]
    assert (header["what"], header["recipe"]) == ("header", "out")
    assert sorted(row["seed"] for row in rows) == [0, 2, 3]
    assert "\x1b" not in done.err + done.out
    path = str(tmp_path / "out/results.jsonl")
    drawn = relmem("reproduce", "table6", "--from", path, "--format", "json")
    assert drawn.code == 0, drawn.err
    assert [row["task"] for row in json.loads(drawn.out)] == [1]


def test_a_grid_does_not_begin_over_runs_that_are_there(grid, tmp_path: Path) -> None:
    (tmp_path / "out/gru-1-tiny").mkdir(parents=True)
    (tmp_path / "out/gru-1-tiny/settings.toml").write_text("")
    done = grid("--seed", "0-2")
    assert done.code == 2
    assert "1 of these 3 runs (gru-1-tiny); add --resume" in done.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["gru-1-tiny"]


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["--variant", "nope"], 2, "no variant 'nope'; there are:"),
        (["--task", "21"], 2, "the tasks are 1 to 20"),
        (["--task", "2"], 1, "is missing"),
        (["--set", "slots=none"], 2, "not a whole number"),
        (["--set", "slots=0"], 2, "slots is 0"),
        (["--set", "colour=red"], 2, "no such setting"),
        (["--rename", "all"], 2, "--rename"),
        (["--device", "abacus"], 2, "no device 'abacus'"),
        (["--data", "nowhere"], 2, "neither a known set"),
        (["--data", "hn"], 1, "relmem data fetch"),
        (["--task", "1-99999999999"], 2, "the tasks are 1 to 20"),
        (["--out", "/dev/null/x"], 1, "cannot be used"),
        (["--epochs", "0"], 2, "--epochs"),
        (["--seed", "0-x"], 2, "seed '0-x' is not a number"),
        (["--fold", "9-0"], 2, "ends before it begins"),
        (["--seed", "0-99999"], 2, "more than 10,000"),
        (["--variant", "gru,nope"], 2, "no variant 'nope'"),
        (["--seed", "0-1", "--device", "abacus"], 2, "no device 'abacus'"),
        (["--seed", "0-1", "--on", "there"], 2, "dask://HOST:PORT"),
        (["--on", "dask://there:1", "--workers", "3"], 2, "--workers is for this machine"),
        (["--seed", "0-1", "--wait", "5"], 2, "--wait is for a cluster's workers"),
        (["--on", "dask://there:1", "--wait", "0"], 2, "--wait"),
    ],
)
def test_wrong_use_is_one_sentence_and_writes_nothing(
    train, tmp_path, arguments, code, complaint
) -> None:
    done = train(*arguments)
    assert done.code == code
    assert complaint in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert not (tmp_path / "run").exists()


def test_a_recipes_settings_are_used_where_no_others_are_given(train, tmp_path: Path) -> None:
    done = train("--recipe", "relmem", "--epochs", "2", "--set", "clip=3", "--restarts", "1")
    assert done.code == 0, done.err
    settings = tomllib.loads((tmp_path / "run" / "settings.toml").read_text())
    recipe = RECIPES["relmem"].settings
    assert settings["learning_rate"] == recipe["learning_rate"]
    assert (settings["rename"], settings["epochs"], settings["clip"]) == ("auto", 2, 3.0)


def test_an_unknown_recipe_is_wrong_usage(train) -> None:
    done = train("--recipe", "soup")
    assert (done.code, done.out) == (2, "")
    assert "no recipe 'soup'" in done.err


def test_a_run_begins_with_a_model_and_goes_on_with_its_words_and_options(
    train: Relmem, relmem: Relmem, tiny_world: Path, tmp_path: Path
) -> None:
    train("--epochs", "4")
    first = tmp_path / "run" / "best.safetensors"
    more = ("--data", str(tiny_world), "--epochs", "1", "--set", "learning_rate=1e-9")
    done = relmem(
        "train", "--variant", "entnet", "--from", str(first), *more, "--out", str(tmp_path / "two")
    )
    assert done.code == 0, done.err
    second = tmp_path / "two" / "best.safetensors"
    was, now = read_card(first), read_card(second)
    assert (now.options, now.vocabulary, now.sizes) == (was.options, was.vocabulary, was.sizes)
    assert now.record["settings"]["begin"] == str(first)
    assert now.record["validation"]["errors"] == was.record["validation"]["errors"]
    weights, others = (read_tensors(path)[1] for path in (first, second))
    assert all(torch.allclose(weights[name], others[name], atol=1e-4) for name in weights)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--variant", "multi-hop"), "--variant entnet"),
        (("--variant", "entnet", "--set", "dim=9"), "another kind"),
    ],
)
def test_a_run_of_another_kind_cannot_begin_with_a_model(
    train: Relmem,
    relmem: Relmem,
    tiny_world: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    why: str,
) -> None:
    train("--epochs", "1")
    out = tmp_path / "two"
    begin = ("--from", str(tmp_path / "run"), "--data", str(tiny_world), "--out", str(out))
    done = relmem("train", *arguments, *begin)
    assert done.code == 2
    assert why in done.err
    assert not out.exists()
