"""`relmem data`: finding bAbI, fetching, measuring and checking it; its words' roles."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from relmem_cli.commands.shared import data_cloze, data_world
from relmem_cli.commands.shared.output import Format, FormatOption, say, show
from relmem_cli.errors import RelmemError, UsageError

app = typer.Typer(add_completion=False)


@app.callback(invoke_without_command=True)
def data(ctx: typer.Context) -> None:
    """Find, fetch, check bAbI; tell stories, solve and compare them.

    Alone, it says where they are, as relmem data where does.

    Examples:

      relmem data

      relmem data fetch

      relmem data stats --data hn
    """
    if ctx.invoked_subcommand is None:
        where(Format.table)


@app.command()
def where(format: Format = FormatOption) -> None:
    """Say where bAbI was found and which files there are.

    Example: relmem data where --format json
    """
    from relmem_cli.plugins import OWN, registry
    from relmem_cli.reports.data_tables import where_rows, where_table
    from relmem_cli.stories.sources import HOW_TO_GET, find_archive

    archive = find_archive(_roots())
    sources = registry().sources
    others = {
        source.summary: name
        for name, source in sources.items()
        if sources.origin(name).distribution != OWN  # the world is nowhere
    }
    if archive is None:
        absence = f"the bAbI tasks were not found in {' or '.join(map(str, _roots()))}"
        if not others:
            raise RelmemError(f"{absence}; {HOW_TO_GET}.")
        say(f"relmem: {absence}; {HOW_TO_GET}.")
    rows = where_rows(archive, others)
    people = format in (Format.table, Format.md)
    show(where_table(rows, archive, _roots()) if people else rows, format)


@app.command()
def fetch() -> None:
    """Download the official archive and check every file.

    It goes into the user's cache; the command prints the folder.

    Example: relmem data fetch
    """
    from relmem_cli.paths import data_cache
    from relmem_cli.stories.archive import check_set
    from relmem_cli.stories.sources import ARCHIVE, SETS, find_archive

    place = data_cache() / ARCHIVE
    if any(one.faults for name in SETS for one in check_set(place / name)):
        _download(data_cache())
    else:
        say("relmem: all files are there already.")
    found = find_archive(_roots())
    if found is not None and found.resolve() != place.resolve():
        say(f"relmem: RELMEM_DATA goes first: what is used is {found}.")
    sys.stdout.write(f"{place}\n")


@app.command()
def stats(
    data: str = typer.Option("en", help="A bAbI set (en, hn, shuffled, en-10k, ...) or a folder."),
    task: str = typer.Option("all", "--task", "-t", help="7, a range or a list: 1,4,12-15."),
    split: str = typer.Option("train", help="train or test."),
    format: Format = FormatOption,
) -> None:
    """Measure each task's file: V, L, Lq, stories, questions.

    Also its distinct answers and its longest story.

    Example: relmem data stats --data shuffled --task 1-3
    """
    from relmem_cli.asked_data import asked_tasks, open_data
    from relmem_cli.reports.data_tables import stories_row, stories_table

    if split not in ("train", "test"):
        raise UsageError(f"--split {split!r} is neither train nor test.")
    numbers = asked_tasks(task, data)
    source = open_data(data)
    there = _there(numbers, lambda number: source.stories(number, split))
    rows = [stories_row(number, stories) for number, stories in there]
    show(stories_table(rows, f"{source.name}, {split} files"), format)


@app.command()
def roles(
    data: str = typer.Option("en", help="A bAbI set (en, hn, shuffled, en-10k, ...) or a folder."),
    task: str = typer.Option("1", "--task", "-t", help="7, a range or a list: 1,4,12-15."),
    fold: int = typer.Option(
        -1, min=-1, help="The block of 1,000 questions of the 10k file; -1 for the whole file."
    ),
    format: Format = FormatOption,
) -> None:
    """Show the words that play the same role: names, places, things.

    They are found in the training stories alone; relmem train --rename auto exchanges them. Words
    that seemed to play the same role and do not are listed with what tells them apart.

    Examples:

      relmem data roles --task 15

      relmem data roles --task 1-20 --format json
    """
    from relmem_cli.asked_data import asked_tasks, open_data
    from relmem_cli.reports.role_tables import role_rows, roles_for_machines, roles_table
    from relmem_cli.stories.roles import find_roles
    from relmem_cli.stories.tasks import load_training

    source = open_data(data)

    def training(number: int) -> Any:
        return load_training(source, str(number), fold=fold if fold >= 0 else None).train

    rows: list[dict[str, Any]] = []
    questions = 0
    for number, stories in _there(asked_tasks(task, data), training):
        rows += role_rows(number, stories, find_roles(stories))
        questions += sum(len(story.questions) for story in stories)
    people = format in (Format.table, Format.md)
    title = f"Roles in {source.name}, task {task}"
    show(roles_table(rows, title, questions) if people else roles_for_machines(rows), format)


@app.command()
def check(
    data: str = typer.Option("", help="A bAbI set or a folder; by default all six sets."),
    format: Format = FormatOption,
) -> None:
    """Check every file's hash and format; list every fault.

    The exit code is 1 where there is any. A folder of one's own is read through; it has no
    published hashes.

    Examples:

      relmem data check

      relmem data check --data my-stories --format json
    """
    from relmem_cli.reports.data_tables import check_table, fault_rows

    checked = list(_checks(data))
    people = format in (Format.table, Format.md)
    show(check_table(checked) if people else fault_rows(checked), format)
    bad = sum(bool(one.faults) for one in checked)
    if bad:
        raise RelmemError(
            f"{bad} of {len(checked)} files are missing or at fault; "
            "relmem data fetch gets the official ones."
        )


app.command()(data_world.generate)
app.command("show")(data_world.show_story)
app.command()(data_world.solve)
app.command()(data_world.compare)
app.command()(data_cloze.cloze)


def _there(tasks: Sequence[Any], load: Callable[[Any], Any]) -> list[tuple[Any, Any]]:
    """Each task with what `load` makes of it, but for those whose file is missing: a line each.

    Raises MissingFileError where all of them are.
    """
    from relmem_cli.stories.sources import MissingFileError

    found = []
    missing: list[MissingFileError] = []
    for task in tasks:
        try:
            found.append((task, load(task)))
        except MissingFileError as error:
            missing.append(error)
    if not found:
        raise missing[0]
    for one in missing:
        say(f"relmem: left out: {one}")
    return found


def _roots() -> list[Path]:
    from relmem_cli.paths import data_cache
    from relmem_cli.stories.sources import data_roots

    return data_roots(data_cache())


def _download(cache: Path) -> None:
    from relmem_cli.commands.shared.download import download_bar
    from relmem_cli.stories import fetch

    say(f"relmem: downloading {fetch.URL}")
    with download_bar("bAbI") as bar:
        known = fetch.fetch(cache, bar)
    say(
        "relmem: every file is as published."
        if known
        else "relmem: every file with a published hash is as published; of the task-3 train files "
        "of the 10k sets only the format could be checked."
    )


def _checks(data: str) -> Iterator[Any]:
    """The checked files of one set, of all six, or of a folder."""
    from relmem_cli.asked_data import open_data
    from relmem_cli.files import typed_path
    from relmem_cli.stories.archive import check_folder, check_set
    from relmem_cli.stories.sources import SETS, BabiFolder, find_archive

    source = open_data(data or SETS[0])
    if not isinstance(source, BabiFolder):
        raise UsageError(f"{data} comes from a plugin; relmem data check reads files.")
    whole = find_archive([typed_path(data)]) if data and data not in SETS else None
    if data and data not in SETS and whole is None:
        yield from check_folder(source.path)
    elif data in SETS:
        yield from check_set(source.path)
    else:
        for name in SETS:
            yield from check_set(source.path.parent / name)
