import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from relmem_cli.builtin_recipes import RECIPES, VARIANTS
from relmem_cli.contract import Recipe
from relmem_cli.errors import StoppedError
from relmem_cli.runs.folder import Rank, RunFolder
from relmem_cli.training.cards import read_card
from tests.commands.conftest import Ran, Relmem
from tests.reproducing import failed, row, write
from tests.runs.watching import PATIENCE_SECONDS, epochs, until

RESULTS = "table6-dropconnect.jsonl"


@pytest.fixture
def recipe(tiny_world: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """The recipe dropconnect, of two epochs on a tiny world."""
    settings = {"data": str(tiny_world), "epochs": 2, "batch": 8}
    tiny = Recipe(
        name="dropconnect", summary="", variants=VARIANTS, settings=settings, options={"dim": 8}
    )
    monkeypatch.setitem(RECIPES, "dropconnect", tiny)
    return tiny


@pytest.fixture
def table6(in_threads, relmem: Relmem, recipe: Recipe, tmp_path: Path):
    """Trains the example plugin's variant, which needs no kernel compiled."""

    def run(*arguments: str) -> Ran:
        where = ("--out", str(tmp_path / "out"))
        return relmem("reproduce", "table6", "-v", "gru", "-t", "1", *where, *arguments)

    return run


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of the runs that are trained from now on."""
    from relmem_cli.runs import schedule

    seen: list[str] = []
    real = schedule.run_grid

    def spy(new_executor, jobs, ticket, **more):
        seen.extend(job.folder.name for job in jobs)
        return real(new_executor, jobs, ticket, **more)

    monkeypatch.setattr(schedule, "run_grid", spy)
    return seen


def test_it_trains_writes_results_and_shows_them_beside_the_paper(table6, tmp_path: Path) -> None:
    done = table6("--folds", "2", "--format", "json")
    assert done.code == 0, done.err
    (shown,) = json.loads(done.out)
    assert (shown["variant"], shown["task"], shown["repetitions"]) == ("gru", 1, 2)
    header, *rows = map(json.loads, (tmp_path / "out" / RESULTS).read_text().splitlines())
    assert (header["what"], header["recipe"]) == ("header", "dropconnect")
    assert header["settings"]["epochs"] == 2
    assert {"relmem", "torch", "python", "commit", "changed", "machine", "started"} <= header.keys()
    assert header["machine"].keys() == {"system", "cpu", "cores", "device"}
    assert sorted((one["fold"], one["seed"]) for one in rows) == [(0, 0), (0, 1)]
    for one in rows:
        assert one["test_n"] == 72
        assert len(one["curve"]) == 2
        assert one["settings"]["options"] == {"dim": 8}
        assert one["device"] == "cpu"
        assert one["kept_seed"] == one["seed"]
    errors = [one["test_errors"] / 72 for one in rows]
    assert shown["error"] == pytest.approx(sum(errors) / 2)
    assert f"results: {tmp_path / 'out' / RESULTS}" in done.err


def test_the_same_command_again_trains_nothing_and_shows_the_same(table6, trained) -> None:
    first = table6("--folds", "2", "--format", "md")
    assert sorted(trained) == ["gru-1-tiny-fold0", "gru-1-tiny-fold0-seed1"]
    trained.clear()
    again = table6("--folds", "2", "--format", "md")
    assert again.out == first.out
    assert trained == []


def test_more_folds_train_what_is_missing(table6, trained, tmp_path: Path) -> None:
    table6("--folds", "1")
    trained.clear()
    done = table6("--folds", "2")
    assert trained == ["gru-1-tiny-fold0-seed1"]
    assert "1 of 2 runs are over already" in done.err
    lines = (tmp_path / "out" / RESULTS).read_text().splitlines()
    assert [json.loads(line).get("what") for line in lines] == ["header", None, "header", None]


def test_a_run_that_ended_unseen_is_told_without_being_trained_again(
    table6, trained, tmp_path: Path
) -> None:
    first = table6("--folds", "1", "--format", "md")
    path = tmp_path / "out" / RESULTS
    header, line = path.read_text().splitlines()
    path.write_text(f"{header}\n{line[:20]}")  # it was killed before the line was whole
    trained.clear()
    again = table6("--folds", "1", "--format", "md")
    assert again.out == first.out
    assert trained == []


def test_results_without_their_runs_are_enough_to_go_on(table6, trained, tmp_path: Path) -> None:
    table6("--folds", "1")
    (tmp_path / "out" / "runs").rename(tmp_path / "elsewhere")
    trained.clear()
    assert table6("--folds", "1").code == 0
    assert trained == []


def test_the_table_is_made_again_from_the_file_alone(table6, relmem: Relmem, tmp_path) -> None:
    first = table6("--folds", "2", "--format", "md")
    again = relmem(
        "reproduce", "table6", "--from", str(tmp_path / "out" / RESULTS), "--format", "md"
    )
    assert again.code == 0, again.err
    assert again.out == first.out


def test_reading_results_needs_no_torch(tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", [row(), row(task=2)])
    code = (
        "import sys\n"
        "from relmem_cli.app import app\n"
        "try:\n    app(prog_name='relmem')\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "assert 'torch' not in sys.modules"
    )
    command = [sys.executable, "-c", code, "reproduce", "table6", "--from", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_recipe_that_changed_is_one_clear_error(
    table6, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    table6("--folds", "1")
    changed = replace(recipe, settings={**recipe.settings, "epochs": 3}, options={})
    monkeypatch.setitem(RECIPES, "dropconnect", changed)
    done = table6("--folds", "1")
    assert done.code == 2
    assert "epochs was 2" in done.err
    assert "--out" in done.err


def test_a_run_that_was_trained_with_another_option_is_one_clear_error(
    table6, trained, tmp_path: Path
) -> None:
    table6("--folds", "1")
    path = tmp_path / "out" / RESULTS
    before = path.read_text().replace('"options": {"dim": 8}}, "ended"', '"options": {}}, "ended"')
    path.write_text(before)
    trained.clear()
    done = table6("--folds", "2")
    assert done.code == 2
    assert "holds gru task 1 fold 0 seed 0 as trained with other settings (dim was " in done.err
    assert "--out" in done.err
    assert trained == []
    assert path.read_text() == before


@pytest.mark.parametrize("tried", [1, 2])
def test_of_restarts_the_row_tells_of_the_kept_seed_and_the_time_of_all(
    in_threads, relmem: Relmem, recipe: Recipe, tmp_path: Path, monkeypatch, tried: int
) -> None:
    from relmem_cli.runs import record

    metrics, seconds = record.read_metrics, {"seed-0": 1.5, "seed-1": 4.0}

    def timed(path: Path) -> list[dict[str, Any]]:
        """Each epoch of the first seed took a second and a half, of the second four."""
        return [{**line, "seconds": seconds[path.parent.name]} for line in metrics(path)]

    monkeypatch.setattr(record, "read_metrics", timed)
    # One seed without errors is enough; of two with as many, the second has the smaller loss.
    order = {"seed-0": Rank(tried - 1, 1.0), "seed-1": Rank(tried - 1, 0.0)}
    monkeypatch.setattr(RunFolder, "rank", lambda folder, _: order[folder.path.name])
    several = replace(recipe, variants=("gru",), restarts=2)
    monkeypatch.setitem(RECIPES, "dropconnect", several)
    out = tmp_path / "out"
    done = relmem("reproduce", "table6", "-t", "1", "--folds", "1", "--out", str(out))
    assert done.code == 0, done.err
    _, one = map(json.loads, (out / RESULTS).read_text().splitlines())
    folder = out / "runs/dropconnect/gru-1-tiny-fold0"
    kept = tried - 1
    record = read_card(folder / f"seed-{kept}/best.safetensors").record
    metrics = map(json.loads, (folder / f"seed-{kept}/metrics.jsonl").read_text().splitlines())
    assert (one["variant"], one["seed"], one["kept_seed"]) == ("gru", 0, kept)
    assert one["seeds_tried"] == tried
    assert one["epoch"] == record["epoch"]
    assert one["parameters"] == record["parameters"]
    assert one["validation_errors"] == record["validation"]["errors"]
    assert one["validation_n"] == record["validation"]["n"]
    assert one["seconds"] == record["seconds"]
    assert one["all_seconds"] == {1: 3.0, 2: 11.0}[tried]
    assert one["curve"] == [
        [round(line["loss"], 4), round(line["validation_error"], 4)] for line in metrics
    ]


def test_quick_says_what_it_means_and_keeps_its_results_apart(table6, tmp_path: Path) -> None:
    done = table6("--quick", "--format", "json")
    assert done.code == 0, done.err
    assert "one fold and one restart" in done.err
    (shown,) = json.loads(done.out)
    assert (shown["repetitions"], shown["interval"]) == (1, "questions")
    assert [path.name for path in (tmp_path / "out").glob("*.jsonl")] == [
        "table6-dropconnect-quick.jsonl"
    ]


def test_a_run_that_fails_is_kept_with_its_sentence_and_tried_again(
    in_threads, relmem: Relmem, recipe: Recipe, tmp_path: Path, tiny_world: Path, trained
) -> None:
    command = ["reproduce", "table6", "-v", "gru", "-t", "1,2", "--folds", "1"]
    command += ["--out", str(tmp_path / "out")]
    done = relmem(*command)
    assert done.code == 1
    assert "gru task 2 fold 0 seed 0 failed" in done.out
    _, *rows = map(json.loads, (tmp_path / "out" / RESULTS).read_text().splitlines())
    assert ["is missing" in one.get("failure", "") for one in rows].count(True) == 1
    for split in ("train", "test"):
        text = (tiny_world / f"qa1_tiny_{split}.txt").read_text()
        (tiny_world / f"qa2_tiny_{split}.txt").write_text(text)
    trained.clear()
    mended = relmem(*command)
    assert mended.code == 0
    assert trained == ["gru-2-tiny-fold0"]
    assert "failed: the" not in mended.out


def test_where_every_run_failed_there_is_no_table(
    in_threads, relmem: Relmem, recipe: Recipe, tmp_path: Path
) -> None:
    command = ["reproduce", "table6", "-v", "gru", "-t", "2", "--folds", "1", "--bars"]
    done = relmem(*command, "--out", str(tmp_path / "out"))
    assert done.code == 1
    assert done.out == ""
    assert "gru-2-tiny-fold0 failed: " in done.err
    machines = relmem(*command[:-1], "--out", str(tmp_path / "out"), "--format", "json")
    assert json.loads(machines.out) == []


def test_ctrl_c_ends_with_130_and_the_same_command_goes_on(tmp_path: Path, tiny_world) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from relmem_cli.app import main\n"
        "from relmem_cli.builtin_recipes import RECIPES\n"
        "from relmem_cli.contract import Recipe\n"
        f"settings = {{'data': {str(tiny_world)!r}, 'epochs': 3000, 'patience': 3000}}\n"
        "RECIPES['dropconnect'] = Recipe("
        "name='dropconnect', summary='', variants=(), settings=settings)\n"
        "if __name__ == '__main__':\n    main()\n"
    )
    command = [sys.executable, str(program), "reproduce", "table6", "-v", "gru", "-t", "1"]
    command += ["--folds", "1", "--out", str(tmp_path / "out")]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    folder = tmp_path / "out/runs/dropconnect/gru-1-tiny-fold0"
    until(lambda: epochs(folder) > 2)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=PATIENCE_SECONDS)
    assert running.returncode == 130
    assert "the same command goes on" in said
    assert "results:" not in said  # there is no such file yet
    assert "Traceback" not in said
    assert (folder / "last.safetensors").exists()


def test_ctrl_c_while_figures_are_drawn_says_that_the_runs_are_kept(
    relmem: Relmem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("relmem_cli.reports.figures.draw.draw_all", interrupted)
    path = write(tmp_path / "r.jsonl", [row()])
    done = relmem("reproduce", "table6", "--from", str(path), "--plots", str(tmp_path))
    assert done.code == 130
    assert "stopped; the runs are kept, and not all figures were drawn" in done.err
    assert "goes on" not in done.err


def test_files_of_several_recipes_stand_side_by_side(relmem: Relmem, tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", [row()])
    second = write(tmp_path / "b.jsonl", [row()], Recipe(name="relmem", summary="", variants=()))
    arguments = ("reproduce", "table6", "--from", str(first), "--from", str(second))
    assert {one["recipe"] for one in json.loads(relmem(*arguments, "-f", "json").out)} == {
        "as-published",
        "relmem",
    }
    only = json.loads(relmem(*arguments, "-f", "json", "--recipe", "relmem").out)
    assert [one["recipe"] for one in only] == ["relmem"]


def test_variants_may_be_repeated_or_stand_in_a_list(relmem: Relmem, tmp_path: Path) -> None:
    rows = [row(variant) for variant in ("entnet", "multi-hop", "relation-slot", "self-memory")]
    arguments = ("reproduce", "table6", "--from", str(write(tmp_path / "r.jsonl", rows)))
    done = relmem(*arguments, "-v", "multi-hop, entnet", "-v", "self-memory", "-f", "json")
    shown = [one["variant"] for one in json.loads(done.out)]
    assert shown == ["entnet", "multi-hop", "self-memory"]


def test_results_are_shown_for_the_variants_and_tasks_asked_for(relmem, tmp_path) -> None:
    rows = [row(variant, task) for variant in ("entnet", "multi-hop") for task in (1, 2)]
    path = write(tmp_path / "r.jsonl", rows)
    done = relmem(
        *("reproduce", "table6", "--from", str(path), "-v", "multi-hop", "-t", "2", "-f", "json")
    )
    assert [(one["variant"], one["task"]) for one in json.loads(done.out)] == [("multi-hop", 2)]


@pytest.mark.parametrize("table", ["table5", "table7"])
def test_parameters_are_counted_beside_the_papers(relmem: Relmem, table: str) -> None:
    done = relmem("reproduce", table)
    assert done.code == 0, done.err
    assert "40 of 40 counts are the paper's" in done.out
    rows = json.loads(relmem("reproduce", table, "-f", "json").out)
    assert len(rows) == 40
    assert {one["difference"] for one in rows} == {0}


def test_all_three_tables_come_one_after_the_other_and_60_of_60_counts_are_exact(
    relmem: Relmem, tmp_path: Path
) -> None:
    path = str(write(tmp_path / "r.jsonl", [row(), row(task=2)]))
    done = relmem("reproduce", "all", "--from", path)
    assert [line for line in done.out.splitlines() if line.startswith("Table")] == [
        "Table 5: parameters",
        "Table 7: parameters",
        "Table 6: test error in percent",
    ]
    assert "60 of 60 counts are the paper's" in done.out
    rows = json.loads(relmem("reproduce", "all", "--from", path, "-f", "json").out)
    assert [one["table"] for one in rows].count(5) == 40
    assert {one["table"] for one in rows} == {5, 6, 7}


def test_recipes_are_shown_with_every_setting(relmem: Relmem) -> None:
    rows = {
        one["setting"]: one for one in json.loads(relmem("reproduce", "recipes", "-f", "json").out)
    }
    for name, recipe in RECIPES.items():
        for key, value in recipe.settings.items():
            assert rows[key][name] == str(value)
        assert rows["restarts"][name] == str(recipe.restarts)


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["table6", "--recipe", "soup"], 2, "no recipe 'soup'"),
        (["table6", "--variant", "nope"], 2, "no variant 'nope'"),
        (["table6", "--task", "21"], 2, "the tasks are 1 to 20"),
        (["table6", "--folds", "11"], 2, "--folds"),
        (["table6", "--folds", "0"], 2, "--folds"),
        (["table6", "--quick", "--folds", "2"], 2, "--quick is one fold"),
        (["table6", "-t", "1", "--device", "abacus"], 2, "no device 'abacus'"),
        (["table6", "-t", "1", "--on", "there"], 2, "dask://HOST:PORT"),
        (
            ["table6", "--on", "dask://there:1", "--workers", "3"],
            2,
            "--workers is for this machine",
        ),
        (["table6", "-t", "1", "--wait", "5"], 2, "--wait is for a cluster's workers"),
        (["table6", "--from", "none.jsonl", "--wait", "5"], 2, "leave out --wait"),
        (["table6", "--from", "none.jsonl"], 2, "cannot be read as a results file"),
        (
            ["table6", "--from", "none.jsonl", "--quick"],
            2,
            "--from trains nothing; leave out --quick",
        ),
        (["table5", "--folds", "3"], 2, "table5 trains nothing; leave out --folds"),
        (["recipes", "--device", "cpu"], 2, "recipes trains nothing; leave out --device"),
        (["table8"], 2, "table8"),
    ],
)
def test_wrong_use_is_one_sentence_and_trains_nothing(
    relmem: Relmem, recipe: Recipe, tmp_path: Path, arguments, code, complaint
) -> None:
    out = ["--out", str(tmp_path / "out")] if arguments[0] == "table6" else []
    out = [] if "--from" in arguments else out
    done = relmem("reproduce", *arguments, *out)
    assert done.code == code
    assert complaint in done.err
    assert done.out == ""
    assert not list(tmp_path.glob("out/runs/*"))


def test_a_cluster_that_is_not_there_leaves_no_results_file(table6, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    done = table6("--on", "tls://127.0.0.1:9")
    assert (done.code, done.out) == (1, "")
    assert "needs certificates" in done.err
    assert not (tmp_path / "out" / RESULTS).exists()


def test_where_a_grid_cannot_go_on_what_has_ended_is_shown_and_kept(
    table6, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relmem_cli.runs import schedule

    real = schedule.run_grid

    def stop(*arguments, **more):
        results = real(*arguments, **more)
        yield next(results)
        results.close()
        raise StoppedError("nobody is left")

    monkeypatch.setattr(schedule, "run_grid", stop)
    done = table6("--folds", "2", "--format", "json")
    assert done.code == 1
    assert "relmem: nobody is left; the same command goes on after the last epoch.\n" in done.err
    assert [one["repetitions"] for one in json.loads(done.out)] == [1]
    _, *rows = map(json.loads, (tmp_path / "out" / RESULTS).read_text().splitlines())
    assert len(rows) == 1


def test_ctrl_c_after_the_last_run_says_that_all_are_done(
    table6, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relmem_cli.runs import schedule

    real = schedule.run_grid

    def stop(*arguments, **more):
        yield from real(*arguments, **more)
        raise KeyboardInterrupt

    monkeypatch.setattr(schedule, "run_grid", stop)
    done = table6()
    assert done.code == 130
    assert "relmem: stopped; all runs are done.\n" in done.err
    assert "goes on" not in done.err


def test_missing_data_is_one_sentence(relmem: Relmem, tmp_path: Path) -> None:
    done = relmem("reproduce", "table6", "--quick", "--out", str(tmp_path / "out"))
    assert done.code == 1
    assert "relmem data fetch" in done.err


def test_results_that_hold_nothing_asked_for_are_told(relmem: Relmem, tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", [failed()])
    done = relmem("reproduce", "table6", "--from", str(path))
    assert done.code == 2
    assert "no run in" in done.err


def test_plots_are_written_and_named(relmem: Relmem, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = write(tmp_path / "r.jsonl", [row(), row(task=2)])
    done = relmem("reproduce", "table6", "--from", str(path), "--plots", str(tmp_path / "figures"))
    assert done.code == 0, done.err
    assert len(list((tmp_path / "figures").iterdir())) == 6
    assert f"figure: {tmp_path}/figures/error-by-task-as-published.svg" in done.err


def test_plots_are_written_here_where_no_folder_is_named(
    relmem: Relmem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    path = write(tmp_path / "r.jsonl", [row()])
    monkeypatch.chdir(tmp_path)
    done = relmem("reproduce", "table6", "--plots", "--from", str(path))
    assert done.code == 0, done.err
    assert "figure: error-by-task-as-published.svg" in done.err
    assert len(list(tmp_path.glob("*.svg"))) == 3


def test_plots_without_matplotlib_say_how_to_get_it_before_anything_is_trained(
    table6, trained, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    done = table6("--plots", str(tmp_path / "figures"))
    assert done.code == 1
    assert "pip install 'relmem[plot]'" in done.err
    assert trained == []


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_bars_stand_below_the_table_and_fit_the_terminal(
    relmem: Relmem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    variants = ("entnet", "multi-hop", "relation-slot", "self-memory")
    rows = [row(name, task, errors=900) for name in variants for task in (1, 2)]
    path = str(write(tmp_path / "r.jsonl", rows))
    done = relmem("reproduce", "table6", "--from", path, "--bars")
    bars = [line for line in done.out.splitlines() if "█" in line]
    assert sum(line.count("90.0") for line in bars) == 8
    assert "\x1b" not in done.out
    assert max(map(len, done.out.splitlines())) <= width


def test_bars_are_for_people(relmem: Relmem, tmp_path: Path) -> None:
    path = str(write(tmp_path / "r.jsonl", [row()]))
    done = relmem("reproduce", "table6", "--from", path, "--bars", "-f", "json")
    assert done.code == 2
    assert "--bars go with a table" in done.err


def test_a_run_of_the_file_that_was_trained_on_other_data_is_one_clear_error(
    table6, tiny_world: Path, tmp_path: Path
) -> None:
    table6("--folds", "1")
    file = tiny_world / "qa1_tiny_train.txt"
    file.write_text(file.read_text().replace("shed", "moon"))
    before = (tmp_path / "out" / RESULTS).read_bytes()
    again = table6("--folds", "1")
    assert again.code == 2
    assert "trained on other data (its " in again.err
    assert (tmp_path / "out" / RESULTS).read_bytes() == before


def test_a_table_of_quoted_systems_refuses_a_file_of_others(relmem: Relmem, tmp_path: Path) -> None:
    path = str(write(tmp_path / "own.jsonl", [row()]))
    done = relmem("reproduce", "table2", "--from", path)
    assert (done.code, done.out) == (2, "")
    assert "table2 has runs of the recipes memn2n-1-hop" in done.err
