"""The full screen of /watch: a scene, a line to type on, and keys that go through the story."""

from collections.abc import Callable

from prompt_toolkit.application import Application
from prompt_toolkit.application.current import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.widgets import TextArea
from rich.console import RenderableType
from rich.text import Text

from relmem_cli.chat.line.prompt import PROMPT
from relmem_cli.chat.story.answers import CannotReadError, error_text
from relmem_cli.chat.story.scenes import Scenes
from relmem_cli.chat.view.watch import WatchView

KEYS = "Up, Down: through the story | Enter: tell or ask | q: leave"
FEW_KEYS = "Up, Down: steps | q: leave"
BELOW = 2
"""Rows below the scene: the line, and what can be pressed or what is wrong."""

Draw = Callable[[RenderableType, int, int], str]
"""A view in so many columns and rows, with its colours as escapes."""


class Watch:
    """Shows the scenes of a story; what is typed becomes its next line.

    scenes  the story's
    draw    makes a text of a view
    tell    acts on a line and returns what is to be typed next, to be changed; raises what is wrong
            with it, and EOFError to leave
    """

    def __init__(
        self,
        *,
        scenes: Scenes,
        draw: Draw,
        tell: Callable[[str], str],
    ) -> None:
        self._scenes = scenes
        self._draw = draw
        self._tell = tell
        self._place = scenes.places
        self._problem = ""
        self._line = TextArea(
            height=1, multiline=False, prompt=PROMPT, accept_handler=self._accept, wrap_lines=False
        )
        self._app: Application[None] = Application(
            layout=Layout(
                HSplit(
                    [
                        Window(FormattedTextControl(self._scene), always_hide_cursor=True),
                        self._line,
                        Window(FormattedTextControl(self._below), height=1),
                    ]
                ),
                focused_element=self._line,
            ),
            key_bindings=self._bindings(),
            full_screen=True,
        )

    def run(self) -> None:
        """Until it is left."""
        self._app.run()

    def _scene(self) -> ANSI:
        size = get_app().output.get_size()
        scene = self._scenes.at(self._place)
        return ANSI(self._draw(WatchView(scene), size.columns, max(1, size.rows - BELOW)))

    def _below(self) -> ANSI:
        columns = get_app().output.get_size().columns
        keys = KEYS if columns >= len(KEYS) else FEW_KEYS
        shown = Text(self._problem or keys, no_wrap=True, overflow="ellipsis")
        shown.stylize("relmem.problem" if self._problem else "relmem.quiet")
        return ANSI(self._draw(shown, columns, 1))

    def _accept(self, buffer: Buffer) -> bool:
        """Tell what was typed; returns whether there is something on the line to be mended."""
        self._problem, typed = "", ""
        try:
            typed = self._tell(buffer.text)
        except EOFError:
            self._app.exit()
        except Exception as error:
            self._problem = error_text(error)
            return isinstance(error, CannotReadError)
        finally:
            self._place = self._scenes.places
        if typed:
            buffer.document = Document(typed)
        return bool(typed)

    def _go(self, place: int) -> None:
        self._problem = ""
        self._place = min(max(place, 0), self._scenes.places)

    def _bindings(self) -> KeyBindings:
        keys = KeyBindings()
        blank = Condition(lambda: not self._line.text)

        @keys.add("up")
        @keys.add("left", filter=blank)
        def _(event: KeyPressEvent) -> None:
            del event
            self._go(self._place - 1)

        @keys.add("down")
        @keys.add("right", filter=blank)
        def _(event: KeyPressEvent) -> None:
            del event
            self._go(self._place + 1)

        @keys.add("home", filter=blank)
        def _(event: KeyPressEvent) -> None:
            del event
            self._go(0)

        @keys.add("end", filter=blank)
        def _(event: KeyPressEvent) -> None:
            del event
            self._go(self._scenes.places)

        @keys.add("q", filter=blank)
        @keys.add("c-c")
        @keys.add("c-d")
        def _(event: KeyPressEvent) -> None:
            event.app.exit()

        return keys
