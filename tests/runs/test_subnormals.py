"""Subnormal numbers are taken for zero wherever numbers are computed, and nowhere else."""

import runpy
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import torch

from relmem_cli.chat.model.loader import open_reader
from relmem_cli.chat.story.lines import parse_line
from relmem_cli.plugins import registry
from relmem_cli.runs.pool import at_home
from relmem_cli.runs.schedule import run_grid
from relmem_cli.training.arithmetic import flushed, subnormals_flushed, use_threads

PROBE = Path(__file__).parents[1] / "probe"
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The variant "probe" is installed, here and in the processes that are started."""
    monkeypatch.setenv("PYTHONPATH", str(PROBE))
    monkeypatch.syspath_prepend(PROBE)
    registry.cache_clear()
    yield
    registry.cache_clear()
    assert not flushed()


@pytest.fixture
def model(probe, relmem, tiny_world: Path, tmp_path: Path) -> str:
    """The path of a model that was trained without a subnormal number."""
    out = tmp_path / "run"
    settings = ["-v", "probe", "--data", str(tiny_world), "--epochs", "2", "--out", str(out)]
    ran = relmem("train", *settings, "--device", "cpu")
    assert ran.code == 0, ran.err
    return str(out / "best.safetensors")


def test_a_product_that_would_be_subnormal_is_zero_inside_and_not_after() -> None:
    tiny = torch.tensor(1e-30)
    assert tiny * 1e-10 != 0
    with subnormals_flushed():
        assert tiny * 1e-10 == 0
        with subnormals_flushed():
            assert flushed()
        assert flushed()
    assert tiny * 1e-10 != 0


def test_an_error_inside_leaves_arithmetic_as_it_was() -> None:
    with pytest.raises(KeyError), subnormals_flushed():
        raise KeyError
    assert not flushed()


def test_training_eval_chat_and_ask_flush_them(model: str, relmem, monkeypatch, tmp_path) -> None:
    """The probe fails in `read`, `answer` and `backward` where they do not."""
    story = tmp_path / "story.txt"
    story.write_text("Ann went to the shed.\nWhere is Ann?\n")
    for command in (["eval"], ["ask", "--story", str(story), "Where is Ann?", "--model"]):
        ran = relmem(*command, model)
        assert ran.code == 0, ran.err
    with story.open() as lines:
        monkeypatch.setattr(sys, "stdin", lines)
        ran = relmem("chat", "--model", model)
    assert ran.code == 0, ran.err


def test_every_thread_of_a_run_with_several_flushes_them(
    probe, relmem, tiny_world: Path, tmp_path: Path
) -> None:
    threads = torch.get_num_threads()
    out = ["--data", str(tiny_world), "--epochs", "1", "--out", str(tmp_path / "run")]
    try:
        ran = relmem("train", "-v", "probe", *out, "--device", "cpu", "--threads", "2")
    finally:
        use_threads(threads)
    assert ran.code == 0, ran.err


def test_a_grids_processes_flush_them(probe, make_job, ticket) -> None:
    jobs = [make_job(task=task, variant="probe", options={}, epochs=1) for task in ("1", "2")]
    assert [result.failure for result in run_grid(at_home(2), jobs, ticket)] == [None, None]


def test_a_model_that_a_thread_has_loaded_flushes_them_in_others(model: str) -> None:
    opened = []
    thread = Thread(target=lambda: opened.append(open_reader(model, "cpu")))
    thread.start()
    thread.join()
    sentence, question = parse_line("Ann went to the shed. Where is Ann?")
    opened[0].answer(opened[0].read(opened[0].begin(), sentence), question)


@pytest.mark.parametrize("name", ["chat", "kernels", "training", "why"])
def test_benchmarks_flush_them(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def parse(*_: object) -> None:
        seen.append(flushed())
        raise SystemExit

    monkeypatch.syspath_prepend(BENCHMARKS)
    main = runpy.run_path(str(BENCHMARKS / f"{name}.py"))["main"]
    monkeypatch.setattr(ArgumentParser, "parse_args", parse)
    with pytest.raises(SystemExit):
        main()
    assert seen == [True]
