"""`relmem data generate`, `show`, `solve` and `compare`: stories that are told anew."""

from pathlib import Path
from typing import Any

import typer

from relmem_cli.commands.shared.output import Format, FormatOption, say, show
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.nearest import did_you_mean

_KIND: Any = typer.Option("1", "--kind", "-k", help="1 to 20, 1-20, mixture, or a plugin's kind.")
_WORDS: Any = typer.Option("babi", help="Whose names, places and things: babi, everyday or a file.")
_STYLE: Any = typer.Option("babi", help="How things are said: babi, everyday, varied, held-out.")
_SEED: Any = typer.Option(0, min=0, help="Other stories; the same seed tells the same everywhere.")
_SENTENCES: Any = typer.Option(0, min=0, help="The mixture's: how many, then the questions.")
_PEOPLE: Any = typer.Option(0, min=0, help="The mixture's: how many people.")
_FACTS: Any = typer.Option(0, min=0, help="The mixture's: sentences that an answer needs.")
_DISTANCE: Any = typer.Option(0, min=0, help="The mixture's: sentences after these, at least.")
_DISTRACTORS: Any = typer.Option(
    0, min=0, max=6, help="The mixture's: how many other kinds of fact beside people and things."
)
_AGAIN: Any = typer.Option(
    0, min=0, max=90, help="The mixture's: percent of sentences that tell something again."
)


def generate(
    kind: str = _KIND,
    words: str = _WORDS,
    style: str = _STYLE,
    questions: int = typer.Option(
        1000, min=1, help="To train on; as many, at most 1,000, to test."
    ),
    seed: int = _SEED,
    sentences: int = _SENTENCES,
    people: int = _PEOPLE,
    facts: int = _FACTS,
    distance: int = _DISTANCE,
    distractors: int = _DISTRACTORS,
    again: int = _AGAIN,
    out: Path = typer.Option(..., help="A folder; its files are named as bAbI's are."),
) -> None:
    """Tell stories; write them as bAbI's files.

    Examples:

      relmem data generate --kind 1-20 --questions 10000 --out stories

      relmem data generate --kind mixture --words everyday --style everyday --out mine

      relmem data generate --kind mixture --words my-words.toml --out mine
    """
    from relmem_cli.files import replacing
    from relmem_cli.world.story_stream import as_babi, file_name

    level = (sentences, people, facts, distance, distractors, again)
    world = _world(words, style, questions, seed, *level)
    for name in _asked(kind, world):
        for split in ("train", "test"):
            path = out / file_name(name, split)
            try:
                with replacing(path) as file:
                    for lines in world.tell_stories(name, split):
                        file.write(as_babi(lines).encode())
            except OSError as error:
                raise RelmemError(f"{path} cannot be written: {error.strerror}.") from error
            typer.echo(path)


def show_story(
    kind: str = _KIND,
    words: str = _WORDS,
    style: str = _STYLE,
    seed: int = _SEED,
    sentences: int = _SENTENCES,
    people: int = _PEOPLE,
    facts: int = _FACTS,
    distance: int = _DISTANCE,
    distractors: int = _DISTRACTORS,
    again: int = _AGAIN,
    format: Format = FormatOption,
) -> None:
    """Tell one story and what each line says.

    Examples:

      relmem data show --kind mixture

      relmem data show --kind 5 --words everyday --style everyday --seed 3
    """
    from relmem_cli.reports.stories import story_table

    level = (sentences, people, facts, distance, distractors, again)
    world = _world(words, style, 10**6, seed, *level)
    (name, *more) = _asked(kind, world)
    if more:
        raise UsageError(f"--kind {kind} names several kinds; relmem data show tells one story.")
    title = f"{name}: {world.kinds()[name].title}"
    show(story_table(next(iter(world.tell_stories(name, "train"))), title), format)


def solve(
    files: list[Path] = typer.Argument(
        None, metavar="[FILE...]", help="Files in bAbI's format; without any, all of --data."
    ),
    data: str = typer.Option("en", help="A bAbI set (en, en-10k, ...), a folder, world."),
    task: str = typer.Option("all", "--task", "-t", help="7, a range or a list: 1,4,12-15."),
    words: str = typer.Option(
        "", help="A file of words by role, where the stories have their own."
    ),
    format: Format = FormatOption,
) -> None:
    """Answer by rules; say what is wrong with a file.

    Lines that contradict each other, wrong answers, supporting facts that do not suffice, lines
    that cannot be read; English only. The exit code is 1 where there is any.

    Examples:

      relmem data solve my-stories.txt

      relmem data solve --data en-10k --task 1-20
    """
    from relmem_cli.reports.stories import fault_lines, solved_row, solved_table
    from relmem_cli.world.solver.check import Checker

    checker = Checker(["babi", "everyday", *([words] if words else [])])
    rows: list[dict[str, Any]] = []
    lines: list[str] = []
    for name, stories in _asked_files(files, data, task):
        checked = checker.check(stories)
        rows.append(solved_row(name, checked))
        lines += fault_lines(name, checked)
    people = format in (Format.table, Format.md)
    show(solved_table(rows, lines if people else []), format)
    bad = sum(row["faults"] for row in rows)
    if bad:
        faults, files_ = (
            f"{bad:,} fault{'s' * (bad > 1)}",
            f"{len(rows)} file{'s' * (len(rows) > 1)}",
        )
        raise RelmemError(f"{faults} in {files_}.")


