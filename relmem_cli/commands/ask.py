"""`relmem ask`: questions about a story that is in a file."""

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
    from relmem_cli.chat.story.lines import Utterance
    from relmem_cli.stories.vocabulary import Vocabulary

app = typer.Typer(add_completion=False)

EXAMPLES = """
Examples:

    relmem ask --story story.txt "Where is Mary?"

    relmem ask --story qa1_test.txt --number 7 "Where is Mary?"

    echo "Mary went to the kitchen." | relmem ask -s - "Where is Mary?"
"""


@app.command(epilog=EXAMPLES)
def ask(
    context: typer.Context,
    questions: Annotated[
        list[str], typer.Argument(metavar="QUESTION...", help="Each one in quotes.")
    ],
    story: Annotated[
        Path,
        typer.Option(
            "--story",
            "-s",
            metavar="FILE",
            allow_dash=True,
            help="Plain sentences or a bAbI file; - is stdin.",
        ),
    ],
    number: Annotated[
        int, typer.Option("--number", "-n", metavar="N", min=1, help="Which story of the file.")
    ] = 1,
    model: ModelOption = None,
    task: TaskOption = None,
    device: DeviceOption = "auto",
    json: JsonOption = False,
) -> None:
    """Ask questions about the story in a file; each answer is one line.

    Questions in the file are left out. The exit code is 1 where a question was not answered: one
    with words that the model does not know, say. The others are answered all the same.
    """  # fmt: skip
    from contextlib import redirect_stdout

    from relmem_cli.chat.model.loader import display_name, open_reader
    from relmem_cli.chat.pipe import Pipe
    from relmem_cli.chat.story.lines import UtteranceKind
    from relmem_cli.chat.story.model_input import Unloaded
    from relmem_cli.library import look_up

    name = chosen(context, model, task)
    known = Unloaded(look_up(name, device).card, name=display_name(name))
    asked = [(text, _parsed(text, known.vocabulary)) for text in questions]
    read = _story(story, number, known.vocabulary)
    sentences = [said for said in read if said.kind is UtteranceKind.sentence]
    possible = any(known.can_read(question) for _, parts in asked for question in parts)
    out = sys.stdout
    with redirect_stdout(sys.stderr):  # what a model prints is no answer
        reader = open_reader(name, device) if possible else known
        pipe = Pipe(reader, out=out, warn=lambda text: say(f"relmem: {text}"), as_json=json)
        for place, sentence in enumerate(sentences, start=1):
            pipe.hear(sentence, f"sentence {place} of the story")
        for text, parts in asked:
            for question in parts:
                pipe.hear(question, repr(text))
    if pipe.failed:
        raise typer.Exit(1)


def _parsed(text: str, vocabulary: "Vocabulary") -> "list[Utterance]":
    """One or more questions. Raises UsageError for anything else."""
    from dataclasses import replace

    from relmem_cli.chat.story.lines import UtteranceKind
    from relmem_cli.chat.story.words import parse_typed
    from relmem_cli.plain import brief_line

    parsed = parse_typed(text, vocabulary)
    if (
        isinstance(parsed, list)
        and parsed
        and all(one.kind is UtteranceKind.question for one in parsed)
    ):
        return [replace(one, begins_story=False) for one in parsed]
    raise UsageError(f"{brief_line(text, 40)!r} is no question; a question ends with ?.")


def _story(path: Path, number: int, vocabulary: "Vocabulary") -> "list[Utterance]":
    """The N-th story of a file, or of stdin. Raises UsageError where there are not so many."""
    from relmem_cli.chat.story.story_files import read_stories, stories_in

    if str(path) == "-":
        if sys.stdin is None:
            raise RelmemError("there is no story on stdin.")
        name, stories = "stdin", stories_in(sys.stdin.buffer, "stdin", vocabulary)
    else:
        name, stories = str(path), read_stories(path, vocabulary)
    if number > len(stories):
        raise UsageError(f"{name} has stories 1 to {len(stories):,}, not {number}.")
    return stories[number - 1]
