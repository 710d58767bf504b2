"""Takes people through a tour: says something, types a line, waits until they want to go on."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prompt_toolkit.application import Application
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, Layout, Window
from prompt_toolkit.utils import is_dumb_terminal
from rich.console import RenderableType
from rich.text import Text

from relmem_cli.chat.line.prompt import PROMPT
from relmem_cli.chat.line.terminal import hold_input
from relmem_cli.chat.repl import Repl
from relmem_cli.console import Console

WIDEST = 72
"""Cells of a line of explanation, where the terminal has more."""

PACE = 0.035
"""Seconds from one typed letter to the next."""

HINT = "Enter goes on, q leaves"


@dataclass(frozen=True, slots=True)
class TourStep:
    """What is said, then the lines that are typed."""

    says: str
    types: tuple[str, ...]


class LeftError(Exception):
    """The tour was left before its end."""


class Guide:
    """Shows the steps of a tour on a console.

    go_on  asked before each step but the first, whether to; None goes on at once
    pace   seconds from letter to letter
    """

    def __init__(
        self, console: Console, *, go_on: Callable[[], bool] | None = None, pace: float = 0.0
    ) -> None:
        self.console = console
        self._go_on = go_on
        self._pace = pace
        self._begun = False

    def say(self, text: str) -> None:
        """Begin a step with an explanation. Raises LeftError where nobody wants to go on."""
        if self._begun and self._go_on is not None and not self._go_on():
            raise LeftError
        self._begun = True
        width = min(self.console.width, WIDEST)
        self.console.print()
        self.console.print(Text(text, style="relmem.sentence"), width=width)
        self.console.print()

    def show(self, view: RenderableType) -> None:
        """Print a view."""
        self.console.print(view)

    def type(self, line: str, prompt: str = PROMPT) -> None:
        """The line as if somebody typed it at the prompt."""
        self.console.print(Text(prompt, style="relmem.strong"), end="")
        for letter in line:
            if self._pace:
                time.sleep(self._pace)
            self.console.print(Text(letter), end="")
        self.console.print()
        if self._pace:
            time.sleep(10 * self._pace)

    def talk(self, repl: Repl, steps: Sequence[TourStep]) -> None:
        """Steps of a conversation. Raises LeftError where nobody wants to go on."""
        for step in steps:
            self.say(step.says)
            with hold_input():
                for line in step.types:
                    self.type(line)
                    repl.take(line)


def finished(console: Console, tour: Callable[[], object]) -> bool:
    """Take a tour; returns whether it came to its end: Ctrl-C and Ctrl-D leave it too."""
    try:
        tour()
    except (LeftError, KeyboardInterrupt, EOFError):
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
