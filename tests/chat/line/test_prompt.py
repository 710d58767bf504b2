import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from threading import Event

import pytest
from prompt_toolkit.application import Application, create_app_session, get_app
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.data_structures import Size
from prompt_toolkit.formatted_text import fragment_list_to_text
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.output.vt100 import Vt100_Output

from relmem_cli.chat.line.marking import Marker
from relmem_cli.chat.line.prompt import Prompt
from relmem_cli.chat.model.loader import Background
from relmem_cli.chat.story.word_lookup import WordLookup
from relmem_cli.chat.view.preferences import Keys, Preferences
from relmem_cli.errors import RelmemError
from relmem_cli.stories.vocabulary import Vocabulary


@pytest.fixture
def keys() -> Iterator[PipeInput]:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        yield keys


class Typist:
    """A toolbar that acts when it sees the line that it waits for."""

    def __init__(self, *steps: tuple[str, Callable[[], None]]) -> None:
        self.steps = list(steps)

    def __call__(self) -> str:
        if self.steps and get_app().current_buffer.text == self.steps[0][0]:
            self.steps.pop(0)[1]()
        return "model"


REFUSED: list[str] = []
LEXICON = WordLookup(Vocabulary(("<pad>", "garden", "mary", "slept")))


def prompt(
    work: Callable[[], object] = lambda: "a model",
    toolbar: Callable[[], str] = str,
    show_help: Callable[[], None] = lambda: None,
    *,
    vi: bool = False,
    earlier: str = "earlier",
    words: Sequence[str] = ("garden",),
    sentences: Sequence[str] = (),
) -> Prompt:
    return Prompt(
        completer=WordCompleter(list(words)),
        toolbar=toolbar,
        loading=Background(work),
        history=InMemoryHistory([earlier]),
        marker=Marker(lexicon=lambda: LEXICON, commands={}),
        show_help=show_help,
        refuse=REFUSED.append,
        sentences=lambda: sentences,
        preferences=Preferences(keys=Keys.vi if vi else Keys.emacs),
    )


def test_a_line_ends_with_enter(keys: PipeInput) -> None:
    keys.send_text("Mary went home.\r")
    assert prompt()() == "Mary went home."


def test_a_line_that_is_typed_already_is_there_to_be_edited(keys: PipeInput) -> None:
    typist = Typist(("Mary went hom", lambda: keys.send_text("\x7fx\r")))
    assert prompt(toolbar=typist)("Mary went hom") == "Mary went hox"


def test_what_was_refused_is_not_mixed_with_what_is_typed_next(keys: PipeInput) -> None:
    ask = prompt()
    keys.send_text("Mary slept.\r")
    assert ask("", "Zog slept.") == "Mary slept."


def test_a_command_may_follow_escape_at_once(keys: PipeInput) -> None:
    keys.send_text("\x1b/help\r")
    assert prompt()() == "/help"


@pytest.mark.parametrize("key", ["\x1b[A", "\x1b[C", "\x05"], ids=["Up", "Right", "Ctrl-E"])
def test_what_was_refused_waits_on_up_and_on_what_takes_grey_text(
    keys: PipeInput, key: str
) -> None:
    refused = "Zog slept.\nWhere is Mary?"
    typist = Typist(("", lambda: keys.send_text(key)), (refused, lambda: keys.send_text("\r")))
    assert prompt(toolbar=typist)("", refused) == refused


def test_what_was_refused_is_shown_in_grey_while_the_line_is_empty(keys: PipeInput) -> None:
    seen: dict[str, object] = {}
    ask = prompt()
    then = {"": "M", "M": "\x7f\r"}

    def look(app: Application[str]) -> None:
        text = app.current_buffer.text
        seen[text] = ask._waiting.is_shown(), ask._waiting.shown()
        keys.send_text(then.pop(text, ""))

    ask._session.app.after_render += look
    assert ask("", f"Zog {'z' * 100}\nWhere?") == ""
    shown, grey = seen["M"]
    assert not shown
    assert grey == [("class:auto-suggestion", f"Zog {'z' * 56}...  (and 1 more)")]


def test_what_waits_is_in_the_history_once(keys: PipeInput) -> None:
    ask = prompt()
    for refused in ("Zog slept.", "Zog slept."):
        keys.send_text("Mary slept.\r")
        ask("", refused)
    keys.send_text("Zog slept.\r")
    ask()
    keys.send_text("\r")
    ask("", "Zog slept.")
    strings = ask._session.history.get_strings()
    assert strings[-1] == "Zog slept."
    assert strings.count("Zog slept.") == 3


