from typing import Any

import pytest
from rich.console import Console

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import UtteranceKind, parse_line
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.view.panels import Panels
from relmem_cli.contract import ChatPanel


@pytest.fixture
def session(reader: Reader) -> Session:
    session = Session(reader)
    (said,) = parse_line("Mary went to the kitchen.")  # type: ignore[misc]
    session.say(said)
    return session


def shown(panels: Panels, kind: UtteranceKind, session: Session) -> str:
    console = Console(width=80)
    with console.capture() as captured:
        for each in panels.shown_after(kind, session):
            console.print(each)
    return captured.get()


def told(session: Any) -> str:
    return f"{len(session.sentences)} [red]told\x1b[31m"


def broken(session: Any) -> str:
    raise ValueError("no\nsuch\x1b[31m")


@pytest.mark.parametrize(
    ("after", "moment"), [("answer", UtteranceKind.question), ("sentence", UtteranceKind.sentence)]
)
def test_a_panel_shows_text_at_its_moment_alone(
    after: Any, moment: UtteranceKind, session: Session
) -> None:
    panels = Panels([ChatPanel(name="told", summary="", show=told, after=after)])
    for kind in UtteranceKind:
        assert shown(panels, kind, session) == ("  1 [red]told[31m\n" if kind is moment else "")


@pytest.mark.parametrize("text", ["", " \n\x00"])
def test_a_panel_with_nothing_to_show_takes_no_line(session: Session, text: str) -> None:
    panels = Panels([ChatPanel(name="none", summary="", show=lambda session: text)])
    assert shown(panels, UtteranceKind.question, session) == ""


def test_a_panel_that_raises_says_so_once_and_is_off(session: Session) -> None:
    good = ChatPanel(name="told", summary="", show=told)
    panels = Panels([ChatPanel(name="bad", summary="", show=broken), good])
    first = shown(panels, UtteranceKind.question, session)
    assert first.splitlines()[0] == "  the panel bad is off now: ValueError: no such[31m"
    assert first.splitlines()[1] == "  1 [red]told[31m"
    assert shown(panels, UtteranceKind.question, session) == "  1 [red]told[31m\n"


@pytest.mark.parametrize(
    "error", [SystemExit(0), KeyboardInterrupt(), GeneratorExit(), EOFError(), StopIteration()]
)
def test_a_panel_that_raises_what_would_end_chat_is_off(
    session: Session, error: BaseException
) -> None:
    def end(session: Any) -> str:
        raise error

    panels = Panels([ChatPanel(name="bad", summary="", show=end)])
    said = f"  the panel bad is off now: {type(error).__name__}"
    assert shown(panels, UtteranceKind.question, session).startswith(said)
    assert shown(panels, UtteranceKind.question, session) == ""


def test_a_panel_that_returns_no_text_is_off(session: Session) -> None:
    wrong = ChatPanel(name="bad", summary="", show=lambda session: 7)  # type: ignore[arg-type,return-value]
    assert "TypeError: returned int; expected text" in shown(
        Panels([wrong]), UtteranceKind.question, session
    )


def test_a_panel_for_no_known_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="after is 'later'"):
        ChatPanel(name="x", summary="", show=told, after="later")  # type: ignore[arg-type]
