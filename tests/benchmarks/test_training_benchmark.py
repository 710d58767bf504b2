import json
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "training.py"


SLOTS = ["entnet", "multi-hop", "relation-slot", "self-memory", "all-relations"]


def with_slots(report: dict[str, Any]) -> list[dict[str, Any]]:
    """What was measured of the variants that have a baseline and a roof."""
    return [result for result in report["results"] if result["variant"] in SLOTS]


def command(data: Path, *arguments: str) -> list[str]:
    quick = ["--tasks", "1", "--batch", "16", "--rounds", "1", "--seconds", "0.01"]
    return [str(SCRIPT), "--data", str(data), "--device", "cpu", *quick, *arguments]


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    return {}


@pytest.fixture
def report(tiny_world: Path, tmp_path: Path, kept: dict[str, Any]) -> dict[str, Any]:
    """The JSON of one run of all variants, which is the same on stdout and in the file."""
    if not kept:
        out = tmp_path / "report.json"
        script = [sys.executable, "-W", "error"]
        script += command(tiny_world, "--json", "--out", str(out))
        ran = subprocess.run(script, capture_output=True, text=True, timeout=300, check=False)
        assert ran.returncode == 0, ran.stderr
        kept |= json.loads(ran.stdout)
        assert kept == json.loads(out.read_text())
        assert "geometric mean" in ran.stderr
    return kept


@pytest.fixture
def run(
    tiny_world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., str]:
    """Runs the script with more arguments, in this process; returns what it printed."""

    def run(*arguments: str) -> str:
        monkeypatch.syspath_prepend(SCRIPT.parent)
        monkeypatch.setattr(sys, "argv", command(tiny_world, *arguments))
        runpy.run_path(str(SCRIPT), run_name="__main__")
        return capsys.readouterr().out

    return run


def test_training_benchmark_compares_three_paths_for_every_variant(report: dict[str, Any]) -> None:
    names = [*SLOTS, "relation-transformer"]
    assert [result["variant"] for result in report["results"]] == names
    assert list(report["means"]) == names
    assert {"date", "processor", "threads", "torch"} <= report["machine"].keys()
    assert all(result["roof_gflops"] > 0 for result in report["results"])
    for result in with_slots(report):
        assert list(result["paths"]) == ["baseline", "reference", "fast"]
        speed = {name: path["questions_per_second"] for name, path in result["paths"].items()}
        assert result["fast_over_baseline"] == pytest.approx(
            speed["fast"] / speed["baseline"], rel=0.01
        )
        assert result["fast_over_reference"] == pytest.approx(
            speed["fast"] / speed["reference"], rel=0.01
        )


def test_training_benchmark_counts_each_paths_own_sentences(report: dict[str, Any]) -> None:
    # a tiny story has two sentences and two questions, both after the second sentence
    for result in with_slots(report):
        read = {
            name: path["sentence_steps_per_second"] / path["questions_per_second"]
            for name, path in result["paths"].items()
        }
        assert read == pytest.approx({"baseline": 2, "reference": 1, "fast": 1}, rel=0.01)


def test_training_benchmark_takes_the_roofs_share_from_the_equations_products(
    report: dict[str, Any],
) -> None:
    rows = {"entnet": 20, "multi-hop": 20, "relation-slot": 40, "self-memory": 40}
    for result in with_slots(report):
        steps = result["paths"]["fast"]["sentence_steps_per_second"]
        needed = 6e-9 * rows.get(result["variant"], 210) * 100 * 100 * steps
        assert result["fast_gflops"] == pytest.approx(needed, rel=0.01, abs=0.01)
        share = result["fast_gflops"] / result["roof_gflops"]
        assert result["fast_share_of_roof"] == pytest.approx(share, rel=0.01, abs=1e-3)


def test_training_benchmark_compares_the_transformer_with_its_reference_path(
    report: dict[str, Any],
) -> None:
    (result,) = (one for one in report["results"] if one["variant"] not in SLOTS)
    assert list(result["paths"]) == ["reference", "fast"]
    speed = {name: path["questions_per_second"] for name, path in result["paths"].items()}
    ratio = speed["fast"] / speed["reference"]
    assert result["fast_over_reference"] == pytest.approx(ratio, rel=0.01)
    assert result["fast_over_baseline"] is result["fast_share_of_roof"] is None


def test_training_benchmarks_table_fits_100_columns(run: Callable[..., str]) -> None:
    both = run("--variants", "relation-slot,relation-transformer")
    table = both.partition("\n\n")[2].splitlines()
    assert table[2].startswith("relation-slot ")
    assert table[5].startswith("transformer ")
    assert max(map(len, table)) <= 100


def test_training_benchmark_profiles_a_step(run: Callable[..., str]) -> None:
    profile = run("--profile", "entnet", "1")
    assert "loss and gradients" in profile
    assert "aten::linalg_vector_norm" in profile
    assert "outside torch" in profile


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--variants", "mamba"], "no mamba here"),
        (["--tasks", "99"], "names no bAbI task"),
        (["--tasks", "2"], "is missing"),
        (["--tasks", "1,joint"], "is missing"),
        (["--rounds", "0"], "--rounds is 0; it must be at least 1."),
        (["--out", "no/such/folder.json"], "there is no folder no/such"),
        (["--profile", "mamba", "1"], "mamba"),
    ],
)
def test_training_benchmark_says_what_is_wrong(
    run: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run(*arguments)
    assert said in f"{stopped.value.code} {capsys.readouterr().err}"