def test_keys_typed_ahead_are_not_mixed_with_a_line_that_is_typed_already(keys: PipeInput) -> None:
    ask = prompt()
    keys.send_text("first\rsecond\r")
    assert ask() == "first"
    assert ask("waiting") == "second"


def test_pasted_lines_come_as_lines(keys: PipeInput) -> None:
    keys.send_text("\x1b[200~Mary slept.\r\nWhere is Mary?\x1b[201~\r")
    assert prompt()() == "Mary slept.\nWhere is Mary?"


@pytest.mark.parametrize("pastes", [["a" * 1_001], ["a" * 1_000, "b", "c" * 2_000]])
def test_a_paste_that_makes_a_line_too_long_is_refused_once(
    keys: PipeInput, monkeypatch: pytest.MonkeyPatch, pastes: list[str]
) -> None:
    monkeypatch.setattr("relmem_cli.chat.line.pasting.LONGEST_TYPED", 1_000)
    REFUSED.clear()
    keys.send_text("".join(f"\x1b[200~{paste}\x1b[201~" for paste in pastes) + "\r")
    assert prompt()() == "".join(paste for paste in pastes if len(paste) == 1_000)
    assert REFUSED == ["a line takes 1,000 characters; a file is read with /load FILE."]


def test_a_paste_is_refused_on_every_line_that_it_is_too_long_for(
    keys: PipeInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relmem_cli.chat.line.pasting.LONGEST_TYPED", 10)
    REFUSED.clear()
    ask = prompt()
    for line in ("first", "second"):
        keys.send_text(f"\x1b[200~{'a' * 11}\x1b[201~{line}\r")
        assert ask() == line
    assert len(REFUSED) == 2


def test_what_others_wrote_steers_no_terminal() -> None:
    out = io.StringIO()
    screen = Vt100_Output(out, lambda: Size(rows=24, columns=80))
    strange = "INK\x1b]0;title\x07\u009d0;title\u009c\u202egnp\u2066"
    with create_pipe_input() as keys, create_app_session(input=keys, output=screen):
        ask = prompt(earlier=strange)

        def press(app: Application[str]) -> None:
            if app.current_buffer.text == strange:
                keys.send_text("\r")
            elif app.current_buffer.suggestion:
                keys.send_text("\x1b[C")

        ask._session.app.after_render += press
        keys.send_text("INK")
        assert ask() == strange
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out.getvalue())
    assert "^[]0;title^G<9d>0;title<9c><202e>gnp<2066>" in shown
    assert not {"\x1b", "\x07", "\u009d", "\u009c", "\u202e", "\u2066"} & set(shown)


def test_tab_completes_a_word(keys: PipeInput) -> None:
    typist = Typist(("", lambda: keys.send_text("gar\t")), ("garden", lambda: keys.send_text("\r")))
    assert prompt(toolbar=typist)() == "garden"


def menu_of(keys: PipeInput, typed: str) -> list[str]:
    """The menu that opens by itself."""
    ask = prompt()
    seen: list[str] = []

    def look(app: Application[str]) -> None:
        state = app.current_buffer.complete_state
        if state and state.completions and not seen:
            seen.extend(one.text for one in state.completions)
            keys.send_text("\r")

    ask._session.app.after_render += look
    keys.send_text(typed)
    assert ask() == typed
    return seen


def test_a_menu_opens_while_a_word_is_typed_and_enter_leaves_the_line_as_it_is(
    keys: PipeInput,
) -> None:
    assert menu_of(keys, "gar") == ["garden"]


def test_tab_writes_what_is_common_and_then_one_after_the_other(keys: PipeInput) -> None:
    steps = [("", "g"), ("g", "\t"), ("gar", "\t"), ("garage", "\t"), ("garden", "\r")]
    typist = Typist(*((seen, lambda press=press: keys.send_text(press)) for seen, press in steps))
    assert prompt(toolbar=typist, words=["garage", "garden"])() == "garden"


def test_up_brings_back_an_earlier_line(keys: PipeInput) -> None:
    typist = Typist(
        ("", lambda: keys.send_text("\x1b[A")), ("earlier", lambda: keys.send_text("\r"))
    )
    assert prompt(toolbar=typist)() == "earlier"