def compare(
    task: str = typer.Option("1-20", "--task", "-t", help="7, a range or a list: 1,4,12-15."),
    data: str = typer.Option("en-10k", help="The real stories: a bAbI set or a folder."),
    questions: int = typer.Option(10000, min=100, help="Of generated stories."),
    seed: int = _SEED,
    format: Format = FormatOption,
) -> None:
    """Hold told stories against real ones.

    Words, templates of sentences and questions, lengths, answers, supports.

    Words and templates that occur on one side alone are listed; p is how likely frequencies differ
    as much where both are drawn alike (chi-square).

    Example: relmem data compare --task 2
    """
    from relmem_cli.asked_data import open_data
    from relmem_cli.reports.stories import compared_rows, compared_table
    from relmem_cli.stories.catalogue import parse_tasks
    from relmem_cli.stories.sources import BabiFolder, MissingFileError
    from relmem_cli.world.lexicon import load_lexicon
    from relmem_cli.world.templates import profile

    source = open_data(data)
    world = _world("babi", "babi", questions, seed)
    lexicon = load_lexicon("babi")
    rows: list[dict[str, Any]] = []
    for number in parse_tasks(task):
        try:
            real = source.stories(number, "train")
        except MissingFileError as error:
            if not isinstance(source, BabiFolder):
                raise
            smaller = source.sibling(source.name.removesuffix("-10k"))
            say(f"relmem: {error} Compared with {smaller.name}.")
            real = smaller.stories(number, "train")
        told = world.stories(number, "train")
        rows += compared_rows(number, profile(real, lexicon), profile(told, lexicon))
    people = format in (Format.table, Format.md)
    show(compared_table(rows, data, people=people), format)


def _asked_files(files: list[Path] | None, data: str, task: str) -> Any:
    """Each file's name and its stories."""
    from relmem_cli.asked_data import asked_tasks, open_data
    from relmem_cli.stories.babi import read_babi
    from relmem_cli.stories.sources import MissingFileError

    for path in files or ():
        yield str(path), read_babi(path)
    if files:
        return
    source = open_data(data)
    for number in asked_tasks(task, data):
        for split in ("train", "test"):
            try:
                yield f"{source.name} {number} {split}", source.stories(number, split)
            except MissingFileError as error:
                say(f"relmem: left out: {error}")


def _world(words: str, style: str, questions: int, seed: int, *level: int) -> Any:
    """The source of stories; `level` in the order of `LEVELS`."""
    from dataclasses import replace

    from relmem_cli.plugins import registry
    from relmem_cli.world.lexicon import load_lexicon
    from relmem_cli.world.phrases import load_style
    from relmem_cli.world.source import LEVELS

    given = dict(zip(LEVELS, level, strict=False))
    if given.get("people") == 1:
        raise UsageError("--people is 1; a story of the mixture has at least 2.")
    load_lexicon(words)  # what is wrong with these is said before anything else
    load_style(style)
    world: Any = registry().sources["world"]
    return replace(world, words=words, style=style, questions=questions, seed=seed, **given)


def _asked(text: str, world: Any) -> list[str]:
    """The kinds that --kind names, which can be as hard as asked for."""
    from dataclasses import replace

    names = _kinds(text, world)
    for name in names:
        try:
            replace(world, kind=name).check_level()
        except ValueError as error:
            raise UsageError(f"--{error}.") from None
    return names


def _kinds(text: str, world: Any) -> list[str]:
    """The kinds that --kind names: 1-20, mixture, a plugin's; several with commas between."""
    from relmem_cli.stories.catalogue import parse_tasks

    known = world.kinds()
    names: list[str] = []
    for part in text.split(","):
        if part.strip() in known:
            names.append(part.strip())
        elif part.strip()[:1].isdecimal() or part.strip() == "all":
            names += map(str, parse_tasks(part))
        else:
            hint = did_you_mean(part, known, f"the kinds are {', '.join(known)}.")
            raise UsageError(f"there is no kind {part!r}; {hint}")
    return list(dict.fromkeys(names))
