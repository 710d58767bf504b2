"""Training runs in this process, and what they leave."""

import itertools
import json
from pathlib import Path

import torch

from relmem_cli.runs.run import Run
from relmem_cli.training.checkpoints import read_tensors
from relmem_cli.training.loop import Epoch, Step


def train(run: Run) -> list[Epoch]:
    return [event for _, event in run.events() if isinstance(event, Epoch)]


def read_lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


def same_bits(one: Path, other: Path) -> bool:
    (_, left), (_, right) = read_tensors(one), read_tensors(other)
    return left.keys() == right.keys() and all(torch.equal(left[k], right[k]) for k in left)


def check_resumed(make_run, tmp_path: Path, events: int, **more: object) -> Run:
    """Stop a run after so many events and go on: all is as in one that never stopped."""
    whole = make_run("whole", **more)
    train(whole)
    stopped = make_run("stopped", **more).events()
    seen = list(itertools.islice(stopped, events))
    assert isinstance(seen[-1][1], Step | Epoch)
    stopped.close()
    train(make_run("stopped", resume=True, **more))
    for name in ("best.safetensors", "last.safetensors"):
        assert same_bits(tmp_path / "whole" / name, tmp_path / "stopped" / name)
    once, again = (
        [json.loads(line)["loss"] for line in read_lines(tmp_path / run / "metrics.jsonl")]
        for run in ("whole", "stopped")
    )
    assert once == again
    return whole


def epochs_of(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in read_lines(folder / "metrics.jsonl")]