def test_right_takes_what_an_earlier_line_suggests(keys: PipeInput) -> None:
    ask = prompt()

    def press(app: Application[str]) -> None:
        if app.current_buffer.text == "earlier":
            keys.send_text("\r")
        elif app.current_buffer.suggestion:
            keys.send_text("\x1b[C")

    ask._session.app.after_render += press
    keys.send_text("ear")
    assert ask() == "earlier"


def test_alt_enter_begins_another_line_and_enter_sends_them_all(keys: PipeInput) -> None:
    keys.send_text("Mary slept.\x1b\rWhere is Mary?\r")
    assert prompt()() == "Mary slept.\nWhere is Mary?"


def test_the_keys_of_vi_move_and_open_a_line(keys: PipeInput) -> None:
    keys.send_text("Mary slept.")
    typist = Typist(
        ("Mary slept.", lambda: keys.send_text("\x1b")),
        ("Mary slept.", lambda: keys.send_text("0xoWhere?\r")),
    )
    assert prompt(toolbar=typist, vi=True)() == "ary slept.\nWhere?"


def test_with_the_keys_of_vi_escape_and_enter_send_the_line(keys: PipeInput) -> None:
    keys.send_text("Mary slept.\x1b\r\r")
    assert prompt(vi=True)() == "Mary slept."


def test_f1_shows_help_and_keeps_what_is_typed(keys: PipeInput) -> None:
    shown: list[str] = []
    keys.send_text("Mary\x1bOP slept.\r")
    assert prompt(show_help=lambda: shown.append("help"))() == "Mary slept."
    assert shown == ["help"]


def test_the_toolbar_has_near_words_while_a_word_is_unknown(keys: PipeInput) -> None:
    seen: dict[str, str] = {}
    then = {"": "gard", "gard": "n ", "gardn ": "\r"}
    ask = prompt(toolbar=lambda: "the model")

    def look(app: Application[str]) -> None:
        text = app.current_buffer.text
        seen[text] = fragment_list_to_text(ask._toolbar())
        keys.send_text(then.pop(text, ""))

    ask._session.app.after_render += look
    ask()
    assert seen["gard"] == "the model"
    assert seen["gardn "] == "gardn: garden?"


def test_the_toolbar_sets_a_hint_apart_and_ends_where_the_window_does(keys: PipeInput) -> None:
    seen: list[tuple[str, ...]] = []
    ask = prompt(toolbar=lambda: "m" * 200)
    then = {"": "gardn ", "gardn ": "\r"}

    def look(app: Application[str]) -> None:
        seen.extend(ask._toolbar())
        keys.send_text(then.pop(app.current_buffer.text, ""))

    ask._session.app.after_render += look
    ask()
    assert ("", "m" * 77 + "...") in seen
    assert ("class:hint", "gardn: garden?") in seen


