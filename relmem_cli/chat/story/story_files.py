"""Stories as files in bAbI's own format, which chat, a pipe and training read alike."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from relmem_cli.chat.story.lines import MARKS, CommandLine, Utterance, UtteranceKind, parse_line
from relmem_cli.chat.story.words import parse_typed
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.files import can_exist, read_whole, write_atomically
from relmem_cli.plain import brief_line
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import Vocabulary

LARGEST = 64 << 20
"""Bytes of a file that is read; bAbI's largest has 8 MB."""


def to_babi(story: Iterable[Utterance]) -> str:
    """Numbered lines; a tab after a question, and its true answer where that is known."""
    return "".join(f"{number} {_line(said)}\n" for number, said in enumerate(story, start=1))


_EXPORTED = re.compile(r'# .*\n\nModel: .* \(relmem\)\n|\{"format": "relmem conversation')
"""How the conversations begin that /export writes, as Markdown and as JSON."""


def read_stories(path: Path, vocabulary: Vocabulary | None = None) -> list[list[Utterance]]:
    """The stories of a text file: bAbI's, or plain lines of sentences and questions.

    Plain lines are read in the words of a vocabulary, where one is given.

    Raises RelmemError for a file that cannot be read or has no sentence in it.
    """
    try:
        return stories_in(BytesIO(read_whole(path, LARGEST)), str(path), vocabulary)
    except OSError as error:
        raise RelmemError(f"{path} cannot be read: {error.strerror or error}.") from error


def nth_story(stories: Sequence[list[Utterance]], number: int, name: str) -> list[Utterance]:
    """One of them, from 1; `name` is what holds them. Raises UsageError where there is none."""
    if number > len(stories):
        there = f"stories 1 to {len(stories):,}" if len(stories) > 1 else "one story"
        raise UsageError(f"{name} has {there}, not {number:,}.")
    return stories[number - 1]


def stories_in(
    stream: BinaryIO, name: str, vocabulary: Vocabulary | None = None
) -> list[list[Utterance]]:
    """The stories of an open file; `name` is what errors call it. Raises RelmemError likewise."""
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise RelmemError(f"{name} is larger than {LARGEST >> 20} MB: it is no story.")
    if b"\0" in data:
        raise RelmemError(f"{name} is no text.")
    text = data.decode(errors="replace")
    if _EXPORTED.match(text):
        raise RelmemError(f"{name} is for people, as /export writes it; load what /save wrote.")
    stories = split_stories(text.splitlines(), vocabulary)
    if not stories:
        raise RelmemError(f"{name} has no sentence in it.")
    return stories


def split_stories(
    lines: Iterable[str], vocabulary: Vocabulary | None = None
) -> list[list[Utterance]]:
    """The stories that lines tell; each line with number 1 begins another.

    Raises UsageError for a slash command.
    """
    stories: list[list[Utterance]] = []
    for number, line in enumerate(lines, start=1):
        parsed = parse_typed(line, vocabulary) if vocabulary else parse_line(line)
        if isinstance(parsed, CommandLine):
            raise UsageError(f"line {number}: /{parsed.name} is a command, not a sentence.")
        for said in parsed:
            if said.begins_story or not stories:
                stories.append([])
            stories[-1].append(said)
    return stories


def questions_in(text: str, vocabulary: Vocabulary) -> list[Utterance]:
    """One or more questions about a story. Raises UsageError for anything else."""
    parsed = parse_typed(text, vocabulary)
    if (
        isinstance(parsed, list)
        and parsed
        and all(one.kind is UtteranceKind.question for one in parsed)
    ):
        return [replace(one, begins_story=False) for one in parsed]
    raise UsageError(f"{brief_line(text, 40)!r} is no question; a question ends with ?.")


def _line(said: Utterance) -> str:
    """The text with the end mark that it was read with; a sentence's in the words that were read.

    "Took the bus" is "i took the bus", so that it is the same story when it is read again.
    """
    mark = said.tokens[-1] if said.tokens[-1] in MARKS else ""
    if said.kind is UtteranceKind.question:
        return f"{said.text if said.text.endswith(mark) else said.text + mark}\t{said.truth}"
    read = [token for token in said.tokens if token not in MARKS]
    text = said.text
    if read != [token for token in tokenize(text) if token not in MARKS]:
        written = {word.lower(): word for word in text.split()[1:]}
        text = " ".join(written.get(token, token) for token in read)
    return text if text.endswith(mark) else text + mark


def named_path(text: str, example: str) -> Path:
    """The path that somebody typed; "~" is their home.

    Raises RelmemError where there is none, naming `example`, and for the home of nobody.
    """
    if not text:
        raise RelmemError(f"a file's name is missing: {example}.")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise RelmemError(f"{text} is in the home of a user whom this machine lacks.") from error


def write_new(path: Path, data: bytes | str, *, over: str) -> None:
    """Write a file that somebody named.

    over  the command that writes over a file

    Raises RelmemError where it is there already, its folder is not, or it cannot be written: a
    mistyped name neither costs a file nor makes folders.
    """
    try:
        if path.exists():
            raise RelmemError(f"{path} is there already; {over} writes over it.")
        if not path.parent.is_dir():
            raise RelmemError(f"there is no folder {path.parent}; make it first.")
        write_atomically(path, data)
    except OSError as error:
        raise RelmemError(f"{path} cannot be written: {error.strerror or error}.") from error


def write_over(path: Path, data: bytes | str) -> bool:
    """Write a file that somebody named, which may be there; returns whether it was.

    It is written where a link leads, and with the rights it has. Raises RelmemError where it is no
    file, or cannot be written: then it stays as it was.
    """
    try:
        if not (can_exist(path) and path.exists()):
            write_new(path, data, over="the same command")
            return False
        real = path.resolve()
        if not real.is_file():
            raise RelmemError(f"{path} is no file that can be written over.")
        rights = real.stat().st_mode & 0o777
        write_atomically(real, data, mode=rights)
        real.chmod(rights)
        return True
    except OSError as error:
        raise RelmemError(f"{path} cannot be written: {error.strerror or error}.") from error
