"""Tab: the model's words, slash commands, and model names after /model."""

import re
from collections.abc import Callable, Iterable, Mapping

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

_WORD = re.compile(r"[^\s.?]*$")


class ChatCompleter(Completer):
    """Completes the line that the cursor is on.

    words     the words that the model knows
    commands  the summary of each slash command by name
    models    the names that /model takes
    """

    def __init__(
        self,
        *,
        words: Callable[[], Iterable[str]],
        commands: Mapping[str, str],
        models: Callable[[], Iterable[str]],
    ) -> None:
        self._words = words
        self._commands = commands
        self._models = models

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """What may stand at the cursor, in the words' own order."""
        del complete_event
        line = document.current_line_before_cursor.lstrip()
        if not line.startswith("/"):
            return self._complete_word(line)
        name, space, argument = line[1:].partition(" ")
        if not space:
            return self._complete_command(name)
        return self._complete_model(argument.lstrip()) if name == "model" else ()

    def _complete_word(self, line: str) -> Iterable[Completion]:
        match = _WORD.search(line)
        typed = match[0] if match else ""
        for word in self._words():
            if word.startswith(typed.lower()):
                text = word.capitalize() if typed[:1].isupper() else word
                yield Completion(text, start_position=-len(typed))

    def _complete_command(self, typed: str) -> Iterable[Completion]:
        for name, summary in self._commands.items():
            if name.startswith(typed.lower()):
                yield Completion(f"/{name}", start_position=-len(typed) - 1, display_meta=summary)

    def _complete_model(self, typed: str) -> Iterable[Completion]:
        for name in self._models():
            if name.startswith(typed):
                yield Completion(name, start_position=-len(typed))