class Printed(DummyOutput):
    """What a terminal that is never redrawn was sent."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, data: str) -> None:
        self.text += data


def test_a_dumb_terminals_prompt_holds_what_waits_and_the_model_loads(
    keys: PipeInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("relmem_cli.chat.line.prompt.keys_are_waiting", lambda source: False)
    loaded, output = Event(), Printed()
    keys.send_text(" slept.\r")
    with create_app_session(input=keys, output=output):
        prompt(loaded.set)("Mary")
    assert output.text.startswith("> Mary")
    assert loaded.wait(2)


def test_a_model_that_has_failed_ends_the_prompt_of_a_dumb_terminal_too(
    keys: PipeInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    ask = prompt(fail)
    with pytest.raises(RelmemError):
        ask._loading.result()
    keys.send_text("\r")
    with pytest.raises(RelmemError, match="no such device"):
        ask()


def test_a_model_that_fails_just_before_the_prompt_shows_ends_it(
    keys: PipeInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = prompt(fail)

    def failing(source: object) -> bool:
        with pytest.raises(RelmemError):
            ask._loading.result()
        return False

    monkeypatch.setattr("relmem_cli.chat.line.prompt.keys_are_waiting", failing)
    keys.send_text("\r")
    with pytest.raises(RelmemError, match="no such device"):
        ask()


@pytest.mark.parametrize(("key", "error"), [("\x03", KeyboardInterrupt), ("\x04", EOFError)])
def test_ctrl_c_and_ctrl_d_are_told_apart(
    keys: PipeInput, key: str, error: type[BaseException]
) -> None:
    keys.send_text(key)
    with pytest.raises(error):
        prompt()()


def fail() -> None:
    raise RelmemError("no such device")


def test_a_model_that_fails_to_load_ends_the_prompt_at_once(keys: PipeInput) -> None:
    typed = Event()

    def load() -> None:
        assert typed.wait(20)
        fail()

    keys.send_text("Mary we")
    with pytest.raises(RelmemError, match="no such device"):
        prompt(load, Typist(("Mary we", typed.set)))()


def test_a_model_that_has_failed_before_the_prompt_shows_ends_it_too(keys: PipeInput) -> None:
    ask = prompt(fail)
    with pytest.raises(RelmemError):
        ask._loading.result()
    with pytest.raises(RelmemError, match="no such device"):
        ask()


def test_loading_begins_when_the_prompt_is_there(keys: PipeInput) -> None:
    shown = Event()
    order: list[bool] = []

    def toolbar() -> str:
        shown.set()
        return ""

    ask = prompt(lambda: order.append(shown.is_set()) or keys.send_text("\r"), toolbar)
    ask()
    assert order == [True]


def test_the_prompt_needs_no_torch() -> None:
    code = (
        "import sys, relmem_cli.chat.line.prompt, relmem_cli.chat.repl;"
        "import relmem_cli.chat.model.loader;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


TWICE = "\x1b\x1b"


def test_escape_twice_goes_back_through_the_sentences_to_change_one(keys: PipeInput) -> None:
    steps = [("", TWICE), ("/edit 2 John slept.", TWICE), ("/edit 1 Mary slept.", TWICE)]
    seen = [*steps, ("", TWICE), ("/edit 2 John slept.", "!\r")]
    typist = Typist(*((text, lambda press=press: keys.send_text(press)) for text, press in seen))
    ask = prompt(toolbar=typist, sentences=["Mary slept.", "John slept."])
    assert ask() == "/edit 2 John slept.!"


@pytest.mark.parametrize("vi", [False, True])
def test_escape_twice_leaves_what_is_typed_and_the_keys_of_vi(keys: PipeInput, vi: bool) -> None:
    keys.send_text("" if vi else "Mary")
    steps = [("" if vi else "Mary", f"{TWICE}\r")]
    typist = Typist(*((text, lambda press=press: keys.send_text(press)) for text, press in steps))
    assert prompt(toolbar=typist, vi=vi, sentences=["John slept."])() == ("" if vi else "Mary")


def test_with_the_keys_of_vi_escape_twice_goes_back_in_navigation_mode(keys: PipeInput) -> None:
    steps = [("", f"\x1b{TWICE}"), ("/edit 2 John slept.", TWICE), ("/edit 1 Mary slept.", "A!\r")]
    typist = Typist(*((text, lambda press=press: keys.send_text(press)) for text, press in steps))
    told = ["Mary slept.", "John slept."]
    assert prompt(toolbar=typist, vi=True, sentences=told)() == "/edit 1 Mary slept.!"


def test_with_the_keys_of_vi_escape_does_at_once_what_it_does(keys: PipeInput) -> None:
    keys.send_text("Mary slept.\x1b\x1b\x1b\x1b0xi\x1bIH\x1b\x1b\r")
    assert prompt(vi=True, sentences=["John slept."])() == "Hary slept."


def test_escape_twice_in_an_empty_story_does_nothing(keys: PipeInput) -> None:
    keys.send_text(f"{TWICE}\r")
    assert prompt()() == ""


@pytest.mark.parametrize(
    ("typed", "refused", "written", "sent"),
    [
        ("Mary", "", "Mary slept.\nWhere?", "Mary slept.\nWhere?"),
        ("", "Zog slept.", "Zog slept.x", "Zog slept.x"),
        ("", "", "a" * 20_000, "a" * 20_000),
    ],
)
def test_what_an_editor_leaves_is_sent(
    keys: PipeInput,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    refused: str,
    written: str,
    sent: str,
) -> None:
    given: list[str] = []
    monkeypatch.setattr(
        "relmem_cli.chat.line.keys.edit_text", lambda text: given.append(text) or written
    )
    keys.send_text(f"{typed}\x18\x05")
    assert prompt()("", refused) == sent
    assert given == [typed or refused]


def test_an_editor_that_is_not_there_leaves_the_line(
    keys: PipeInput, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edit(text: str) -> str:
        keys.send_text("\r")
        raise RelmemError("there is no editor here")

    monkeypatch.setattr("relmem_cli.chat.line.keys.edit_text", edit)
    REFUSED.clear()
    keys.send_text("Mary\x18\x05")
    assert prompt()() == "Mary"
    assert REFUSED == ["there is no editor here"]
