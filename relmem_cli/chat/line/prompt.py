"""The line that people type on: history, completion, toolbar. It needs neither model nor torch."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app, get_app_session
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import Completer
from prompt_toolkit.cursor_shapes import ModalCursorShapeConfig
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History
from prompt_toolkit.input import Input
from prompt_toolkit.layout.screen import Char
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.utils import is_dumb_terminal

from relmem_cli.chat.line.keys import key_bindings
from relmem_cli.chat.line.marking import Marker
from relmem_cli.chat.line.pasting import Paste
from relmem_cli.chat.line.prompt_style import prompt_style
from relmem_cli.chat.line.terminal import keys_are_waiting
from relmem_cli.chat.line.waiting import Waiting
from relmem_cli.chat.model.loader import Background
from relmem_cli.chat.view.preferences import Keys, Preferences
from relmem_cli.door import TURNING, doors
from relmem_cli.plain import brief_start

PROMPT = "> "

LEAST_MENU, MENU = 3, 7
"""Rows that are kept free below the line for completions, in low windows and high ones."""

# prompt-toolkit shows control characters as "^[" or "<9b>"; what turns the direction of a line it
# lets through, from completions and the history too.
Char.display_mappings.update({mark: f"<{ord(mark):04x}>" for mark in TURNING})


class Prompt:
    """Asks for lines. It starts to load the model once it shows, and ends if that fails.

    toolbar    what the last row says, unless the line has an unknown word: then near ones
    marker     marks words and commands that are not known
    show_help  prints what can be typed, above the line
    refuse     prints why a paste was not taken
    preferences  whose keys and which colours; they may change from line to line
    sentences  the story so far, which Esc twice goes back through
    keys       opens what is typed; by default prompt-toolkit's own input
    """

    def __init__(  # noqa: PLR0913  # what a prompt is made of
        self,
        *,
        completer: Completer,
        toolbar: Callable[[], str],
        loading: Background[Any],
        history: History,
        marker: Marker,
        show_help: Callable[[], None],
        refuse: Callable[[str], None],
        preferences: Preferences,
        sentences: Callable[[], Sequence[str]] = tuple,
        keys: Callable[[], Input] | None = None,
    ) -> None:
        self._loading = loading
        self._status = toolbar
        self._marker = marker
        self._paste = Paste(refuse)
        self._preferences = preferences
        self._waiting = Waiting()
        self._session: PromptSession[str] = PromptSession(
            completer=completer,
            # An empty line needs no room for a menu: what was shown last stays in sight.
            complete_while_typing=Condition(lambda: bool(get_app().current_buffer.text)),
            complete_in_thread=True,  # a folder may have many files, or lie far away
            lexer=marker,
            auto_suggest=AutoSuggestFromHistory(),
            bottom_toolbar=self._toolbar,
            prompt_continuation=_continuation,
            history=history,
            placeholder=self._waiting.shown,
            key_bindings=key_bindings(
                show_help=show_help,
                refuse=refuse,
                paste=self._paste,
                waiting=self._waiting,
                sentences=sentences,
            ),
            enable_suspend=True,
            input=keys() if keys else None,
        )
        # Not sooner: importing torch would hold up the first prompt.
        self._session.app.after_render += lambda _: loading.start()
        loading.future.add_done_callback(self._on_loaded)

    def __call__(self, typed: str = "", refused: str = "") -> str:
        """One or more lines.

        typed    what the line begins with, unless keys are waiting to be read
        refused  what stands there in grey until something is typed; Up brings it

        Raises KeyboardInterrupt on Ctrl-C, EOFError on Ctrl-D, and what loading the model raised.
        """
        self._raise_failure()
        self._paste.begin()
        self._waiting.begin(refused, self._session.history)
        self._adapt()
        if keys_are_waiting(self._session.input):
            typed = ""
        shown = PROMPT
        if is_dumb_terminal():  # it is not redrawn: the prompt has to hold what is typed already
            shown += typed
            self._loading.start()
        with patch_stdout(raw=True), doors():  # raw: views are printed above the line
            return self._session.prompt(
                [("class:prompt", shown)], default=typed, pre_run=self._refresh
            )

    def _adapt(self) -> None:
        """Take over what /set has changed, and the height of the window."""
        vi = self._preferences.keys is Keys.vi
        self._session.editing_mode = EditingMode.VI if vi else EditingMode.EMACS
        self._session.cursor = ModalCursorShapeConfig() if vi else None
        self._session.style = prompt_style(self._preferences.theme)
        rows = get_app_session().output.get_size().rows
        self._session.reserve_space_for_menu = max(LEAST_MENU, min(MENU, rows // 4))

    def _toolbar(self) -> StyleAndTextTuples:
        """Near words for unknown ones, else the status; cut where the window ends."""
        app = get_app()
        columns = app.output.get_size().columns
        status = self._status()
        if app.editing_mode is EditingMode.VI:
            status += f" | {app.vi_state.input_mode.value}"
        hint = self._marker.hint_for(app.current_buffer.document.current_line)
        return [("class:hint" if hint else "", brief_start(hint or status, columns))]

    def _raise_failure(self) -> None:
        if self._loading.future.done():
            self._loading.result()

    def _on_loaded(self, loading: Future[Any]) -> None:
        """Called in the loader's thread: hand over to the prompt's own."""
        del loading
        loop = self._session.app.loop
        if loop is not None:
            with suppress(RuntimeError):  # the prompt has just ended and its loop is closed
                loop.call_soon_threadsafe(self._refresh)

    def _refresh(self) -> None:
        app = self._session.app
        future = self._loading.future
        failed = future.exception() if future.done() else None
        if failed and app.is_running and not app.is_done:
            app.exit(exception=failed)
        else:
            app.invalidate()


def _continuation(width: int, line: int, wrapped: int) -> str:
    """What stands before each further line, and before nothing that is only wrapped."""
    del line
    return "" if wrapped else "." * (width - 1) + " "
