"""`relmem chat`: talk to a memory network, at a terminal or through a pipe."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relmem_cli.chat.theme import Theme
from relmem_cli.commands.choosing import (
    DeviceOption,
    JsonOption,
    ModelOption,
    PanelOption,
    TaskOption,
    ThemeOption,
    chosen,
)
from relmem_cli.commands.output import say
from relmem_cli.errors import RelmemError

if TYPE_CHECKING:
    from rich.console import Console

    from relmem_cli.chat.log import Log
    from relmem_cli.chat.repl import Repl

app = typer.Typer(add_completion=False)

EXAMPLES = """
Examples:

    relmem chat

    relmem chat --task 1 --device cpu

    relmem chat < story.txt

    relmem chat --log talk.jsonl --theme light

    echo "Mary went to the kitchen. Where is Mary?" | relmem chat --json
"""


@app.command(epilog=EXAMPLES)
def chat(
    context: typer.Context,
    model: ModelOption = None,
    task: TaskOption = None,
    device: DeviceOption = "auto",
    json: JsonOption = False,
    log: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Append what is said to a file, one JSON object for each line."
        ),
    ] = None,
    theme: ThemeOption = Theme.auto,
    panel: PanelOption = None,
) -> None:
    """Tell a memory network a story sentence by sentence, and ask it questions.

    At a terminal this is a conversation; /help there lists what can be typed.
    Lines that come through a pipe (sentences, questions, a bAbI file as it is) get one answer a
    line. The exit code is 1 where one could not be answered; stderr has its number.
    """
    from contextlib import closing

    from relmem_cli.chat.log import Log

    name = chosen(context, model, task)
    with closing(Log(log, warn=_warn)) as kept:
        if json or not at_terminal():
            _pipe(name, device, as_json=json, log=kept)
        else:
            talk(name, device, theme=theme, panels=panel or (), log=kept)


def _warn(text: str) -> None:
    say(f"relmem: {text}")


def _pipe(name: str, device: str, *, as_json: bool, log: "Log") -> None:
    """Answer what stdin asks. Raises RelmemError where it asks nothing."""
    from relmem_cli.chat.loader import open_reader
    from relmem_cli.chat.pipe import Pipe

    reader = open_reader(name, device)
    pipe = Pipe(reader, out=sys.stdout, warn=_warn, as_json=as_json, log=log)
    answered = pipe.run(sys.stdin.buffer) if sys.stdin else 0
    if pipe.failed:
        raise typer.Exit(1)  # its line has been named
    if not answered:
        raise RelmemError("there was no question on stdin; a question ends with a question mark.")


def talk(
    name: str,
    device: str,
    *,
    theme: Theme = Theme.auto,
    panels: Sequence[str] = (),
    log: "Log | None" = None,
    first: "Callable[[Repl, Console], bool] | None" = None,
) -> None:
    """A conversation at the terminal; the prompt is there before torch is imported.

    `first` is what comes before the first prompt; where it returns False there is none.
    """
    from relmem_cli.chat import render
    from relmem_cli.chat.commands import slash_commands
    from relmem_cli.chat.completion import ChatCompleter
    from relmem_cli.chat.loader import find_models
    from relmem_cli.chat.panels import Panels
    from relmem_cli.chat.prompt import Prompt, open_history
    from relmem_cli.chat.repl import Repl
    from relmem_cli.chat.theme import styled_console
    from relmem_cli.library import model_names
    from relmem_cli.paths import history_file
    from relmem_cli.plugins import registry

    found = registry()
    models = find_models(name, device)
    console = styled_console(theme)
    repl = Repl(
        models=models,
        commands=slash_commands(found.chat_commands.values()),
        console=console,
        panels=Panels(found.chat_panels.get_or_explain(panel) for panel in panels),
        log=log,
    )
    history, warning = open_history(history_file())
    if warning:
        _warn(warning)
    completer = ChatCompleter(
        words=repl.words,
        commands={command.name: command.summary for command in repl.commands.values()},
        models=model_names,
    )
    if first is not None:
        models.first.start()
        if not first(repl, console):
            return
    console.print(render.note(f"{models.name}: /help shows what can be typed, Ctrl-D leaves."))
    prompt = Prompt(
        completer=completer,
        toolbar=repl.status,
        loading=models.first,
        history=history,
        theme=theme,
    )
    repl.run(prompt)


def at_terminal() -> bool:
    """Whether somebody types at one end and reads at the other."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stdout)


def _is_terminal(stream: object) -> bool:
    """Whether a stream is open and a terminal."""
    return bool(getattr(stream, "isatty", lambda: False)())
