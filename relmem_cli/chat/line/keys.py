"""The keys that relmem adds to the line's own; `commands.KEYS` lists them all."""

from collections.abc import Callable

from prompt_toolkit.enums import SEARCH_BUFFER
from prompt_toolkit.filters import Condition, emacs_mode, has_focus
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from relmem_cli.chat.line.pasting import Paste
from relmem_cli.chat.line.tab import Tab
from relmem_cli.chat.line.waiting import Waiting


def key_bindings(show_help: Callable[[], None], paste: Paste, waiting: Waiting) -> KeyBindings:
    """The bindings that the line does not have by itself."""
    bindings = KeyBindings()
    grey = Condition(waiting.is_shown)

    @bindings.add("right", filter=grey)
    @bindings.add("c-f", filter=grey)
    @bindings.add("c-e", filter=grey)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(waiting.text)

    bindings.add("tab", filter=~has_focus(SEARCH_BUFFER))(Tab())

    # Not with vi's keys: there Escape would have to wait for an Enter.
    @bindings.add("escape", "enter", filter=emacs_mode)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @bindings.add("f1")
    def _(event: KeyPressEvent) -> None:
        del event
        show_help()

    bindings.add(Keys.BracketedPaste)(paste)
    return bindings
