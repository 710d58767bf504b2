"""`relmem eval`: the test errors of trained models."""

from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import typer

from relmem_cli.commands.output import (
    Format,
    FormatOption,
    KernelsOption,
    say,
    show,
    show_log,
)
from relmem_cli.contract import Kernels
from relmem_cli.errors import RelmemError, UsageError

app = typer.Typer(add_completion=False)


@app.command("eval")
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
    format: Format = FormatOption,
) -> None:
    """Test models: error by task with n and a 95% interval, mean, failed tasks.

    In JSON and CSV, error, low and high are fractions. Models of different tasks and one kind are
    shown as one column, other models side by side.

    Examples:

      relmem eval relation-transformer-joint

      relmem eval 'relation-slot-*' --format md

      relmem eval my-run entnet-1 --task 1 --samples answers.jsonl
    """
    from relmem_cli.reports.assessment import sample_rows
    from relmem_cli.reports.errors import columns_of, error_rows, error_table, unknown_words
    from relmem_cli.stories.catalogue import parse_tasks

    if samples is not None and samples.is_dir():
        raise UsageError(f"--samples {samples} is a folder; name a file to write.")
    show_log()
    asked = parse_tasks(task) if task else None
    assessed, lines = [], []
    with _working() as at:
        for subject in _subjects(models, device, kernels):
            at(subject.name)
            one, source = _assess(subject, data, asked)
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


def _subjects(names: list[str], device: str, kernels: Kernels) -> Iterator[Any]:
    """The models, loaded one after the other; all of them are looked up first."""
    from relmem_cli.library import find_model
    from relmem_cli.plugins import registry
    from relmem_cli.reports.assessment import Subject
    from relmem_cli.training.arithmetic import use_threads
    from relmem_cli.training.checkpoints import load_model
    from relmem_cli.training.device import pick_device

    use_threads(1)  # these models are too small to gain from more
    picked = pick_device(device)
    for name, path in [(name, find_model(name)) for name in _expand(names)]:
        trained = load_model(path, registry().variants, picked, kernels)
        usual = registry().variants[trained.card.variant].defaults()
        yield Subject(name=name, trained=trained, usual=usual)


def _expand(names: list[str]) -> list[str]:
    """The names, each once, with patterns such as entnet-* replaced by the models they match."""
    from relmem_cli.library import model_names

    expanded: list[str] = []
    for name in names:
        if not set("*?[") & set(name) or Path(name).exists():
            expanded.append(name)
            continue
        matched = [known for known in model_names() if fnmatchcase(known, name)]
        if not matched:
            raise UsageError(f"no model is named like {name!r}; relmem models lists them.")
        expanded += matched
    return list(dict.fromkeys(expanded))


def _assess(subject: Any, data: str, asked: tuple[int, ...] | None) -> tuple[Any, Any]:
    from relmem_cli.commands.sources import open_data
    from relmem_cli.reports.assessment import assess

    source = open_data(data or subject.data())
    one = assess(subject, source, asked or subject.tasks())
    for missing in one.missing:
        say(f"relmem: left out: {missing}")
    return one, source


@contextmanager
def _working() -> Iterator[Any]:
    """On a terminal, a line on stderr that says which model is being tested."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    with console.status("loading") as status:
        yield lambda name: status.update(f"testing {escape(name)}")


def _warn(line: str | None) -> None:
    if line:
        say(f"relmem: {line}")


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    import json

    from relmem_cli.files import write_atomically

    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    try:
        write_atomically(path, text)
    except OSError as error:
        raise RelmemError(f"--samples {path} cannot be written: {error.strerror}.") from error
    say(f"relmem: wrote {len(rows):,} answers to {path}.")
