import json
import os
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pexpect
import pytest
from rich.console import Console

from relmem_cli.commands.shared.grid_progress import Board, show_grid
from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import sole_writer
from relmem_cli.runs.record import RunRecord
from relmem_cli.training.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
RELMEM = str(Path(sys.executable).with_name("relmem"))


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    several = [Settings(variant="relation-slot", task=str(t), fold=7, seed=3) for t in range(1, 21)]
    return [Job(settings=s, source=None, folder=tmp_path / s.name) for s in several]


def ended(job: Job, failure: str | None = None) -> RunRecord:
    if failure:
        return RunRecord.failed(job, failure)
    figures = {"validation_errors": 2, "validation_n": 8, "test_errors": 1, "test_n": 8, "epoch": 1}
    return replace(RunRecord.failed(job, ""), failure=None, **figures)


def drawn(board: Board, console: Console) -> list[str]:
    with console.capture() as capture:
        console.print(board.render())
    return [line.rstrip() for line in capture.get().splitlines()]


def console_of(width: int, height: int) -> Console:
    return Console(
        file=StringIO(), width=width, height=height, force_terminal=True, color_system=None
    )


def begin_all(jobs: list[Job], epoch: int) -> list[object]:
    """Let every job be under way, `epoch` epochs done."""
    holders = [sole_writer(job, lambda: False) for job in jobs]
    for job, holder in zip(jobs, holders, strict=True):
        holder.__enter__()
        line = json.dumps({"epoch": epoch, "validation_error": 0.125})
        (job.folder / "metrics.jsonl").write_text(line + "\n")
    return holders  # for as long as they are kept, the jobs run


@pytest.mark.parametrize(("width", "height"), [(40, 15), (80, 24), (200, 60)])
def test_the_display_fits_the_terminal(jobs, width, height) -> None:
    console = console_of(width, height)
    board = Board(jobs, over=0, console=console)
    holders = begin_all(jobs, epoch=59)
    shown = drawn(board, console)
    assert holders
    assert len(shown) < height
    assert max(map(len, shown)) <= width
    assert shown[0].startswith("0 of 20 runs")
    assert "1-fold7-seed3" in shown[1]
    assert "59/60" in shown[1]
    assert "12.5%" in shown[1]
    if height == 15:
        assert shown[-1] == "and 9 more"


def test_a_run_that_has_no_epoch_behind_it_begins(jobs) -> None:
    console = console_of(80, 24)
    board = Board(jobs, over=0, console=console)
    with sole_writer(jobs[0], lambda: False):
        assert drawn(board, console)[1] == "relation-slot-1-fold7-seed3  begins"


def test_ends_and_failures_are_counted_with_what_was_over_before(jobs) -> None:
    console = console_of(80, 24)
    board = Board(jobs, over=3, console=console)
    line = board.end(ended(jobs[0]))
    assert line == "relation-slot-1-fold7-seed3  validation 25.0%  test 12.5%  (4 of 23)"
    assert board.end(ended(jobs[1], "Oh.")).endswith("failed: Oh. (5 of 23)")
    assert drawn(board, console)[0].startswith("5 of 23 runs, 1 failed")


def test_elsewhere_each_end_is_a_plain_line(jobs, capsys) -> None:
    with show_grid(jobs, over=0) as show:
        show(ended(jobs[0]))
        show(ended(jobs[1], "Oh."))
    said = capsys.readouterr().err
    assert [line.split()[0] for line in said.splitlines()] == [job.folder.name for job in jobs[:2]]
    assert "\x1b" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="pexpect needs a pseudo-terminal")
def test_on_a_terminal_a_grid_is_watched_and_stopped_with_ctrl_c(tiny_world, tmp_path) -> None:
    session = pexpect.spawn(
        RELMEM,
        [
            *("train", "-v", "gru", "--data", str(tiny_world), "--set", "dim=8", "--seed", "0-2"),
            *("--epochs", "9999", "--set", "patience=9999", "--workers", "2"),
            *("--out", str(tmp_path / "out")),
        ],
        encoding="utf-8",
        env=dict(os.environ),  # without LINES and COLUMNS, which readline sets behind Python's back
        dimensions=(15, 40),
        timeout=120,
    )
    session.expect("0 of 3 runs")
    session.expect(r"gru-1-tiny-seed1\S* +\S*\d+/9999")
    session.sendintr()
    session.expect("relmem: stopping...")
    session.expect("--resume")
    session.expect(pexpect.EOF)
    session.close()
    assert session.exitstatus == 130
    assert "Traceback" not in session.before
    assert (tmp_path / "out" / "gru-1-tiny-seed1" / "last.safetensors").exists()
    assert not list(tmp_path.glob("out/.grid-*"))
