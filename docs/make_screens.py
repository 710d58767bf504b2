"""Draws docs/chat/*.svg: real conversations with models that ship, rendered by relmem itself.

uv run python docs/make_screens.py
"""

import io
from pathlib import Path

from rich.text import Text

from relmem_cli.chat.commands import slash_commands
from relmem_cli.chat.model.loader import find_models
from relmem_cli.chat.repl import Repl
from relmem_cli.chat.story.story_files import split_stories
from relmem_cli.chat.view import render
from relmem_cli.chat.view.theme import Theme, styled_console
from relmem_cli.library import DEFAULT_MODEL, task_model

FOLDER = Path(__file__).with_name("chat")

SLOTS = "relation-slot-joint"

SCREENS = {
    "session": (DEFAULT_MODEL, """\
I'm at work and my wife dorve to the gym.
Tom's got my charger
where is my wife
/why
Tom carried the charger to the lobby
Where is my charger?
/edit 4 Tom dropped the charger in the canteen
Who has the charger?
What is Bob holding?
"""),
    "slots": (SLOTS, """\
Mary went to the kitchen. John went to the garden.
Where is Mary?
"""),
    "memory": (SLOTS, """\
Mary went to the kitchen. John went to the garden.
Mary picked up the milk. Mary moved to the office.
Where is the milk?
/memory gates
"""),
    "watch": (SLOTS, """\
Mary went to the kitchen. John went to the garden.
Mary moved to the bathroom. Where is Mary?
/watch 1
/watch 3
"""),
    "why": (task_model(15), """\
Wolves are afraid of mice. Sheep are afraid of wolves.
Gertrude is a sheep. Winona is a wolf.
What is Gertrude afraid of?
/why
/edit 3 Gertrude is a wolf.
?
"""),
    "compare": (task_model(1), """\
Mary went back to the garden. Daniel journeyed to the office.
Where is Mary? Where is Daniel?
Daniel travelled to the bedroom. Where is Daniel?
/compare relation-slot-joint
/params relation-slot-joint
"""),
    "quiz": (task_model(1), """\
/quiz 1
garden
hallway
"""),
}  # fmt: skip
"""By name: a model, and what is typed to it."""

QUIZ = """\
1 Sandra moved to the garden.
2 Daniel went to the kitchen.
3 Where is Sandra?\tgarden\t1
4 Daniel travelled to the office.
5 Where is Daniel?\toffice\t4
"""
"""What /quiz tells here; in chat it takes a bAbI story."""


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, (model, lines) in SCREENS.items():
        console = styled_console(
            Theme.dark,
            record=True,
            file=io.StringIO(),
            width=80,
            force_terminal=True,
            force_interactive=False,  # no spinner in the picture
            color_system="truecolor",
        )
        models = find_models(model, "cpu")
        repl = Repl(
            models=models,
            commands=slash_commands([]),
            console=console,
            test_stories=lambda _: split_stories(QUIZ.splitlines()),
        )
        _ = repl.session  # loads the model
        console.export_text(clear=True)
        chosen = "" if model == DEFAULT_MODEL else f" --model {model}"
        console.print(Text.assemble(("$ ", "dim"), f"relmem chat{chosen}"))
        console.print(render.note("/help shows what can be typed, Ctrl-D leaves."))
        for line in lines.splitlines():
            console.print(Text.assemble(("> ", "bold"), line))
            repl.take(line)
        console.save_svg(str(FOLDER / f"{name}.svg"), title="relmem chat")


if __name__ == "__main__":
    main()
