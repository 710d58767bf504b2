"""`relmem train`: a variant, a task, and what came of it."""

import signal
import sys
from pathlib import Path
from typing import Any

import typer

from relmem_cli.commands.output import Format, FormatOption, say, show
from relmem_cli.errors import RelmemError
from relmem_cli.reports.tables import Table

app = typer.Typer(add_completion=False)


@app.command()
def train(
    variant: str = typer.Option(..., "--variant", "-v", help="What to train: relmem variants."),
    task: str = typer.Option("1", "--task", "-t", help="7, a list or range such as 1-20, joint."),
    data: str = typer.Option("en", help="A bAbI set (en, hn, shuffled, en-10k, ...) or a folder."),
    fold: int | None = typer.Option(
        None, min=0, help="The K-th block of 1,000 questions of the 10k file; 0 is the 1k file."
    ),
    epochs: int = typer.Option(60, min=1, help="Epochs at most."),
    restarts: int = typer.Option(1, min=1, help="Seeds to try, until one has no validation error."),
    seed: int = typer.Option(0, min=0, help="The first seed."),
    set: list[str] = typer.Option(
        [], "--set", "-s", metavar="KEY=VALUE", help="Another training setting or variant option."
    ),
    device: str = typer.Option("auto", help="auto, cpu, cuda or mps."),
    threads: int = typer.Option(1, min=1, help="Torch threads."),
    resume: bool = typer.Option(False, "--resume", help="Go on with a run that was stopped."),
    out: Path | None = typer.Option(
        None, help="Where to write; by default a folder that `relmem models` lists."
    ),
    format: Format = FormatOption,
) -> None:
    """Train a variant; the epoch and the seed are picked on validation questions, never on test.

    Examples:

      relmem train --variant entnet --task 1

      relmem train --variant relation-slot --task 1-20 --restarts 3

      relmem train --variant multi-hop --task 5 --set hops=3 --set batch=64

    --set takes the variant's options (relmem variants) and these: batch, learning_rate, schedule
    (constant, halving, cosine), halve_every, warmup, clip, patience, validation, split_seed, cap.
    """
    import torch

    from relmem_cli.plugins import registry
    from relmem_cli.training.settings import Settings, split_assignments

    chosen = registry().variants.get_or_explain(variant)
    training, options = split_assignments(set, chosen)
    chosen.parse_options(options)
    several = [
        Settings(
            variant=variant,
            task=name,
            data=_whole_path(data),
            fold=-1 if fold is None else fold,
            epochs=epochs,
            seed=seed,
            options={**chosen.defaults(), **options},
            **training,
        )
        for name in _tasks(task)
    ]
    experiments = _experiments(several, device, out, restarts=restarts, resume=resume)
    torch.set_num_threads(threads)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    _run_all(experiments, format)


def _experiments(
    several: list[Any], device: str, out: Path | None, *, restarts: int, resume: bool
) -> list[Any]:
    """An experiment for each of the settings, in `out` or, where there are several, below it."""
    from relmem_cli.commands.sources import open_data
    from relmem_cli.paths import runs_folder
    from relmem_cli.plugins import registry
    from relmem_cli.training.device import pick_device
    from relmem_cli.training.experiment import Experiment

    source, picked = open_data(several[0].data), pick_device(device)
    alone = out if len(several) == 1 else None
    return [
        Experiment(
            variant=registry().variants[settings.variant],
            settings=settings,
            source=source,
            folder=alone or (out or runs_folder()) / settings.name,
            restarts=restarts,
            resume=resume,
            device=picked,
        )
        for settings in several
    ]


def _tasks(text: str) -> list[str]:
    from relmem_cli.stories.catalogue import parse_tasks
    from relmem_cli.stories.tasks import JOINT

    return [JOINT] if text == JOINT else [str(number) for number in parse_tasks(text)]


def _whole_path(data: str) -> str:
    """A folder's whole path, so that the run can be tested from elsewhere; else as it is."""
    from relmem_cli.plugins import registry
    from relmem_cli.stories.sources import SETS

    folder = Path(data).expanduser()
    named = data in SETS or data in registry().sources
    return str(folder.resolve()) if folder.is_dir() and not named else data


def _run_all(experiments: list[Any], format: Format) -> None:
    """Run one after the other; one that fails costs the others nothing."""
    rows: list[dict[str, Any]] = []
    code = 0
    for experiment in experiments:
        try:
            rows += _run(experiment)
        except KeyboardInterrupt:
            say("relmem: stopped; the same command with --resume goes on after the last epoch.")
            code = 130
            break
        except RelmemError as error:
            if len(experiments) == 1:
                raise
            say(f"relmem: task {experiment.settings.task}: {error}")
            code = error.exit_code
    if rows:
        show(_table(rows, format), format)
    raise typer.Exit(code)


def _run(experiment: Any) -> list[dict[str, Any]]:
    from relmem_cli.commands.progress import follow
    from relmem_cli.contract import TrainingEvent
    from relmem_cli.plugins import registry
    from relmem_cli.training.loop import Epoch

    settings = experiment.settings
    label = f"{settings.variant} task {settings.task}"
    for note in experiment.data.notes:
        say(f"relmem: {note}.")
    for run, event in follow(experiment.events(), label):
        if isinstance(event, Epoch):
            registry().training_event(
                TrainingEvent(
                    run=str(experiment.folder),
                    variant=run.variant,
                    epoch=event.epoch,
                    loss=event.loss,
                    validation_error=event.validation.error,
                )
            )
    return _rows(experiment.finish(), settings)


def _rows(outcome: Any, settings: Any) -> list[dict[str, Any]]:
    return [
        {
            "task": task,
            "variant": settings.variant,
            "epoch": outcome.card.record["epoch"],
            "validation_error": outcome.validation.error,
            "test_error": test.error,
            "n": test.n,
            "model": str(outcome.model),
        }
        for task, test in outcome.tests.items()
    ]


def _table(rows: list[dict[str, Any]], format: Format) -> Table:
    footer: list[dict[str, Any]] = []
    if len(rows) > 1:
        mean = sum(row["test_error"] for row in rows) / len(rows)
        footer = [{"task": "mean", "test_error": mean}]
    notes: list[str] = []
    if format is Format.table:
        notes = [f"Model: {path}" for path in dict.fromkeys(row["model"] for row in rows)]
        notes.append("Talk to it: relmem chat --model MODEL")
        rows = [{key: row[key] for key in row if key != "model"} for row in rows]
    return Table(
        title="Trained",
        rows=rows,
        footer=footer,
        formats={"validation_error": ".1%", "test_error": ".1%"},
        notes=notes,
    )
