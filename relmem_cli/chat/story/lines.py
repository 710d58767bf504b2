"""What a typed or piped line is: sentences, questions, a slash command, or nothing."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from relmem_cli.door import UNSEEN
from relmem_cli.stories.tokens import plain_marks, tokenize

QUESTION_WORDS = {
    "where", "what", "who", "whom", "whose", "how", "why", "which", "when", "is", "are", "am",
    "was", "were", "do", "does", "did", "can", "could", "will", "would", "has", "have", "had",
    "should",
}  # fmt: skip
"""First words that make a line without an end mark a question: "what's", "isn't" among them."""

_ASKING = re.compile(
    r"(?:(?:and|but|so|ok|okay|well|hey|please|then|now),? )*"
    rf"(?:(?:{'|'.join(sorted(QUESTION_WORDS))})(?:n?['\u2019][a-z]+)?\b"
    r"|(?:where|what|who|how|when|why)s\b|(?:is|are|was|were|do|does|did|has|have|had|would)nt\b"
    r"|(?:in|at|to|from|with|of|by) (?:which|what|whom|whose)\b"
    r"|tell me\b|any idea\b|guess\b|remind me\b|i wonder\b)"
)
"""How a line begins that asks without an end mark."""

AGAIN = "?"
"""The line that asks the last question again."""

_ALONE = {"exit": "quit", "quit": "quit", "/exit": "quit", "help": "help"}
"""Lines that are commands, as in other programs, and which."""

MARKS = (".", "?")
"""The tokens that end a sentence and a question."""

_NUMBERED = re.compile(r"(\d{1,9})[ \t]+(?=\S)", re.ASCII)
_NUMBERED_TYPED = re.compile(r"(\d{1,9})[ \t]+(?=[^\sa-z])", re.ASCII)
"""The same in what is typed: bAbI's lines begin with a capital, "2 dogs are here" tells of two."""
_BETWEEN_SENTENCES = re.compile(
    r"(?<=[.?!\u2026])(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)\s+", re.IGNORECASE
)


class UtteranceKind(StrEnum):
    """What an utterance does: a sentence is remembered, a question answered."""

    sentence = "sentence"
    question = "question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One sentence or one question.

    text          as it was read, to be shown
    tokens        as the model reads it, with the end mark "." or "?"
    begins_story  whether it is line 1 of a bAbI story
    goes_on       whether the sentence that was typed tells this too, after the one before
    truth         the true answer, where a bAbI line gives it
    among         the answers that a question is restricted to; none for any
    versus        whom yes and no mean, where it is read as whether one is more than the other
    read_as       words that are read as others: each as it was typed, then as it is read
    """

    text: str
    kind: UtteranceKind
    tokens: tuple[str, ...]
    begins_story: bool = False
    goes_on: bool = False
    truth: str = ""
    among: tuple[str, ...] = ()
    versus: tuple[str, str] | None = None
    read_as: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """A slash command: "/undo 2" has the name "undo" and the argument "2"."""

    name: str
    argument: str


def clean(text: str) -> str:
    """The text without control and formatting characters, tabs excepted."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c == "\t" or unicodedata.category(c) not in UNSEEN)


def command_alone(line: str) -> CommandLine | None:
    """The command that a line is which is nothing but a word such as "exit"; None for others."""
    name = _ALONE.get(clean(line).strip().lower())
    return CommandLine(name=name, argument="") if name else None


def words_span(line: str) -> tuple[int, int]:
    """Where the words of a line lie that is no command: after its number, before its answer."""
    start = len(line) - len(line.lstrip())
    numbered = _NUMBERED.match(line, start)
    said, tab, _ = line.partition("\t")
    answered = tab and (numbered or said.rstrip().endswith("?"))
    return (numbered.end() if numbered else start), (len(said) if answered else len(line))


def parse_line(line: str, *, typed: bool = False) -> CommandLine | list[Utterance]:
    """A slash command, or what the line says: [] where it is blank.

    A line "12 Where is Mary?<tab>bathroom<tab>9" is read as bAbI's: number 1 begins a new story,
    a tab makes it a question, and what follows the tab is its true answer. Any other line
    may hold several sentences; a mark at the end decides what each is, else its first word.

    typed  whether it was typed, not read from a file: then bAbI's lines begin with a capital
    """
    text = plain_marks(clean(line)).strip()
    if text.startswith("/"):
        name, _, argument = text[1:].partition(" ")
        return CommandLine(name=name.lower(), argument=argument.strip())
    numbered = (_NUMBERED_TYPED if typed else _NUMBERED).match(text)
    if numbered:
        return _babi(text[numbered.end() :], first=int(numbered[1]) == 1)
    parts = (_plain(part) for part in split_sentences(_before_answer(text)))
    return [part for part in parts if part is not None]


ONE_WORD = "one word tells nothing."
"""Why such a line is not read where words are open."""


def is_word_told(said: Sequence[Utterance]) -> bool:
    """Whether a line is one word, with an end mark, that asks nothing."""
    told = len(said) == 1 and said[0].kind is UtteranceKind.sentence
    return told and len(said[0].tokens) == 2


def split_sentences(text: str) -> list[str]:
    """What stands between the ends of sentences, at least one text."""
    return _BETWEEN_SENTENCES.split(text)


def begins_like_question(line: str) -> bool:
    """Whether a line asks, whatever its mark: an answer that somebody is unsure of may have one."""
    words = [token for token in tokenize(clean(line)) if _is_word(token)]
    return _ASKING.match(" ".join(words)) is not None


def _babi(text: str, *, first: bool) -> list[Utterance]:
    """A bAbI line after its number; its tokens stay as the file has them."""
    said, tab, rest = text.partition("\t")
    said = said.strip()
    asked = bool(tab) or said.endswith("?")
    kind = UtteranceKind.question if asked else UtteranceKind.sentence
    tokens = tuple(tokenize(said))
    if not any(map(_is_word, tokens)):
        return []
    truth = rest.partition("\t")[0].strip()
    return [Utterance(text=said, kind=kind, tokens=tokens, begins_story=first, truth=truth)]


def _before_answer(text: str) -> str:
    """An unnumbered line without the answer that a tab may set off from its question."""
    said, tab, _ = text.partition("\t")
    return said if tab and said.rstrip().endswith("?") else " ".join(text.split())


def _plain(text: str) -> Utterance | None:
    tokens = tokenize(text)
    words = [token for token in tokens if _is_word(token)]
    if not words:
        return None
    if tokens[-1] not in MARKS:
        asked = _ASKING.match(" ".join(words)) is not None
        tokens.append("?" if asked else ".")
    kind = UtteranceKind.question if tokens[-1] == "?" else UtteranceKind.sentence
    return Utterance(text=text.strip(), kind=kind, tokens=tuple(tokens))


def _is_word(token: str) -> bool:
    return token not in MARKS
