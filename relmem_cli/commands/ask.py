"""`relmem ask`: questions about a story that is in a file, or a table of both."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relmem_cli.commands.shared.choosing import (
    DeviceOption,
    JsonOption,
    ModelOption,
    TaskOption,
    chosen,
)
from relmem_cli.commands.shared.output import say
from relmem_cli.errors import RelmemError, UsageError

if TYPE_CHECKING:
    from relmem_cli.chat.story.asked_table import AskedTable
    from relmem_cli.chat.story.lines import Utterance
    from relmem_cli.stories.vocabulary import Vocabulary

app = typer.Typer(add_completion=False)

EXAMPLES = """
Examples:

    relmem ask --story story.txt "Where is Mary?"

    relmem ask --story qa1_test.txt --number 7 "Where is Mary?"

    echo "Mary went to the kitchen." | relmem ask "Where is Mary?"

    relmem ask --csv stories.csv > answers.csv
"""


@app.command(epilog=EXAMPLES)
def ask(
    context: typer.Context,
    questions: Annotated[
        list[str] | None, typer.Argument(metavar="QUESTION...", help="Each one in quotes.")
    ] = None,
    story: Annotated[
        Path | None,
        typer.Option(
            "--story",
            "-s",
            metavar="FILE",
            allow_dash=True,
            help="Plain sentences or a bAbI file; - is stdin, as is a pipe where none is given.",
        ),
    ] = None,
    number: Annotated[
        int, typer.Option("--number", "-n", metavar="N", min=1, help="Which story of the file.")
    ] = 1,
    table: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            metavar="FILE",
            allow_dash=True,
            help="A table with columns story and question instead; - is stdin.",
        ),
    ] = None,
    model: ModelOption = None,
    task: TaskOption = None,
    device: DeviceOption = "auto",
    json: JsonOption = False,
) -> None:
    """Ask questions about the story in a file; each answer is one line.

    Questions in the file are left out. A question that cannot be answered, one with words that the
    model does not know, say, has ? for its answer; stderr says why, and the exit code is 1.

    --csv prints the table with columns answer and probability, and keeps all others.
    """  # fmt: skip
    name = chosen(context, model, task)
    if table is not None:
        if questions or story is not None or json or number != 1:
            raise UsageError("--csv has stories and questions, and prints CSV; give nothing else.")
        failed = _answer_table(table, name, device)
    elif questions:
        failed = _answer(questions, _file(story), number, name=name, device=device, json=json)
    else:
        raise UsageError('there is no question; give one in quotes: "Where is Mary?".')
    if failed:
        raise typer.Exit(1)


def _answer(
    questions: list[str], file: Path | None, number: int, *, name: str, device: str, json: bool
) -> int:
    """Answer questions about one story; returns how many lines could not be taken."""
    from contextlib import redirect_stdout

    from relmem_cli.chat.model.loader import display_name, open_reader
    from relmem_cli.chat.pipe import Pipe
    from relmem_cli.chat.story.lines import UtteranceKind
    from relmem_cli.chat.story.model_input import Unloaded
    from relmem_cli.chat.story.story_files import questions_in
    from relmem_cli.contract import Kernels
    from relmem_cli.library import look_up

    known = Unloaded(look_up(name, device).card, name=display_name(name))
    asked = [(text, questions_in(text, known.vocabulary)) for text in questions]
    read = _story(file, number, known.vocabulary)
    sentences = [said for said in read if said.kind is UtteranceKind.sentence]
    possible = any(known.can_read(question) for _, parts in asked for question in parts)
    out = sys.stdout
    with redirect_stdout(sys.stderr):  # what a model prints is no answer
        reader = open_reader(name, device, Kernels.reference) if possible else known
        pipe = Pipe(reader, out=out, warn=_warn, as_json=json)
        for place, sentence in enumerate(sentences, start=1):
            pipe.hear(sentence, f"sentence {place} of the story")
        for text, parts in asked:
            for question in parts:
                pipe.hear(question, repr(text))
    return pipe.failed


def _answer_table(path: Path, name: str, device: str) -> int:
    """Answer a table's questions; returns how many rows failed."""
    from contextlib import redirect_stdout

    from relmem_cli.chat.model.loader import open_reader
    from relmem_cli.chat.table import TablePipe
    from relmem_cli.commands.shared.output import show_log
    from relmem_cli.library import look_up

    show_log()
    look_up(name, device)
    table = _table(path)
    out = sys.stdout
    with redirect_stdout(sys.stderr):
        pipe = TablePipe(open_reader(name, device), out=out, warn=_warn)
        pipe.run(table)
    return pipe.failed


def _warn(text: str) -> None:
    say(f"relmem: {text}")


def _file(story: Path | None) -> Path | None:
    """The file to read, None for stdin. Raises UsageError where nothing comes through that."""
    if story is not None:
        return None if str(story) == "-" else story
    if sys.stdin is not None and sys.stdin.isatty():
        raise UsageError("there is no story; name its file with --story, or pipe it in.")
    return None


def _story(file: Path | None, number: int, vocabulary: "Vocabulary") -> "list[Utterance]":
    """The N-th story of a file, or of stdin. Raises UsageError where there are not so many."""
    from relmem_cli.chat.story.story_files import nth_story, read_stories, stories_in

    if file is None:
        if sys.stdin is None:
            raise RelmemError("there is no story on stdin.")
        name, stories = "stdin", stories_in(sys.stdin.buffer, "stdin", vocabulary)
    else:
        name, stories = str(file), read_stories(file, vocabulary)
    return nth_story(stories, number, name)


def _table(path: Path) -> "AskedTable":
    """The table of a file, or of stdin."""
    from relmem_cli.chat.story.asked_table import read_table, table_in
    from relmem_cli.chat.story.story_files import LARGEST

    if str(path) != "-":
        return read_table(path)
    if sys.stdin is None:
        raise RelmemError("there is no table on stdin.")
    return table_in(sys.stdin.buffer.read(LARGEST + 1), "stdin")
