"""Esc twice: the story's sentences, the last one first, each as /edit takes it."""

from collections.abc import Callable, Sequence

from prompt_toolkit.document import Document
from prompt_toolkit.key_binding import KeyPressEvent


class StepsBack:
    """Puts an earlier sentence into the line, to be changed; nothing happens until Enter.

    Once more it is the one before; after the first the line is empty again. What somebody has
    typed, or begun to change, stays as it is.
    """

    def __init__(self, sentences: Callable[[], Sequence[str]]) -> None:
        self._sentences = sentences
        self._place = 0
        self._put = ""

    def __call__(self, event: KeyPressEvent) -> None:
        """Act on the keys."""
        buffer = event.current_buffer
        told = self._sentences()
        if buffer.text and buffer.text != self._put:
            return
        self._place = min(self._place - 1, len(told)) if buffer.text else len(told)
        self._put = f"/edit {self._place} {told[self._place - 1]}" if self._place > 0 else ""
        buffer.document = Document(self._put)
