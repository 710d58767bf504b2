"""The keys of /watch's full screen."""

from collections.abc import Callable, Iterator

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import RenderableType
from rich.text import Text

from relmem_cli.chat.line.watch import Watch
from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import CommandLine, parse_line
from relmem_cli.chat.story.scenes import Scenes
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.view.watch import WatchView

UP, DOWN, LEFT, HOME, END = "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[H", "\x1b[F"


@pytest.fixture
def watched(reader: Reader) -> Iterator[Callable[..., tuple[list[int], list[str], Session]]]:
    """Watches a story of two sentences while keys are pressed; q leaves at the end."""
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        yield lambda *presses: _watch(reader, keys, presses)


def _watch(
    reader: Reader, keys: PipeInput, presses: tuple[str, ...]
) -> tuple[list[int], list[str], Session]:
    """The places that were shown, what stood below them, and the session afterwards."""
    session = Session(reader)

    def tell(line: str) -> str:
        parsed = parse_line(line)
        if isinstance(parsed, CommandLine):
            return obey(parsed)
        for _ in session.hear(parsed):
            pass
        return ""

    def obey(typed: CommandLine) -> str:
        if typed.name == "leave":
            raise EOFError
        if typed.argument:
            session.undo(int(typed.argument))
        return "" if typed.argument else session.sentences[-1].text

    tell("Mary went to the kitchen. John went to the garden.")
    places: list[int] = []
    notes: list[str] = []

    def draw(view: RenderableType, width: int, height: int) -> str:
        if isinstance(view, WatchView) and places[-1:] != [view.scene.place]:
            places.append(view.scene.place)
        if isinstance(view, Text):
            notes.append(view.plain)
        return "drawn"

    waiting = [*presses, "q"]
    watch = Watch(scenes=Scenes(session), draw=draw, tell=tell)
    watch._app.after_render += lambda _: keys.send_text(waiting.pop(0)) if waiting else None
    watch.run()
    return places, notes, session


Watched = Callable[..., tuple[list[int], list[str], Session]]


def test_arrows_go_through_the_story_and_not_beyond_its_ends(watched: Watched) -> None:
    places, _, _ = watched(UP, UP, UP, DOWN, END, LEFT, HOME)
    assert places == [2, 1, 0, 1, 2, 1, 0]


def test_a_sentence_that_is_typed_is_told_and_shown_wherever_one_is(watched: Watched) -> None:
    places, _, session = watched(HOME, "Mary went to the attic. Where is Mary?\r")
    assert places == [2, 0, 4]
    assert [said.text for said in session.sentences][-1] == "Mary went to the attic."
    assert session.turns[-1].answer is not None


def test_what_cannot_be_read_stays_to_be_mended_and_says_why(watched: Watched) -> None:
    places, notes, session = watched("Mary went to the attc.\r", "\x1b[D\x7fic\r", "\x15")
    assert any("does not know 'attc' (attic?)" in note for note in notes)
    assert len(session.sentences) == 2 or session.sentences[-1].text.endswith("attic.")
    assert places[0] == 2


def test_a_story_that_a_command_makes_shorter_is_shown_as_it_is_then(watched: Watched) -> None:
    places, _, session = watched("/undo 1\r", "Mary went to the attic.\r", UP)
    assert set(places) <= {1, 2}
    assert [said.text for said in session.sentences] == [
        "Mary went to the kitchen.",
        "Mary went to the attic.",
    ]


def test_what_a_command_has_typed_can_be_changed_and_told(watched: Watched) -> None:
    _, _, session = watched("/edit\r", "\x7f" * len("garden.") + "attic.\r", "\x15")
    assert session.sentences[-1].text == "John went to the attic."


def test_a_command_that_leaves_leaves(watched: Watched) -> None:
    places, _, session = watched("/leave\r", "Mary slept.\r")
    assert (places, len(session.sentences)) == ([2], 2)


def test_q_in_a_line_is_a_letter(watched: Watched) -> None:
    _, notes, session = watched("Mary q", "\x15")
    assert len(session.sentences) == 2
    assert notes
