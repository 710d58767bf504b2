"""Draws docs/session.svg: a real conversation with the default model, rendered by relmem itself.

uv run python docs/make_session.py
"""

import io
from pathlib import Path

from rich.console import Console
from rich.text import Text

from relmem_cli.chat import render
from relmem_cli.chat.commands import slash_commands
from relmem_cli.chat.loader import find_models
from relmem_cli.chat.repl import Repl
from relmem_cli.library import DEFAULT_MODEL

LINES = """\
Mary went to the kitchen.
John picked up the football. John went to the garden.
Where is the football?
/why
John travelled to the office.
Where is the football?
/undo
Where is the football?
Where is the ball?
"""


def main() -> None:
    console = Console(
        record=True, file=io.StringIO(), width=76, force_terminal=True, highlight=False
    )
    models = find_models(DEFAULT_MODEL, "cpu")
    repl = Repl(models=models, commands=slash_commands([]), console=console)
    _ = repl.session  # loads the model
    console.export_text(clear=True)
    console.print(Text.assemble(("$ ", "dim"), "relmem chat"))
    console.print(render.note(f"{models.name}: /help shows what can be typed, Ctrl-D leaves."))
    for line in LINES.splitlines():
        console.print(Text.assemble(("> ", "bold"), line))
        repl.take(line)
    console.save_svg(str(Path(__file__).with_name("session.svg")), title="relmem chat")


if __name__ == "__main__":
    main()
