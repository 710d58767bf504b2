"""`relmem train`: a variant and a task, or a grid of them, and what came of it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from relmem_cli.commands.shared.grids import (
    OnOption,
    WaitOption,
    Where,
    end_on_signals,
    run_jobs,
    sort_out,
    stopped,
    variants_of,
)
from relmem_cli.commands.shared.output import (
    Format,
    FormatOption,
    KernelsOption,
    say,
    show,
    show_log,
)
from relmem_cli.commands.shared.waiting import waiting
from relmem_cli.contract import Kernels
from relmem_cli.errors import StoppedError, UsageError

if TYPE_CHECKING:
    from relmem_cli.contract import Variant
    from relmem_cli.runs.job import Job
    from relmem_cli.runs.record import RunRecord
    from relmem_cli.runs.run import Run
    from relmem_cli.training.settings import Settings

app = typer.Typer(add_completion=False)


class Words(StrEnum):
    """Whether names, places and things are known by heart or told apart within a story."""

    closed = "closed"
    open = "open"


class Rename(StrEnum):
    """Whether words are renamed in training."""

    auto = "auto"
    off = "off"


@app.command()
def train(
    variant: list[str] = typer.Option(
        ..., "--variant", "-v", help="What to train: relmem variants. Repeat it for several."
    ),
    task: str = typer.Option(
        "",
        "--task",
        "-t",
        help="7, a list or range such as 1-20, joint; or a source's names; 1 by default.",
    ),
    data: str = typer.Option(
        "",
        help="A bAbI set (en, hn, shuffled, en-10k, ...), a folder, world, world:mixture, or a "
        "plugin's source; en by default, world where bAbI is not found.",
    ),
    fold: str = typer.Option(
        "", help="The K-th block of 1,000 questions of the 10k file; 0 is the 1k file. 0-9 for all."
    ),
    recipe: str = typer.Option(
        "", help="Settings to begin with: relmem reproduce recipes. What you give goes first."
    ),
    epochs: int | None = typer.Option(None, min=1, help="Epochs at most; 60 without a recipe."),
    restarts: int | None = typer.Option(
        None, min=1, help="Seeds to try, until one has no validation error; 1 without a recipe."
    ),
    seed: str = typer.Option("0", help="The first seed; 0-4 makes a run of each."),
    set: list[str] = typer.Option(
        [], "--set", "-s", metavar="KEY=VALUE", help="Another training setting or variant option."
    ),
    device: str = typer.Option("auto", help="auto, cpu, cuda or mps."),
    kernels: Kernels = KernelsOption,
    rename: Rename | None = typer.Option(
        None,
        help="auto: learn with names, places, things exchanged (relmem data roles); off without "
        "a recipe.",
    ),
    words: Words | None = typer.Option(
        None, help="open: names, places and things are any words; closed without a recipe."
    ),
    begin: str = typer.Option(
        "",
        "--from",
        metavar="MODEL",
        help="Begin with a model's weights, options and words; those that it lacks are added.",
    ),
    threads: int = typer.Option(1, min=1, help="Torch threads of a run."),
    workers: int = typer.Option(0, min=0, help="Runs at once; by default as many as cores."),
    on: str = OnOption,
    wait: int | None = WaitOption,
    resume: bool = typer.Option(False, "--resume", help="Go on with what was stopped."),
    out: Path | None = typer.Option(
        None, help="Where to write; by default a folder that `relmem models` lists."
    ),
    format: Format = FormatOption,
) -> None:
    """Train a variant; the epoch and the seed are picked on validation questions, never on test.

    Several variants, tasks, folds or seeds run side by side; each combination is a run of its own.

    Examples:

      relmem train --variant entnet --task 1

      relmem train --variant relation-slot --task 1-20 --restarts 3

      relmem train -v entnet,relation-slot --task 1-20 --fold 0-9 --seed 0-4 --out grid

      relmem train --variant multi-hop --task 5 --set hops=3 --set batch=64

      relmem train --variant relation-transformer --recipe relmem --task 2

      relmem train --variant entnet --task 5 --rename auto --epochs 150 --set patience=60

      relmem train --variant entnet --data world:mixture,questions=10000

      relmem train --variant entnet --from my-run --data world:mixture,questions=10000,seed=2

    --rename auto exchanges the words that play the same role (relmem data roles), anew in every
    story of every epoch after the first 25 (rename_after), and needs more epochs; --recipe relmem
    begins at once. Of several restarts the second goes without, the third leaves out the first
    role, the fourth the second, and so on: validation picks.

    --set takes the variant's options (relmem variants) and these: batch, shuffle (stories, with
    all of their questions, or questions, each with the story before it), optimizer (adam,
    adamw, sgd, adagrad, adamax), momentum (sgd's), learning_rate, schedule (constant, halving,
    cosine), halve_every, restart_rate (what every second seed multiplies its learning rate by),
    restart_epochs (after which only the best of several seeds goes on), warmup, clip,
    weight_decay, l2, drop_connect (the part of some weights that counts as zero, another one in
    every batch), drop_from (which ones), patience, validation, refit (epochs at the end that
    train on the held-out questions too, after which the last one is kept), split_seed, cap,
    extra (words outside the vocabulary that a story may have), rare (words in fewer stories are
    outside it), rename_after, rename_without (a role's number).
    """
    from relmem_cli.asked_data import usual_data, whole_path
    from relmem_cli.runs.plan import combine
    from relmem_cli.runs.recipe import find_recipe
    from relmem_cli.stories.catalogue import parse_numbers

    where = Where(on=on, wait=wait, workers=workers)
    where.check()
    variants = _variants(variant)
    chosen = find_recipe(recipe) if recipe else None
    given = {"epochs": epochs, "rename": rename and rename.value, "words": words and words.value}
    recipe_settings = chosen.settings if chosen else {}
    settings = {**recipe_settings, **{key: value for key, value in given.items() if value}}
    data, options = data or usual_data(lambda text: say(f"relmem: {text}")), []
    if begin:
        from relmem_cli.library import look_up

        begun = look_up(begin, device)
        if [one.name for one in variants] != [begun.card.variant]:
            raise UsageError(f"--from {begin} needs --variant {begun.card.variant}.")
        options = [f"{key}={value}" for key, value in begun.card.options.items()]
        settings |= {
            "words": begun.card.sizes.words,
            "begin": str(begun.path.resolve() if on else begun.path),
        }
    several = combine(
        variants,
        _tasks(task, data),
        parse_numbers("fold", fold) if fold else [-1],
        parse_numbers("seed", seed),
        assignments=[*options, *set],
        usual=chosen.options if chosen else {},
        data=whole_path(data),
        kernels=kernels.value,
        **settings,
    )
    jobs = _jobs(
        several,
        out,
        restarts=restarts or (chosen.restarts if chosen else 1),
        resume=resume,
        device=device,
        threads=threads,
        shared=bool(on),
    )
    show_log()
    end_on_signals()
    if begin:
        with waiting(f"looking at {begin}"):
            from relmem_cli.training.checkpoints import check_model  # torch

            check_model(begun.path, {one.name: one for one in variants})
    results: list[RunRecord] = []
    try:
        _run(jobs, results, where=where, out=out, resume=resume)
        code = int(any(result.failure for result in results))
    except (KeyboardInterrupt, SystemExit, StoppedError) as ended:
        done = sum(not result.failure for result in results)
        how = "the same command with --resume"
        code = stopped(ended, left=len(jobs) - done, how_to_go_on=how)
    order = {job.folder: place for place, job in enumerate(jobs)}
    _report(sorted(results, key=lambda result: order[result.folder]), format)
    raise typer.Exit(code)


def _variants(names: Sequence[str]) -> "list[Variant]":
    """What --variant asks for; raises UsageError for a name that there is not."""
    from relmem_cli.plugins import registry

    return [registry().variants.get_or_explain(name) for name in variants_of(names)]


def _tasks(text: str, data: str) -> list[str]:
    from relmem_cli.asked_data import asked_tasks
    from relmem_cli.stories.tasks import JOINT

    return [JOINT] if text == JOINT else list(map(str, asked_tasks(text, data)))


def _jobs(several: "list[Settings]", out: Path | None, **common: Any) -> "list[Job]":
    """A job for each of the settings, in `out` or, where there are several, below it."""
    from relmem_cli.asked_data import open_data
    from relmem_cli.paths import runs_folder
    from relmem_cli.runs.plan import drop_missing_folds, make_jobs

    source = open_data(several[0].data)
    several, notes = drop_missing_folds(several, source)
    for note in notes:
        say(f"relmem: {note}.")
    alone = out is not None and len(several) == 1
    return make_jobs(several, source, out or runs_folder(), alone=alone, **common)


def _run(
    jobs: "list[Job]",
    results: "list[RunRecord]",
    *,
    where: Where,
    out: Path | None,
    resume: bool,
) -> None:
    """Add every run's result to `results` as it ends, and to a results file in their folder.

    Runs of a grid without --out lie among those of other commands, and have no such file.
    """
    from relmem_cli.runs.ledger import open_ledger
    from relmem_cli.runs.machine import provenance

    alone = len(jobs) == 1
    folder = jobs[0].folder if alone else jobs[0].folder.parent
    with ExitStack() as stack:
        if alone and not where.on:
            ending = _run_here(jobs[0])
        else:
            left, over = sort_out(jobs, on=where.on, resume=resume)
            results += over
            if over:
                say(f"relmem: {len(over)} of {len(jobs)} runs are over already.")
            ending = stack.enter_context(run_jobs(left, over=len(over), where=where, shared=folder))
        ledger = None
        if alone or out:
            header = provenance(jobs[0].device, on=where.on)
            ledger = stack.enter_context(open_ledger(folder / "results.jsonl", folder.name, {}))
            ledger.begin(header)
            ledger.add_missing(results)
        for result in ending:
            results.append(result)
            if ledger:
                ledger.add(result)


def _run_here(job: "Job") -> "Iterator[RunRecord]":
    """The result of one run in this process, which begins when that is asked for.

    Raises RelmemError for what is in its way, with nothing written.
    """
    from relmem_cli.runs.run import Run

    run = Run(job)
    with waiting("reading the stories"):
        run.prepare()
    return map(_train, [run])


def _train(run: "Run") -> "RunRecord":
    """Train it, showing where it is."""
    with waiting("getting ready to train"):
        from relmem_cli.commands.shared.progress import follow

        settings = run.job.settings
        label = f"{settings.variant} task {settings.task}"
        return run.train(follow=partial(follow, label=label, restarts=run.job.restarts))


def _report(results: "list[RunRecord]", format: Format) -> None:
    from relmem_cli.reports.trained import run_rows, trained_table

    for note in dict.fromkeys(note for result in results for note in result.notes):
        say(f"relmem: {note}.")
    people = format in (Format.table, Format.md)
    if not people or any(not result.failure for result in results):
        show(trained_table(results) if people else run_rows(results), format)
