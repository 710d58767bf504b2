"""Kills in small numbers, and that they notice what they look for: benchmarks/kills.py."""

import os
import random
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from benchmarks import kills
from benchmarks.kills_commands import Place, Series, grid, reproduction
from benchmarks.kills_left import contents, damage, differences
from relmem_cli.runs.record import RunRecord
from tests.reproducing import row, write

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills need os.fork")


@pytest.mark.slow
def test_a_training_that_is_killed_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    killed, problems = kills.trainings(4, tmp_path, random.Random(0))
    assert killed >= 4
    assert problems == []


def test_a_chat_that_is_killed_has_kept_every_line_that_it_said_was(tmp_path: Path) -> None:
    assert kills.chats(4, tmp_path, random.Random(0)) == []


@pytest.mark.slow
@pytest.mark.parametrize("begin", [grid, reproduction])
def test_runs_side_by_side_that_are_killed_go_on_to_the_same_bits(begin, tmp_path: Path) -> None:
    series = Series(begin, Place(tmp_path), random.Random(0), anew=False)
    series.kill(1)
    assert series.kills.total() >= 1
    assert series.problems == []


ONE, OTHER = (row(folder=Path(name)) for name in ("one", "other"))


def test_a_row_too_many_a_file_too_many_and_another_bit_are_noticed(tmp_path: Path) -> None:
    wanted = left(tmp_path / "whole", [ONE, OTHER])
    again = left(tmp_path / "again", [OTHER, ONE])
    assert differences(contents(wanted), contents(again)) == []
    twice = left(tmp_path / "twice", [ONE, ONE, OTHER])
    (twice / ".best.safetensors.0123456789abcdef").write_text("")
    save_file({"weights": torch.tensor([1.0, -0.0])}, twice / "last.safetensors")
    (twice / "settings.toml").unlink()
    assert sorted(differences(contents(wanted), contents(twice))) == [
        ".best.safetensors.0123456789abcdef is left over",
        "last.safetensors differs",
        "results.jsonl differs",
        "settings.toml is missing",
    ]


def left(folder: Path, rows: list[RunRecord]) -> Path:
    """What a training might leave."""
    write(folder / "results.jsonl", rows)
    (folder / "settings.toml").write_text("")
    save_file({"weights": torch.tensor([1.0, 0.0])}, folder / "last.safetensors")
    return folder


@pytest.mark.slow
def test_a_file_that_is_cut_short_is_noticed(tmp_path: Path) -> None:
    kills.trainings(0, tmp_path, random.Random(0))
    folder = tmp_path / "whole"
    assert damage(folder) == []
    names = ["best.safetensors", "last.safetensors", "settings.toml"]
    for name in names:
        os.truncate(folder / name, (folder / name).stat().st_size // 2)
    assert [problem.partition(": ")[0] for problem in damage(folder)] == names
