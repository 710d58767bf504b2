"""What may follow: the words that fit at a place, slash commands, and what those take."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from relmem_cli.chat.commands.base import SlashCommand
from relmem_cli.chat.commands.settings import SAVE, SETTINGS
from relmem_cli.chat.story.lines import MARKS
from relmem_cli.chat.story.maps import NAMES as MAPS
from relmem_cli.chat.story.word_lookup import WordLookup
from relmem_cli.stories.catalogue import TASKS
from relmem_cli.stories.tokens import tokenize

LOOKED_BACK = 100
"""Sentences whose words are offered."""

_WORD = re.compile(r"[^\s.?]*$")
_BETWEEN_NAMES = re.compile(r"[\s,]+")


class ChatCompleter(Completer):
    """Completes the line that the cursor is on.

    lexicon    the words that the present model knows
    commands   the slash commands by name
    models     the names that /model takes
    sentences  the story so far, which /edit takes numbers of
    conversations  titles or first lines, which /conversations takes numbers of
    """

    def __init__(
        self,
        *,
        lexicon: Callable[[], WordLookup],
        commands: Mapping[str, SlashCommand],
        models: Callable[[], Iterable[str]],
        sentences: Callable[[], Sequence[str]] = tuple,
        conversations: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self._lexicon = lexicon
        self._commands = commands
        self._models = models
        self._sentences = sentences
        self._conversations = conversations
        self._paths = PathCompleter(expanduser=True)
        self._arguments: dict[str, Callable[[str, CompleteEvent], Iterable[Completion]]] = {
            "model": self._complete_model,
            "models": self._complete_models,
            "map": self._complete_map,
            "file": self._complete_file,
            "sentence": self._complete_sentence,
            "conversation": self._complete_conversation,
            "setting": self._complete_setting,
            "copy": lambda argument, _: _beginning([("story", "")], argument),
            "task": self._complete_task,
        }

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[Completion]:
        """What may stand at the cursor, the likeliest first.

        By itself, while a line is typed, a menu has what begins like a word that has begun.
        """
        line = document.current_line_before_cursor.lstrip()
        if not line.startswith("/"):
            return self._complete_word(line, complete_event)
        name, space, argument = line[1:].partition(" ")
        if not space:
            return self._complete_command(name)
        command = self._commands.get(name.lower())
        complete = self._arguments.get(command.completes) if command else None
        return complete(argument.lstrip(), complete_event) if complete else ()

    def _complete_word(self, line: str, event: CompleteEvent) -> Iterable[Completion]:
        match = _WORD.search(line)
        typed = match[0] if match else ""
        asked = event.completion_requested
        if not (typed or asked):
            return
        before = line[: len(line) - len(typed)]
        begins = not typed and before.rstrip()[-1:] in ("", *MARKS)
        for word in self._words(before, typed, asked=asked):
            text = word.capitalize() if begins or typed[:1].isupper() else word
            yield Completion(text, start_position=-len(typed))

    def _words(self, before: str, typed: str, *, asked: bool) -> list[str]:
        """Those that may come here; a model that reads any words is offered the story's as well.

        It knows too many to list them all unasked.
        """
        lexicon = self._lexicon()
        if lexicon.closed:
            return lexicon.words_beginning(before, typed, near=asked)
        likely = lexicon.words_following(before, typed)
        told = [word for word in self._told() if word.startswith(typed.lower())] if typed else []
        found = list(dict.fromkeys([*likely, *told]))
        return found or (lexicon.words_beginning(before, typed) if asked else [])

    def _told(self) -> Iterable[str]:
        """The words of the latest sentences, the last one first."""
        latest = self._sentences()[-LOOKED_BACK:]
        return (word for text in reversed(latest) for word in tokenize(text) if word not in MARKS)

    def _complete_command(self, typed: str) -> Iterable[Completion]:
        for name, command in self._commands.items():
            if name.startswith(typed.lower()):
                yield Completion(
                    f"/{name}", start_position=-len(typed) - 1, display_meta=command.summary
                )

    def _complete_model(self, argument: str, event: CompleteEvent) -> Iterable[Completion]:
        del event
        return _beginning(((name, "") for name in self._models()), argument)

    def _complete_models(self, argument: str, event: CompleteEvent) -> Iterable[Completion]:
        """Names between blanks or commas; each may be named once."""
        named = _BETWEEN_NAMES.split(argument)
        offered = (name for name in self._models() if name not in named[:-1])
        del event
        return _beginning(((name, "") for name in offered), named[-1])

    def _complete_map(self, argument: str, event: CompleteEvent) -> Iterable[Completion]:
        del event
        return _beginning(((name, "") for name in MAPS), argument)

    def _complete_file(self, argument: str, event: CompleteEvent) -> Iterable[Completion]:
        """A folder ends in a slash, so that Tab goes on into it."""
        for offered in self._paths.get_completions(Document(argument), event):
            slash = "/" if offered.display_text.endswith("/") else ""
            yield Completion(offered.text + slash, offered.start_position, display=offered.display)

    def _complete_sentence(self, argument: str, event: CompleteEvent) -> Iterable[Completion]:
        """A sentence's number, then the words that are put in its place."""
        number, space, text = argument.partition(" ")
        if space:
            return self._complete_word(text, event)
        numbered = ((str(place), said) for place, said in enumerate(self._sentences(), start=1))
        return _beginning(numbered, number)

    def _complete_conversation(self, argument: str, event: CompleteEvent) -> Iterable[Completion]:
        del event
        listed = enumerate(self._conversations(), start=1)
        return _beginning(((str(place), title) for place, title in listed), argument)

    def _complete_setting(self, argument: str, event: CompleteEvent) -> Iterable[Completion]:
        """A setting's name, then its values."""
        name, space, value = argument.removeprefix(f"{SAVE} ").lstrip().partition(" ")
        if not space:
            save = [(SAVE, "for good")] if argument.startswith("-") else []
            return _beginning([*((one, "") for one in SETTINGS), *save], name)
        if name == "model":
            return self._complete_model(value.lstrip(), event)
        values = SETTINGS[name].values if name in SETTINGS else ()
        return _beginning(((one, "") for one in values), value.lstrip())

    def _complete_task(self, argument: str, event: CompleteEvent) -> Iterable[Completion]:
        del event
        return _beginning(((str(number), task.name) for number, task in TASKS.items()), argument)


def _beginning(offered: Iterable[tuple[str, str]], typed: str) -> Iterable[Completion]:
    """Those that begin as typed; the second of each pair says what the first means."""
    for text, meaning in offered:
        if text.startswith(typed):
            yield Completion(text, start_position=-len(typed), display_meta=meaning)
