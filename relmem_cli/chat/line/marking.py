"""How a line looks while it is typed: words that the model does not know are marked."""

from collections.abc import Callable, Hashable, Iterable, Mapping

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from relmem_cli.chat.commands.base import SlashCommand
from relmem_cli.chat.story.word_lookup import WordLookup

UNKNOWN = "class:unknown"
COMMAND = "class:command"


class Marker(Lexer):
    """Marks unknown words and unknown slash commands; a word being typed has time to become known.

    lexicon   the words that the present model knows
    commands  the slash commands by name
    """

    def __init__(
        self, *, lexicon: Callable[[], WordLookup], commands: Mapping[str, SlashCommand]
    ) -> None:
        self._lexicon = lexicon
        self._commands = commands

    def invalidation_hash(self) -> Hashable:
        """Another model marks the same line in another way."""
        lexicon = self._lexicon()
        return id(lexicon.vocabulary), lexicon.stand_ins

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """Each line's pieces by its number."""
        lines = document.lines
        return lambda number: self._line(lines[number], last=number == len(lines) - 1)

    def hint_for(self, line: str) -> str:
        """Near words for the unknown ones of a line that is being typed, "" where all is well."""
        return self._lexicon().hint_for(line[self._words_start(line) :])

    def _line(self, line: str, *, last: bool) -> StyleAndTextTuples:
        start = self._words_start(line)
        spans = self._lexicon().unknown_spans(line[start:], being_typed=last)
        marked = [(UNKNOWN, start + first, start + end) for first, end in spans]
        if _is_command(line):
            marked.insert(0, self._command(line, being_typed=last))
        return list(_pieces(line, marked))

    def _command(self, line: str, *, being_typed: bool) -> tuple[str, int, int]:
        start = line.index("/")
        end = line.find(" ", start)
        unfinished = being_typed and end < 0
        end = len(line) if end < 0 else end
        name = line[start + 1 : end].lower()
        begins = unfinished and any(known.startswith(name) for known in self._commands)
        return (COMMAND if begins or name in self._commands else UNKNOWN), start, end

    def _words_start(self, line: str) -> int:
        """Where the model's words begin in a line: in a command's, only after "/edit 2 "."""
        if not _is_command(line):
            return 0
        command = line.split(maxsplit=2)
        known = self._commands.get(command[0][1:].lower())
        if known and known.completes == "sentence" and len(command) == 3:
            return len(line) - len(command[2])
        return len(line)


def _is_command(line: str) -> bool:
    return line.lstrip()[:1] == "/"


def _pieces(line: str, marked: Iterable[tuple[str, int, int]]) -> StyleAndTextTuples:
    """The whole line, cut where a style begins or ends."""
    pieces: StyleAndTextTuples = []
    done = 0
    for style, start, end in marked:
        pieces += [("", line[done:start]), (style, line[start:end])]
        done = end
    return [*pieces, ("", line[done:])]
