"""A guided tour: lines are typed to a real model, each with a word about what it shows."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from prompt_toolkit.application import Application
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.utils import is_dumb_terminal
from rich.text import Text

from relmem_cli.chat.line.prompt import PROMPT
from relmem_cli.chat.line.terminal import hold_input
from relmem_cli.chat.repl import Repl
from relmem_cli.console import Console
from relmem_cli.library import DEFAULT_MODEL, task_model

WIDEST = 72
"""Cells of a line of explanation, where the terminal has more."""

PACE = 0.035
"""Seconds from one typed letter to the next."""

HINT = "Enter goes on, q leaves"


FIRST_MODEL = "relation-slot-joint"
"""What the tour begins with: it has slots to look at."""


@dataclass(frozen=True, slots=True)
class TourStep:
    """What is said, then the lines that are typed."""

    says: str
    types: tuple[str, ...]


TOUR = (
    TourStep(
        "A memory network reads a story sentence by sentence and keeps what it needs in a few "
        "slots of memory. It has read many small stories, but not this one.",
        ("Mary went to the kitchen.", "John went to the garden.", "Mary moved to the bathroom."),
    ),
    TourStep(
        "A line with a question mark is a question. The answer comes with its probability, and "
        "with the next best ones.",
        ("Where is Mary?", "Where is John?"),
    ),
    TourStep("Which sentences was that read from?", ("/why",)),
    TourStep(
        "Nothing is final. /undo takes back the last sentence, and the memory is what it was "
        "before; ask again and see.",
        ("/undo", "Where is Mary?"),
    ),
    TourStep("/redo tells it again, and /story shows all of it.", ("/redo", "/story")),
    TourStep(
        "/edit changes any sentence. What comes after it is read again, and every question is "
        "answered anew; what changes is shown.",
        ("/edit 3 Mary moved to the office.",),
    ),
    TourStep(
        "This is the memory: a row is a sentence, a column a slot, a mark how wide the sentence "
        "opened it. Those about Mary open the same slots, John's opens others too.",
        ("/memory gates",),
    ),
    TourStep(
        "A word that it was never taught is named, not guessed at.",
        ("Mary went to the bathrom.",),
    ),
    TourStep(
        "This model knows 20 kinds of story, and says yes or no as well. /compare asks another "
        "one, which has only ever learned where people are.",
        ("Is Mary in the office?", f"/compare {task_model(1)}"),
    ),
    TourStep(
        "/model goes on with another model. This one keeps the sentences themselves, and shows "
        "after an answer which of them it read.",
        (f"/model {DEFAULT_MODEL}", "Where is John?"),
    ),
    TourStep("It is the one that answers best. A clean page: your turn.", ("/clear",)),
)


def guide(
    repl: Repl, console: Console, *, go_on: Callable[[], bool] | None = None, pace: float = 0.0
) -> bool:
    """Take the tour; returns whether it came to its end.

    go_on  asked after each step but the last, whether to; None goes on at once
    pace   seconds from letter to letter
    """
    try:
        for step in TOUR:
            if step is not TOUR[0] and go_on is not None and not go_on():
                return False
            _say(console, step.says)
            with hold_input():
                for line in step.types:
                    _type(console, line, pace)
                    repl.take(line)
    except (KeyboardInterrupt, EOFError):
        console.print()
        return False
    console.print()
    return True


def wait_for_key() -> bool:
    """Wait for Enter, or for a key that leaves: then it returns False."""
    if is_dumb_terminal():
        return input(f"{HINT} ").strip().lower() not in ("q", "quit")
    asking: Application[bool] = Application(
        layout=Layout(Window(FormattedTextControl([("", "\n"), ("italic", HINT)]), height=2)),
        key_bindings=_bindings(),
        erase_when_done=True,
    )
    return asking.run()


def _bindings() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=True)

    @keys.add("q")
    @keys.add("Q")
    @keys.add("c-c")
    @keys.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=False)

    return keys


def _say(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="relmem.sentence"), width=min(console.width, WIDEST))
    console.print()


def _type(console: Console, line: str, pace: float) -> None:
    """The line as if somebody typed it at the prompt."""
    console.print(Text(PROMPT, style="relmem.strong"), end="")
    for letter in line:
        if pace:
            time.sleep(pace)
        console.print(Text(letter), end="")
    console.print()
    if pace:
        time.sleep(10 * pace)
