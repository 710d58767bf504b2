"""Tab: what is common to all completions, then one after the other, whatever menu is open."""

from prompt_toolkit.buffer import Buffer, CompletionState
from prompt_toolkit.completion import CompleteEvent, get_common_complete_suffix
from prompt_toolkit.key_binding import KeyPressEvent


class Tab:
    """Completes as if no menu had opened by itself while the word was typed.

    prompt-toolkit's own would choose the first of that menu, or do nothing while it is made.
    """

    def __init__(self) -> None:
        self._menu: CompletionState | None = None

    def __call__(self, event: KeyPressEvent) -> None:
        """Act on the key."""
        buffer = event.current_buffer
        menu = buffer.complete_state
        if menu and (menu is self._menu or menu.complete_index is not None):
            buffer.complete_next()
        else:
            event.app.create_background_task(self._complete(buffer))

    async def _complete(self, buffer: Buffer) -> None:
        buffer.cancel_completion()
        typed = buffer.document
        asked = CompleteEvent(completion_requested=True)
        found = [one async for one in buffer.completer.get_completions_async(typed, asked)]
        if not found or buffer.document != typed:
            return
        common = get_common_complete_suffix(typed, found)
        if common:
            buffer.insert_text(common)
        if len(found) > 1 or not common:
            rest = [one.new_completion_from_position(len(common)) for one in found]
            self._menu = CompletionState(buffer.document, rest)
            buffer.complete_state = self._menu
            buffer.on_completions_changed.fire()
            if len(found) == 1:
                buffer.go_to_completion(0)
