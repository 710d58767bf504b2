"""What people see in a real terminal: sizes, themes, locales, and terminals that can less."""

import io
from collections.abc import Callable

import pexpect
import pytest

from relmem_cli.chat.line.pasting import LONGEST_TYPED
from tests.chat.screen import Screen

CTRL_C, CTRL_D, F1 = "\x03", "\x04", "\x1bOP"

pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")

C_LOCALE = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
COLOURS = {"TERM": "xterm-256color", "COLORTERM": ""}


@pytest.fixture
def show(start: Callable[..., "pexpect.spawn[str]"]) -> Callable[..., Screen]:
    """Starts `relmem chat` on a screen."""

    def show(*options: str, size: tuple[int, int], **variables: str) -> Screen:
        child = start(*options, size=size, PROMPT_TOOLKIT_NO_CPR="0", **variables)
        return Screen(child, size)

    return show


def fits_above_the_prompt(screen: Screen, *texts: str) -> bool:
    """Whether all of these are in sight, and below them the prompt."""
    places = [i for i, line in enumerate(screen.lines) if any(text in line for text in texts)]
    prompts = [i for i, line in enumerate(screen.lines) if line == ">"]
    return len(places) >= len(texts) and bool(prompts) and prompts[-1] > places[-1]


@pytest.mark.parametrize(
    ("size", "theme", "variables"),
    [
        pytest.param((24, 80), "dark", COLOURS, id="80x24-dark"),
        pytest.param((15, 40), "light", COLOURS, id="40x15-light"),
        pytest.param((50, 200), "auto", COLOURS | C_LOCALE, id="200x50-C"),
        pytest.param((15, 40), "auto", COLOURS | C_LOCALE | {"NO_COLOR": "1"}, id="40x15-no-color"),
        pytest.param((24, 80), "auto", {"TERM": "dumb"}, id="80x24-dumb"),
    ],
)
def test_a_conversation_in_every_kind_of_terminal(
    show: Callable[..., Screen], size: tuple[int, int], theme: str, variables: dict[str, str]
) -> None:
    screen = show("--theme", theme, size=size, **variables)
    dumb, plain = variables["TERM"] == "dumb", theme == "auto" and "NO_COLOR" in variables
    screen.type("Mary went to the kitchen.\rWhere is Mary?\r")
    screen.until("  kitchen  9")
    if not dumb:
        screen.until("walks | cpu | 1 sentence")
        assert screen.lines[-1] == "walks | cpu | 1 sentence"
        screen.type("Mary went to the attc")
        screen.until("attc: attic?")
        assert "attc" in screen.underlined()
        screen.type(CTRL_C)
    screen.wait(lambda: screen.lines.count(">") == 1, "no prompt")
    screen.type("/why\r")
    screen.wait(lambda: fits_above_the_prompt(screen, "Where is Mary?", "100.0%"), "no reasons")
    screen.type("/memory gates\r")
    screen.wait(lambda: fits_above_the_prompt(screen, "gates: the slots", "1 Mary"), "no map")
    assert screen.text.isascii() is ("LC_ALL" in variables)
    assert bool(screen.colours) is not (dumb or plain)
    if theme == "light":
        assert not screen.colours & {"white", "brown", "brightyellow", "brightwhite"}
    screen.type("/undo\r")
    screen.until("took back: Mary went to")
    screen.type(CTRL_D)
    screen.child.expect(pexpect.EOF)
    screen.child.close()
    assert screen.child.exitstatus == 0


def test_a_window_that_changes_while_a_line_is_typed_keeps_the_line(
    show: Callable[..., Screen],
) -> None:
    screen = show("--no-history", size=(24, 80), **COLOURS)
    screen.type("Mary went to the kitchen.\r")
    screen.until("| 1 sentence")
    line = "> John went to the garden. Anna went to the attic"
    screen.type(line[2:])
    screen.until(line)
    for rows, columns in ((15, 40), (50, 200), (24, 80)):
        screen.resize(rows, columns)
        screen.wait(
            lambda: (
                line.replace(" ", "") in "".join(screen.lines).replace(" ", "")
                and screen.lines[-1] == "walks | cpu | 1 sentence"
            ),
            "lost the line",
        )
    screen.type(".\r")
    screen.until("| 3 sentences")
    screen.type(F1)
    screen.until("Ctrl-C, Ctrl-D")
    screen.type("\x1b[200~/clear\r\nAnna went to the attic.\r\nWhere is Anna?\x1b[201~\r")
    screen.until("  attic  9", "| 1 sentence")
    assert screen.lines[-1] == "walks | cpu | 1 sentence"


def test_ctrl_c_stops_an_answer_and_the_conversation_goes_on(
    show: Callable[..., Screen],
) -> None:
    screen = show("--no-history", size=(24, 80), **COLOURS)
    screen.type("Mary went to the kitchen.\rWhere is Mary?\r")
    screen.until("  kitchen  9", "| 1 sentence")
    story = " ".join(["Mary went to the garden."] * 600)
    screen.type(f"\x1b[200~{story} Where is Mary?\x1b[201~")
    screen.until("Where is Mary?")
    screen.type(f"\r{CTRL_C}")
    screen.wait(lambda: ">" in screen.lines, "no prompt")
    screen.type("/clear\rAnna went to the attic. Where is Anna?\r")
    screen.until("  attic  9", "| 1 sentence")
    assert "Traceback" not in screen.text


def test_a_flood_of_keys_is_taken_as_a_paste_and_refused_where_it_is_too_long(
    show: Callable[..., Screen],
) -> None:
    screen = show("--no-history", size=(24, 80), **COLOURS)
    written = screen.child.logfile_read = io.StringIO()
    for _ in range(2 * LONGEST_TYPED // 1_000):
        screen.type("b " * 500)
        screen.look()
    refusal = f"a line takes {LONGEST_TYPED:,} characters"
    screen.wait(lambda: refusal in written.getvalue(), "it was taken")
    screen.type(f"{CTRL_C}Anna went to the attic. Where is Anna?\r")
    screen.until("  attic  9")
    assert written.getvalue().count(refusal) == 1
