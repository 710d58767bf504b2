"""`relmem chat`: talk to a memory network, at a terminal or through a pipe."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relmem_cli.chat.view.preferences import Keys, Preferences
from relmem_cli.chat.view.theme import Theme
from relmem_cli.commands.shared.choosing import (
    DeviceOption,
    JsonOption,
    ModelOption,
    PanelOption,
    TaskOption,
    ThemeOption,
    chosen,
)
from relmem_cli.commands.shared.output import say
from relmem_cli.errors import RelmemError, UsageError

if TYPE_CHECKING:
    from relmem_cli.chat.story.log import Log

app = typer.Typer(add_completion=False)

EXAMPLES = """
Examples:

    relmem chat

    relmem chat --task 1 --device cpu

    relmem chat --continue

    relmem chat --continue 3

    relmem chat < story.txt

    relmem chat --log talk.jsonl --theme light

    echo "Mary went to the kitchen. Where is Mary?" | relmem chat --json
"""


@app.command(epilog=EXAMPLES)
def chat(  # each is an option of the command line
    context: typer.Context,
    model: ModelOption = None,
    task: TaskOption = None,
    device: DeviceOption = "auto",
    continue_: Annotated[
        bool,
        typer.Option(
            "--continue",
            "-c",
            envvar="RELMEM_CHAT_CONTINUE",
            help="Go on with the last conversation, or the N-th last.",
        ),
    ] = False,
    number: Annotated[
        int | None,
        typer.Argument(
            metavar="[N]",
            min=1,
            max=999,
            show_default=False,
            help="With --continue: a place in the list of /conversations.",
        ),
    ] = None,
    json: JsonOption = False,
    log: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Append what is said to a file, one JSON object for each line."
        ),
    ] = None,
    theme: ThemeOption = Theme.auto,
    keys: Annotated[Keys, typer.Option(help="The keys of Emacs or of vi.")] = Keys.emacs,
    slots: Annotated[
        bool,
        typer.Option(
            help="Show which slots a sentence opened, or which sentences an answer was read from."
        ),
    ] = True,
    panel: PanelOption = None,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Keep nothing of it for the next chat.")
    ] = False,
) -> None:
    """Tell a memory network a story sentence by sentence, and ask it questions.

    At a terminal this is a conversation; /help there lists what can be typed.
    Of lines that come through a pipe (sentences, questions, a bAbI file as it is) each question
    gets a line: its answer, or ? where there is none. Then the exit code is 1, and stderr says why.
    """
    from contextlib import closing

    from relmem_cli.chat.story.log import Log
    from relmem_cli.commands.shared.talk import TalkOptions, at_terminal, talk

    name = chosen(context, model, task)
    terminal = at_terminal() and not json
    if continue_ and not terminal and _is_flag(context, "continue_"):
        raise UsageError("--continue goes on with a conversation at a terminal, not with a pipe's.")
    if number and not continue_:
        raise UsageError(f"{number} alone says nothing; relmem chat --continue {number} goes on.")
    with closing(Log(log, warn=_warn)) as kept:
        if not terminal:
            _check_panels(panel or ())
            _pipe(name, device, as_json=json, log=kept)
            return
        options = TalkOptions(
            preferences=Preferences(theme=theme, keys=keys, slots=slots),
            record=not no_history,
            go_on=(number or 1) if continue_ else 0,
            panels=panel or (),
            log=kept,
            root=context.find_root(),
        )
        named = _is_flag(context, "model") or _is_flag(context, "task")
        talk(name if named or not continue_ else None, device, options)


def _is_flag(context: typer.Context, name: str) -> bool:
    """Whether an option stands on the command line, not in a variable or file."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _warn(text: str) -> None:
    say(f"relmem: {text}")


def _check_panels(names: Iterable[str]) -> None:
    """A pipe shows no panels, but a wrong name is as wrong as at a terminal."""
    from relmem_cli.plugins import registry

    for name in names:
        registry().chat_panels.get_or_explain(name)


def _pipe(name: str, device: str, *, as_json: bool, log: "Log") -> None:
    """Answer what stdin asks. Raises RelmemError where it asks nothing."""
    from contextlib import redirect_stdout

    from relmem_cli.chat.model.loader import open_reader
    from relmem_cli.chat.pipe import Pipe
    from relmem_cli.commands.shared.output import show_log

    show_log()
    out = sys.stdout
    with redirect_stdout(sys.stderr):  # what a model prints is no answer
        reader = open_reader(name, device)
        pipe = Pipe(reader, out=out, warn=_warn, as_json=as_json, log=log)
        answered = pipe.run(sys.stdin.buffer) if sys.stdin else 0
    if pipe.failed:
        raise typer.Exit(1)  # its line has been named
    if not answered:
        raise RelmemError("there was no question on stdin; a question ends with a question mark.")
