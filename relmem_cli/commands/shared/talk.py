"""A conversation at the terminal, put together: what `relmem chat` and `relmem demo` begin."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from relmem_cli.chat.view.preferences import Preferences
from relmem_cli.commands.shared.output import say
from relmem_cli.door import no_doors
from relmem_cli.errors import RelmemError

if TYPE_CHECKING:
    from prompt_toolkit.history import History

    from relmem_cli.chat.repl import Repl
    from relmem_cli.chat.story.autosave import Saved
    from relmem_cli.chat.story.log import Log
    from relmem_cli.console import Console


GOOD_AT = (
    "Tell it who is where, who takes and gives what, what lies north of what, in your own words, "
    "and ask; /examples shows stories to try."
)
"""What is said at the first start of a model that reads any words."""


@dataclass(frozen=True, kw_only=True)
class TalkOptions:
    """How a conversation goes.

    preferences  what people choose for themselves
    record  whether lines and the conversation are kept for the next chat
    go_on   the kept conversation that it begins with, from 1, the last one; 0 for none
    panels  the names of plugins' panels to show
    log     where all that is said is written
    root    the context of `relmem` itself, whose options /set --save writes
    first   what comes before the first prompt; where it returns False there is none
    """

    preferences: Preferences
    root: Any
    record: bool = True
    go_on: int = 0
    panels: Sequence[str] = ()
    log: "Log | None" = None
    first: "Callable[[Repl, Console], bool] | None" = None


def talk(name: str | None, device: str, options: TalkOptions) -> None:
    """A conversation; the prompt is there before torch is imported.

    Without a name the model is the last conversation's, or the default one.
    """
    from relmem_cli.chat.commands import slash_commands
    from relmem_cli.chat.model.loader import find_models
    from relmem_cli.chat.repl import Repl
    from relmem_cli.chat.story.conversations import Conversations
    from relmem_cli.chat.view import render
    from relmem_cli.chat.view.panels import Panels
    from relmem_cli.chat.view.theme import styled_console
    from relmem_cli.library import DEFAULT_MODEL
    from relmem_cli.paths import conversations_folder, history_file
    from relmem_cli.plugins import registry

    open_terminal()
    found = registry()
    saved = _saved(options.go_on)
    models = find_models(name or (saved.model if saved else DEFAULT_MODEL), device)
    console = styled_console(options.preferences.theme)

    def note(text: str) -> None:
        console.print(render.note(text))

    repl = Repl(
        models=models,
        commands=slash_commands(found.chat_commands.values()),
        console=console,
        panels=Panels(found.chat_panels.get_or_explain(panel) for panel in options.panels),
        log=options.log,
        preferences=options.preferences,
        save_setting=lambda name, value: _save_setting(options.root, name, value),
        test_stories=partial(_test_stories, cache(partial(_usual_source, note))),
        conversations=Conversations(folder=conversations_folder()),
        saved=saved,
    )
    first_time = not history_file().exists()
    history = _history(keep=options.record)
    if options.first is not None:
        models.first.start()
        if not options.first(repl, console):
            return
    repl.conversations.record = options.record
    note(f"{models.name}: /help shows what can be typed, Ctrl-D leaves.")
    if first_time and models.lexicon.vocabulary.is_open:
        note(GOOD_AT)
    if options.go_on and not saved:
        note("there is no conversation to go on with yet")
    if saved:
        note(_is_back(saved, last=options.go_on == 1))
    repl.run(_prompt(repl, models, history, options))


def open_terminal() -> None:
    """Have prompt-toolkit open the terminal, before anything asks for a key.

    It writes commands of its own, which no door may show as text.
    """
    from prompt_toolkit.application import get_app_session

    with no_doors():
        _ = get_app_session().output


def _save_setting(root: Any, name: str, value: str) -> list[str]:
    from relmem_cli.commands.shared.setting_files import set_option

    return set_option(root, f"chat.{name}", [value])


def _saved(number: int) -> "Saved | None":
    """The kept conversation with that number; None for 0, and where the last one is no one yet."""
    from relmem_cli.chat.story.autosave import kept_conversation, latest_conversation
    from relmem_cli.paths import conversations_folder

    if number > 1:
        return kept_conversation(conversations_folder(), number)
    return latest_conversation(conversations_folder()) if number else None


def _is_back(saved: "Saved", *, last: bool) -> str:
    from relmem_cli.plain import brief_line, counted

    lines = counted(len(saved.story), "line")
    which = brief_line(saved.title or saved.story[0].text, 40)
    if last:
        return f"the last conversation is back: {lines}" + (f", {which}" if saved.title else "")
    return f"this conversation is back: {lines}, {which}"


def at_terminal() -> bool:
    """Whether somebody types at one end and reads at the other."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stdout)


def _prompt(
    repl: "Repl", models: Any, history: "History", options: TalkOptions
) -> Callable[[str, str], str]:
    from relmem_cli.chat.line.completion import ChatCompleter
    from relmem_cli.chat.line.marking import Marker
    from relmem_cli.chat.line.pasting import terminal_input
    from relmem_cli.chat.line.prompt import Prompt
    from relmem_cli.library import model_names

    return Prompt(
        completer=ChatCompleter(
            lexicon=repl.lexicon,
            commands=repl.commands,
            models=model_names,
            sentences=repl.sentences,
            conversations=repl.conversation_names,
        ),
        toolbar=repl.status_line,
        loading=models.first,
        history=history,
        marker=Marker(lexicon=repl.lexicon, commands=repl.commands),
        show_help=repl.show_help,
        refuse=repl.refuse,
        preferences=options.preferences,
        sentences=repl.sentences,
        keys=terminal_input,
    )


def _history(*, keep: bool) -> "History":
    """The user's, or one for this chat alone."""
    from prompt_toolkit.history import InMemoryHistory

    from relmem_cli.chat.line.history import open_history
    from relmem_cli.paths import history_file

    if not keep:
        return InMemoryHistory()
    history, warning = open_history(history_file())
    if warning:
        say(f"relmem: {warning}")
    return history


def _test_stories(usual: Callable[[], Any], task: int) -> Any:
    """A task's test stories, as chat reads them, of what `usual` opens."""
    from io import BytesIO

    from relmem_cli.chat.story.story_files import read_stories, stories_in
    from relmem_cli.stories.sources import BabiFolder
    from relmem_cli.world.source import World
    from relmem_cli.world.story_stream import as_babi

    source = usual()
    if isinstance(source, BabiFolder):
        return read_stories(source.file(task, "test"))
    if not isinstance(source, World):
        raise RelmemError("the set en comes from a plugin, which has no files to read.")
    text = "".join(as_babi(lines) for lines in source.tell_stories(str(task), "test"))
    return stories_in(BytesIO(text.encode()), source.name)


def _usual_source(note: Callable[[str], None]) -> Any:
    """bAbI; where it is not on this machine stories told anew, which is said."""
    from relmem_cli.asked_data import open_data, usual_data

    return open_data(usual_data(note))


def _is_terminal(stream: object) -> bool:
    """Whether a stream is open and a terminal."""
    return bool(getattr(stream, "isatty", lambda: False)())
