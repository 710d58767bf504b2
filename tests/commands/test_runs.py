"""`relmem runs`: trainings with their curves, and a page of one."""

import json
import os
import platform
from pathlib import Path

import pytest

from relmem_cli.paths import runs_folder
from tests.commands.conftest import Relmem
from tests.commands.making_runs import make_run
from tests.test_door import LISTINGS, NAME, is_harmless


def listed(relmem: Relmem, *more: str) -> dict[str, dict]:
    return {row["run"]: row for row in json.loads(relmem("runs", "--format", "json", *more).out)}


def test_runs_are_listed_with_errors_and_curves(relmem: Relmem) -> None:
    make_run(runs_folder() / "first")
    make_run(runs_folder() / "second", [0.5, 0.4, 0.3], tested=False, seed=3)
    rows = listed(relmem)
    assert list(rows) == ["first", "second"]
    assert (rows["first"]["state"], rows["first"]["test_error"]) == ("done", 0.1)
    assert (rows["first"]["validation_error"], rows["first"]["seconds"]) == (0.25, 3.0)
    assert (rows["second"]["state"], rows["second"]["test_error"]) == ("stopped", None)
    assert (rows["second"]["validation_error"], rows["second"]["seed"]) == (0.3, 3)
    assert rows["second"]["curve"] == [0.5, 0.4, 0.3]
    shown = relmem("runs").out
    assert "█▅" in shown
    assert "█▇▅" in shown
    assert "from 0 to 50%" in shown


def test_runs_of_grids_and_of_several_seeds_are_found_below_a_folder(
    relmem: Relmem, tmp_path: Path
) -> None:
    make_run(tmp_path / "grid" / "one")
    make_run(tmp_path / "seed-of-all")
    for seed, errors in ((0, [0.9]), (1, [0.7])):
        make_run(tmp_path / "grid" / "two" / f"seed-{seed}", errors, tested=False, seed=seed)
    rows = listed(relmem, "--in", str(tmp_path))
    assert list(rows) == [*(str(Path("grid", name)) for name in ("one", "two")), "seed-of-all"]
    assert list(listed(relmem, "--in", str(tmp_path / "grid"))) == ["one", "two"]
    assert list(listed(relmem, "--in", str(tmp_path / "grid" / "one"))) == ["one"]


def test_of_several_seeds_the_kept_one_is_shown(relmem: Relmem) -> None:
    run = runs_folder() / "two"
    for seed, errors in ((0, [0.9]), (1, [0.7])):
        make_run(run / f"seed-{seed}", errors, seed=seed)
    (run / "seed-0" / "best.safetensors").rename(run / "best.safetensors")
    assert listed(relmem)["two"]["curve"] == [0.9]


@pytest.mark.parametrize(("process", "state"), [("me", "training"), ("dead", "stopped")])
def test_a_run_under_way_is_told_from_one_whose_process_died(
    relmem: Relmem, process: str, state: str
) -> None:
    run = make_run(runs_folder() / "run", tested=False)
    number = os.getpid() if process == "me" else 2**22 + 1
    (run / ".running").write_text(f"\nprocess {number} on {platform.node()}\n")
    assert listed(relmem)["run"]["state"] == state


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("settings.toml", "is damaged"),
        ("metrics.jsonl", "is no epoch"),
        ("best.safetensors", "is not a whole .safetensors file"),
    ],
)
def test_a_damaged_run_is_told_in_a_line_and_the_others_are_listed(
    relmem: Relmem, file: str, said: str
) -> None:
    make_run(runs_folder() / "good")
    (make_run(runs_folder() / "bad") / file).write_text("\x1b[31m nonsense")
    done = relmem("runs", "--format", "json")
    assert [row["run"] for row in json.loads(done.out)] == ["good"]
    assert said in done.err
    assert done.err.count("\n") == 1
    assert done.err[:-1].isprintable()
    shown = relmem("runs", "show", "bad")
    assert (shown.code, shown.out, said in shown.err) == (1, "", True)


def test_what_a_run_is_called_and_made_with_steers_no_terminal(relmem: Relmem) -> None:
    hostile = make_run(runs_folder() / NAME, data=NAME)
    for arguments in (["runs"], ["runs", "show", NAME], ["runs", "show", str(hostile)]):
        for how in LISTINGS:
            is_harmless(relmem(*arguments, "--format", how))
    is_harmless(relmem("models", "path", NAME))
    is_harmless(relmem("models", "rm", NAME, "--yes"))


def test_where_there_is_none_it_is_said(relmem: Relmem, tmp_path: Path) -> None:
    none = relmem("runs")
    assert (none.code, none.out) == (0, "")
    assert "there are no runs in" in none.err
    assert relmem("runs", "--format", "json").out == "[]\n"
    absent = relmem("runs", "--in", str(tmp_path / "no"))
    assert (absent.code, absent.out) == (2, "")
    assert "there is no folder" in absent.err


