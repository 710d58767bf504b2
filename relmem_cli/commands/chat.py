"""`relmem chat`: talk to a memory network, at a terminal or through a pipe."""

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from relmem_cli.commands.output import say
from relmem_cli.errors import RelmemError, UsageError

if TYPE_CHECKING:
    from prompt_toolkit.history import History

app = typer.Typer(add_completion=False)

EXAMPLES = """
Examples:

    relmem chat

    relmem chat --task 1 --device cpu

    relmem chat < story.txt

    echo "Mary went to the kitchen. Where is Mary?" | relmem chat --json
"""


class Keys(StrEnum):
    """Whose keys edit the line."""

    emacs = "emacs"
    vi = "vi"


@app.command(epilog=EXAMPLES)
def chat(
    context: typer.Context,
    model: Annotated[
        str | None,
        typer.Option("--model", "-m", metavar="NAME|PATH", help="The model; see relmem models."),
    ] = None,
    task: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=20, help="The model of one bAbI task instead."),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for each question.")
    ] = False,
    keys: Annotated[Keys, typer.Option(help="The keys of Emacs or of vi.")] = Keys.emacs,
    no_history: Annotated[
        bool, typer.Option("--no-history", help="Keep no lines for the next chat.")
    ] = False,
) -> None:
    """Tell a memory network a story sentence by sentence, and ask it questions.

    At a terminal this is a conversation; /help there lists what can be typed.
    Lines that come through a pipe (sentences, questions, a bAbI file as it is) get one answer a
    line.
    """
    name = _chosen(context, model, task)
    if json or not (_is_terminal(sys.stdin) and _is_terminal(sys.stdout)):
        _pipe(name, device, as_json=json)
    else:
        _talk(name, device, vi=keys is Keys.vi, keep_history=not no_history)


def _chosen(context: typer.Context, model: str | None, task: int | None) -> str:
    """The model's name; where both are given, a flag goes before an environment variable or file.

    Raises UsageError where both are given in the same way.
    """
    from relmem_cli.library import DEFAULT_MODEL, task_model

    if model is not None and task is not None:
        by_model, by_task = map(context.get_parameter_source, ("model", "task"))
        if by_model == by_task or by_model is None or by_task is None:
            raise UsageError("--model and --task both name a model; give one of them.")
        if by_model.value < by_task.value:
            return model
    if task is not None:
        return task_model(task)
    return DEFAULT_MODEL if model is None else model


def _pipe(name: str, device: str, *, as_json: bool) -> None:
    """Answer what stdin asks. Raises RelmemError where it asks nothing."""
    from relmem_cli.chat.loader import open_reader
    from relmem_cli.chat.pipe import Pipe

    reader = open_reader(name, device)
    pipe = Pipe(reader, out=sys.stdout, warn=lambda text: say(f"relmem: {text}"), as_json=as_json)
    if sys.stdin is None or pipe.run(sys.stdin.buffer) == 0:
        raise RelmemError("there was no question on stdin; a question ends with a question mark.")


def _talk(name: str, device: str, *, vi: bool, keep_history: bool) -> None:
    """A conversation at the terminal; the prompt is there before torch is imported."""
    from rich.console import Console

    from relmem_cli.chat import render
    from relmem_cli.chat.commands import slash_commands
    from relmem_cli.chat.completion import ChatCompleter
    from relmem_cli.chat.loader import find_models
    from relmem_cli.chat.marking import Marker
    from relmem_cli.chat.prompt import Prompt
    from relmem_cli.chat.repl import Repl
    from relmem_cli.library import model_names
    from relmem_cli.plugins import registry

    models = find_models(name, device)
    console = Console(highlight=False)
    repl = Repl(
        models=models,
        commands=slash_commands(registry().chat_commands.values()),
        console=console,
    )
    history = _history(keep=keep_history)
    console.print(render.note(f"{models.name}: /help shows what can be typed, Ctrl-D leaves."))
    prompt = Prompt(
        completer=ChatCompleter(
            lexicon=repl.lexicon,
            commands=repl.commands,
            models=model_names,
            sentences=repl.sentences,
        ),
        toolbar=repl.status,
        loading=models.first,
        history=history,
        marker=Marker(lexicon=repl.lexicon, commands=repl.commands),
        show_help=repl.show_help,
        refuse=repl.refuse,
        vi=vi,
    )
    repl.run(prompt)


def _history(*, keep: bool) -> "History":
    """The user's, or one for this chat alone."""
    from prompt_toolkit.history import InMemoryHistory

    from relmem_cli.chat.history import open_history
    from relmem_cli.paths import history_file

    if not keep:
        return InMemoryHistory()
    history, warning = open_history(history_file())
    if warning:
        say(f"relmem: {warning}")
    return history


def _is_terminal(stream: object) -> bool:
    """Whether a stream is open and a terminal."""
    return bool(getattr(stream, "isatty", lambda: False)())
