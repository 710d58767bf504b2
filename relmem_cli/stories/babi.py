"""The bAbI file format: numbered sentences, and questions with answers after tabs."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.text_files import FormatError, read_lines
from relmem_cli.stories.tokens import tokenize

_WHOLE = re.compile(r"[.]\s*$|\t[\d ]*\d\s*$")
"""How a line ends that is no part of one: a sentence, or a question with its supports."""


@dataclass
class _Draft:
    """A story while it is read; `line_of` maps a line's number to its sentence's index."""

    task: int | None
    sentences: list[tuple[str, ...]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    line_of: dict[int, int] = field(default_factory=dict)
    last: int = 0

    def finish(self) -> Story:
        return Story(
            sentences=tuple(self.sentences), questions=tuple(self.questions), task=self.task
        )


def read_babi(path: Path, *, task: int | None = None) -> list[Story]:
    """All stories of a bAbI file, in order.

    Raises FormatError with file:line, what is wrong and what was expected, and RelmemError where
    the file cannot be read at all.
    """
    return list(parse_babi(_whole(path), str(path), task=task))


def parse_babi(lines: Iterable[str], name: str, *, task: int | None = None) -> Iterator[Story]:
    """Stories of bAbI lines; a new story starts where the number is 1 again.

    Raises FormatError, with `name` as the file.
    """
    draft: _Draft | None = None
    for place, line in enumerate(lines, start=1):
        try:
            number, text = _split_number(line)
            if number == 1:
                if draft is not None:
                    yield draft.finish()
                draft = _Draft(task)
            if draft is None or number != draft.last + 1:
                wanted = "1" if draft is None else f"{draft.last + 1}, or 1 for a new story"
                raise ValueError(f"line number {number} is out of order; expected {wanted}")
            _add(draft, number, text)
        except ValueError as error:
            raise FormatError(f"{name}:{place}: {error}.") from None
    if draft is not None:
        yield draft.finish()


def _whole(path: Path) -> list[str]:
    """A file's lines, of which the last one must be whole, too."""
    lines = read_lines(path, "numbered bAbI lines")
    if lines[-1] and not _WHOLE.search(lines[-1]):
        raise FormatError(
            f"{path}:{len(lines)}: the last line has no end; expected a line break, "
            "the file may have been cut off."
        )
    return lines if lines[-1] else lines[:-1]


def _split_number(line: str) -> tuple[int, str]:
    number, _, text = line.strip(" ").partition(" ")
    if not _is_number(number):
        raise ValueError(f"starts with {number[:20]!r}; expected a line number, a space and text")
    if not text.strip():
        raise ValueError(f"nothing after line number {number}; expected a sentence or a question")
    return int(number), text


def _is_number(text: str) -> bool:
    """Whether it is the number of a line, of which no file that is read has so many."""
    return text.isascii() and text.isdecimal() and len(text) < 12


def _add(draft: _Draft, number: int, text: str) -> None:
    sentence, *rest = text.split("\t")
    tokens = tuple(tokenize(sentence))
    if not tokens:
        raise ValueError("no words; expected a sentence or a question")
    draft.last = number
    if not rest:
        if tokens[-1] == "?":
            raise ValueError("a question without an answer; expected question, tab, answer")
        if "?" in tokens[:-1] and tokens[tokens.index("?") + 1 :] != (".",):  # hn has " ?."
            raise ValueError("a question mark and no tab; expected question, tab, answer")
        draft.line_of[number] = len(draft.sentences)
        draft.sentences.append(tokens)
        return
    if tokens[-1] == ".":
        raise ValueError("a full stop before a tab; expected a sentence alone, or a question")
    answer = rest[0].strip()
    if not answer:
        raise ValueError("a question with an empty answer; expected question, tab, answer")
    draft.questions.append(
        Question(
            text=tokens,
            answer=answer,
            position=len(draft.sentences),
            supports=_supports(draft, rest[1:]),
        )
    )


def _supports(draft: _Draft, columns: list[str]) -> tuple[int, ...]:
    if len(columns) > 1:
        raise ValueError(f"{len(columns) + 1} tabs; expected question, answer and supporting lines")
    numbers = columns[0].split() if columns else []
    for number in numbers:
        if not _is_number(number) or int(number) not in draft.line_of:
            raise ValueError(
                f"supporting line {number[:20]!r} is no earlier sentence of this story; "
                "expected numbers of its sentences"
            )
    return tuple(draft.line_of[int(number)] for number in numbers)