def test_a_page_has_what_is_not_as_usual_and_what_came_of_it(relmem: Relmem) -> None:
    make_run(runs_folder() / "run", batch=7)
    shown = {" ".join(line.split()) for line in relmem("runs", "show", "run").out.splitlines()}
    assert {"variant gru", "batch 7", "dim 8", "state done"} <= shown
    assert {"test error, task 1 10.0%", "parameters 1,234", "epochs 2 of at most 60"} <= shown
    assert "validation error by epoch █▅" in shown
    assert not [line for line in shown if line.startswith("optimizer")]


def test_a_page_is_plain_values_for_machines(relmem: Relmem) -> None:
    folder = make_run(runs_folder() / "run")
    page = json.loads(relmem("runs", "show", str(folder), "--format", "json").out)
    assert page["settings"]["options"] == {"dim": 8}
    assert [epoch["loss"] for epoch in page["metrics"]] == [1.0, 0.5]
    epochs = relmem("runs", "show", "run", "--format", "csv").out.splitlines()
    assert epochs == ["epoch,loss,validation_error,seconds", "1,1.0,0.5,1.5", "2,0.5,0.25,1.5"]


def test_a_run_that_there_is_not_is_told_with_one_like_it(relmem: Relmem) -> None:
    make_run(runs_folder() / "kitchen-net")
    done = relmem("runs", "show", "kitchn-net")
    assert (done.code, done.out) == (2, "")
    assert "did you mean kitchen-net?" in done.err
    assert "holds no run" in relmem("runs", "show", str(runs_folder())).err
    misplaced = relmem("runs", "--in", ".", "show", "kitchen-net")
    assert "relmem runs show RUN --in FOLDER" in misplaced.err


@pytest.mark.slow
def test_a_run_is_drawn(relmem: Relmem, tmp_path: Path) -> None:
    make_run(runs_folder() / "run")
    done = relmem("runs", "show", "run", "--plot", str(tmp_path / "figures"))
    assert done.code == 0
    drawn = {path.name: path.read_bytes()[:5] for path in (tmp_path / "figures").iterdir()}
    assert drawn == {"run-run.png": b"\x89PNG\r", "run-run.svg": b"<?xml"}
    (runs_folder() / "run" / "metrics.jsonl").unlink()
    none = relmem("runs", "show", "run", "--plot", str(tmp_path / "figures"))
    assert (none.code, "has no epoch yet" in none.err) == (1, True)


@pytest.mark.parametrize("command", [("runs", "show"), ("eval",), ("reproduce",)])
def test_a_command_that_draws_says_what_is_missing(
    relmem: Relmem, command: tuple[str, ...]
) -> None:
    for more in ((), ("--plots",)):
        done = relmem(*command, *more)
        assert (done.code, "Missing argument" in done.err) == (2, True), done.err


@pytest.mark.slow
@pytest.mark.parametrize("more", [(), ("--format", "json")])
def test_a_run_is_drawn_into_the_present_folder_where_none_is_named(
    relmem: Relmem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    make_run(runs_folder() / "run")
    monkeypatch.chdir(tmp_path)
    done = relmem("runs", "show", "run", "--plot", *more)
    assert done.code == 0
    assert done.err == "relmem: drew run-run.png.\nrelmem: drew run-run.svg.\n"
    assert {path.name for path in tmp_path.glob("run-run.*")} == {"run-run.png", "run-run.svg"}
    relmem("runs", "show", "--plots=figures", "run")
    assert len(list((tmp_path / "figures").iterdir())) == 2


def test_a_name_of_the_list_is_taken_with_the_same_folder(relmem: Relmem, tmp_path: Path) -> None:
    make_run(tmp_path / "grid" / "one")
    (name,) = listed(relmem, "--in", str(tmp_path))
    shown = relmem("runs", "show", name, "--in", str(tmp_path), "-f", "json")
    assert json.loads(shown.out)["run"] == "one"
    lost = relmem("runs", "show", "grid/two", "--in", str(tmp_path))
    assert lost.code == 2
    assert (
        f"relmem runs --in {tmp_path} lists them"
        in relmem("runs", "show", "xyz", "--in", str(tmp_path)).err
    )


def test_names_are_not_broken_over_two_lines(
    relmem: Relmem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    name = "open-transformer-joint-world-mixture-fold10-seed12"
    make_run(tmp_path / name)
    assert f"\n{name} " in relmem("runs", "--in", str(tmp_path)).out
    longest = "a" * 100
    make_run(tmp_path / longest)  # there is nothing for it but to break it
    shown = relmem("runs", "--in", str(tmp_path)).out
    assert sum(line.count("a") for line in shown.splitlines() if set(line[:9]) == {"a"}) == 100
