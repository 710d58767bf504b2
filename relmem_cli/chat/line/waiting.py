"""What was refused: it waits in grey and on Up, so that nothing typed next is glued to it."""

from prompt_toolkit.application import get_app
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.history import History

from relmem_cli.plain import brief_start

BESIDE = 3
"""Cells for the prompt and the cursor."""

LEAST = 10
"""Characters of the first line that are shown in the narrowest window."""


class Waiting:
    """Lines that were not read, shown while the line is empty."""

    def __init__(self) -> None:
        self.text = ""

    def begin(self, text: str, history: History) -> None:
        """Another line begins; its history has the text as its latest entry, "" for none."""
        self.text = text
        if text and [text] != history.get_strings()[-1:]:
            history.append_string(text)

    def is_shown(self) -> bool:
        """Whether the line is empty and something waits."""
        return bool(self.text) and not get_app().current_buffer.text

    def shown(self) -> StyleAndTextTuples:
        """The first line in grey as far as the window goes, and how many wait behind it."""
        app = get_app()
        if not self.text or app.is_done:
            return []
        first, *more = self.text.splitlines()
        count = f"  (and {len(more)} more)" if more else ""
        room = app.output.get_size().columns - len(count) - BESIDE
        return [("class:auto-suggestion", brief_start(first, max(room, LEAST)) + count)]
