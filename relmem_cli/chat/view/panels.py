"""What plugins show by themselves after an answer or a sentence."""

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.padding import Padding

from relmem_cli.chat.story.answers import error_text
from relmem_cli.chat.story.lines import UtteranceKind, clean
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.view import render
from relmem_cli.contract import ChatPanel
from relmem_cli.sealing import sealed

_MOMENT = {UtteranceKind.question: "answer", UtteranceKind.sentence: "sentence"}


class Panels:
    """The panels that are on; one that raises says so once and is off from then on."""

    def __init__(self, panels: Iterable[ChatPanel] = ()) -> None:
        self._on = list(panels)

    def shown_after(self, kind: UtteranceKind, session: Session) -> Iterator[RenderableType]:
        """What the panels for this moment show."""
        for panel in [panel for panel in self._on if panel.after == _MOMENT[kind]]:
            try:
                shown = _text(panel, session)
            except Exception as error:
                self._on.remove(panel)
                yield render.problem(f"the panel {panel.name} is off now: {error_text(error)}")
            else:
                if shown is not None:
                    yield shown


def _text(panel: ChatPanel, session: Session) -> Padding | None:
    with sealed():
        shown = panel.show(session)
    if not isinstance(shown, str):
        raise TypeError(f"returned {type(shown).__name__}; expected text")
    text = "\n".join(clean(line) for line in shown.splitlines())
    return render.note(text) if text.strip() else None
