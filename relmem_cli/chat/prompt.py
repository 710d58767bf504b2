"""The line that people type on: history, completion, toolbar. It needs neither model nor torch."""

import os
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import Completer
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.utils import is_dumb_terminal

from relmem_cli.chat.loader import Background
from relmem_cli.chat.terminal import typed_ahead
from relmem_cli.chat.theme import Theme, prompt_style

PROMPT = "> "


class Prompt:
    """Asks for lines. It starts to load the model once it shows, and ends if that fails."""

    def __init__(
        self,
        *,
        completer: Completer,
        toolbar: Callable[[], str],
        loading: Background[Any],
        history: History,
        theme: Theme = Theme.auto,
    ) -> None:
        self._loading = loading
        self._session: PromptSession[str] = PromptSession(
            completer=completer,
            # Words complete on Tab; a menu under every word typed would be loud.
            complete_while_typing=Condition(lambda: get_app().current_buffer.text[:1] == "/"),
            bottom_toolbar=toolbar,
            history=history,
            style=prompt_style(theme),
        )
        # Not sooner: importing torch would hold up the first prompt.
        self._session.app.after_render += lambda _: loading.start()
        loading.future.add_done_callback(self._on_loaded)

    def __call__(self, waiting: str = "") -> str:
        """One or more lines; `waiting` is typed already, unless more keys are: then Up brings it.

        Raises KeyboardInterrupt on Ctrl-C, EOFError on Ctrl-D, and what loading the model raised.
        """
        self._raise_failure()
        if typed_ahead(self._session.input):
            waiting = ""
        shown = PROMPT
        if is_dumb_terminal():  # it is not redrawn: the prompt has to hold what is typed already
            shown += waiting
            self._loading.start()
        with patch_stdout(raw=True):
            return self._session.prompt(
                [("class:prompt", shown)], default=waiting, pre_run=self._refresh
            )

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


class UserHistory(FileHistory):
    """Lines in a file; one that can no longer be written costs no line."""

    def store_string(self, string: str) -> None:
        """Append an entry."""
        with suppress(OSError):
            super().store_string(string)


def open_history(path: Path) -> tuple[History, str]:
    """The history in a file that only the user can read, and a warning, "" where all is well.

    Where the file cannot be written the history lives in memory only.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    except OSError as error:
        return InMemoryHistory(), f"{path} cannot be written ({error.strerror}): no history is kept"
    return UserHistory(str(path)), ""
