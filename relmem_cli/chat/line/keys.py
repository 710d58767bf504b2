"""The keys that relmem adds to the line's own; `commands.KEYS` lists them all."""

from collections.abc import Callable, Sequence

from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.document import Document
from prompt_toolkit.enums import SEARCH_BUFFER
from prompt_toolkit.filters import Condition, emacs_mode, has_focus, vi_navigation_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from relmem_cli.chat.line.editor import edit_text
from relmem_cli.chat.line.pasting import LONGEST_TYPED, Paste
from relmem_cli.chat.line.steps_back import StepsBack
from relmem_cli.chat.line.tab import Tab
from relmem_cli.chat.line.waiting import Waiting
from relmem_cli.errors import RelmemError


def key_bindings(
    *,
    show_help: Callable[[], None],
    refuse: Callable[[str], None],
    paste: Paste,
    waiting: Waiting,
    sentences: Callable[[], Sequence[str]],
) -> KeyBindings:
    """The bindings that the line does not have by itself."""
    bindings = KeyBindings()
    grey = Condition(waiting.is_shown)

    @bindings.add("right", filter=grey)
    @bindings.add("c-f", filter=grey)
    @bindings.add("c-e", filter=grey)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text(waiting.text)

    @bindings.add("c-x", "c-e")
    async def _(event: KeyPressEvent) -> None:
        await _write_in_editor(event, waiting, refuse)

    bindings.add("tab", filter=~has_focus(SEARCH_BUFFER))(Tab())

    # Not while vi's keys insert: there Escape would have to wait for what follows it.
    steps = StepsBack(sentences)
    bindings.add("escape", "escape", filter=emacs_mode | vi_navigation_mode)(steps)

    # The editor's Alt-/ would complete a word; here Escape closes a menu, and a command follows.
    @bindings.add("escape", "/", filter=emacs_mode)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("/")

    @bindings.add("escape", "enter", filter=emacs_mode)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @bindings.add("f1")
    def _(event: KeyPressEvent) -> None:
        del event
        show_help()

    bindings.add(Keys.BracketedPaste)(paste)
    return bindings


async def _write_in_editor(
    event: KeyPressEvent, waiting: Waiting, refuse: Callable[[str], None]
) -> None:
    """Have what is typed, or what waits, written on in an editor; what comes back is sent."""
    buffer = event.current_buffer
    typed = buffer.text or waiting.text
    try:
        text = await run_in_terminal(lambda: edit_text(typed), in_executor=True)
    except RelmemError as error:
        refuse(str(error))
        return
    if len(text) > LONGEST_TYPED:  # drawn as a line it would take seconds
        event.app.exit(result=text)
        return
    buffer.document = Document(text)
    if text:
        buffer.validate_and_handle()
