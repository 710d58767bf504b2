"""`relmem eval`: the test errors of trained models."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from relmem_cli.commands.shared.output import (
    DrawingCommand,
    Format,
    FormatOption,
    KernelsOption,
    say,
    show,
    show_log,
)
from relmem_cli.contract import Kernels
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.sealing import off_stdout

if TYPE_CHECKING:
    from relmem_cli.reports.assessment import Assessed
    from relmem_cli.reports.subject import Subject
    from relmem_cli.stories.catalogue import TaskName
    from relmem_cli.stories.sources import Source
    from relmem_cli.training.checkpoints import TrainedModel

app = typer.Typer(add_completion=False)


@app.command("eval", cls=DrawingCommand)
def evaluate(
    models: list[str] = typer.Argument(
        ..., metavar="MODEL...", help="Names (relmem models), patterns such as 'entnet-*', files."
    ),
    task: str = typer.Option(
        "", "--task", "-t", help="7, a list or range such as 1-20; by default a model's own."
    ),
    data: str = typer.Option(
        "", help="A bAbI set (en, hn, shuffled, ...) or a folder; by default a model's own."
    ),
    device: str = typer.Option("auto", help="auto, cpu, cuda or mps."),
    kernels: Kernels = KernelsOption,
    samples: Path | None = typer.Option(
        None, metavar="FILE.jsonl", help="Write every question with the model's answer here."
    ),
    sweep: str = typer.Option(
        "",
        metavar="WHAT=VALUES",
        help="Error by sentences=5..200, people=2..20, facts=1,2,3, distance, distractors, again.",
    ),
    plots: Path | None = typer.Option(
        None, metavar="[DIR]", help="Draw --sweep there, or here, PNG and SVG."
    ),
    format: Format = FormatOption,
) -> None:
    """Test models: error by task with n and a 95% interval, mean, failed tasks.

    In JSON and CSV, error, low and high are fractions. Models of different tasks and one kind are
    shown as one column, other models side by side.

    Examples:

      relmem eval open-transformer-joint

      relmem eval 'relation-slot-*' --format md

      relmem eval my-run entnet-1 --task 1 --samples answers.jsonl

      relmem eval my-run --data world:mixture --sweep sentences=5..200 --plots figures
    """
    if sweep:
        from relmem_cli.commands.shared.sweeps import sweep as swept

        if samples is not None or task:
            raise UsageError("--sweep goes neither with --samples nor with --task.")
        show_log()
        swept(_subjects(models, device, kernels), data, sweep, plots, format)
        return
    if plots is not None:
        raise UsageError("--plots draws --sweep; give that too.")
    from relmem_cli.reports.subject import planned

    if samples is not None:
        _check_samples(samples)
    tests = [
        (subject, *planned(subject, data, task)) for subject in _subjects(models, device, kernels)
    ]
    from relmem_cli.reports.assessment import sample_rows  # torch: refusals are over
    from relmem_cli.reports.error_tables import columns_of, error_rows, error_table, unknown_words

    show_log()
    assessed, lines = [], []
    with _working() as at, off_stdout():
        for subject, source, tasks in tests:
            at(subject.name)
            one = _assess(subject, source, tasks)
            assessed.append(one)
            if samples is not None:
                lines += list(sample_rows(subject, source, list(one.results)))
    columns = columns_of(assessed)
    for column in columns:
        _warn(unknown_words(column))
    if samples is not None:
        _write(samples, lines)
    people = format in (Format.table, Format.md)
    show(error_table(columns) if people else error_rows(assessed), format)


def _subjects(names: list[str], device: str, kernels: Kernels) -> "list[Subject]":
    """The models, all of them there; each is loaded when it is tested."""
    from relmem_cli.library import look_up
    from relmem_cli.reports.subject import Subject

    found = [(name, look_up(name, device)) for name in _expand(names)]
    return [
        Subject(
            name=name,
            card=model.card,
            load=partial(_load, model.path, device, kernels),
            usual=model.variant.defaults(),
            tokens=model.variant.own_tokens,
        )
        for name, model in found
    ]


def _load(path: Path, device: str, kernels: Kernels) -> "TrainedModel":
    from relmem_cli.plugins import registry
    from relmem_cli.training.arithmetic import use_threads
    from relmem_cli.training.checkpoints import load_model
    from relmem_cli.training.device import pick_device

    use_threads(1)  # these models are too small to gain from more
    return load_model(path, registry().variants, pick_device(device), kernels)


def _expand(names: list[str]) -> list[str]:
    """The names, each once, with patterns such as entnet-* replaced by the models they match."""
    from relmem_cli.files import can_exist
    from relmem_cli.library import model_names

    expanded: list[str] = []
    for name in names:
        if not set("*?[") & set(name) or (can_exist(Path(name)) and Path(name).exists()):
            expanded.append(name)
            continue
        matched = [known for known in model_names() if fnmatchcase(known, name)]
        if not matched:
            raise UsageError(f"no model is named like {name!r}; relmem models lists them.")
        expanded += matched
    return list(dict.fromkeys(expanded))


def _assess(subject: "Subject", source: "Source", tasks: "Sequence[TaskName]") -> "Assessed":
    from relmem_cli.reports.assessment import assess

    one = assess(subject, source, tasks)
    for missing in one.missing:
        say(f"relmem: left out: {missing}")
    return one


@contextmanager
def _working() -> Iterator[Callable[[str], None]]:
    """On a terminal, a line on stderr that says which model is being tested."""
    from relmem_cli.console import Console
    from relmem_cli.door import doors

    console = Console(stderr=True)
    with console.status("loading") as status, doors():
        yield lambda name: status.update(f"testing {name}")


def _warn(line: str | None) -> None:
    if line:
        say(f"relmem: {line}")


def _check_samples(path: Path) -> None:
    """Raise RelmemError where a file of samples cannot be written, before anything is tested."""
    from relmem_cli.files import check_writable

    if path.is_dir():
        raise UsageError(f"--samples {path} is a folder; name a file to write.")
    with _named(path):
        check_writable(path.parent)


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    import json

    from relmem_cli.files import write_atomically

    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    with _named(path):
        write_atomically(path, text)
    say(f"relmem: wrote {len(rows):,} answers to {path}.")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say which option is at fault where something cannot be written."""
    try:
        yield
    except OSError as error:
        raise RelmemError(f"--samples {path} cannot be written: {error.strerror}.") from error
