"""The words that people can type, of those a model knows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from relmem_cli.chat.story.choices import without_choice
from relmem_cli.chat.story.lines import (
    MARKS,
    CommandLine,
    Utterance,
    UtteranceKind,
    clean,
    parse_line,
    words_span,
)
from relmem_cli.chat.story.spelling import ASKING, guess_spellings
from relmem_cli.stories.clauses import clauses
from relmem_cli.stories.english import is_verb
from relmem_cli.stories.short_forms import bare
from relmem_cli.stories.tokens import PAD, tokenize
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.stories.word_classes import (
    DETERMINERS,
    FUNCTION_WORDS,
    JOINING,
    NAMES_AS_PAST,
    NARRATOR,
    PREPOSITIONS,
    RELATED,
)


def typeable_words(vocabulary: Vocabulary) -> list[str]:
    """The model's words in order, without marks and without what only appears as an answer.

    Text is read in lower case, so an item with a capital is an answer; so is a list like "n,s". Of
    an open vocabulary they are those that are written as they are looked up.
    """
    left_out = {PAD, *MARKS}
    items = vocabulary.items[: vocabulary.closed]
    if vocabulary.is_open:
        items = tuple(item for item in items if item[-1].isalpha() and item[0].isalpha())
    return [
        item
        for item in items
        if item not in left_out and item == item.lower() and "," not in item[:-1]
    ]


def near_words(vocabulary: Vocabulary, word: str, count: int = 3) -> list[str]:
    """Up to `count` words that can be typed and are spelled like `word`, the nearest first."""
    words = set(typeable_words(vocabulary))
    return [near for near in vocabulary.near(word, 2 * count) if near in words][:count]


LONGEST_SAID = 500
"""Tokens of a sentence or question in which grammar is looked for, where words are open."""

_DASH = re.compile(r"\s+-+\s+|\s*[\u2013\u2014]\s*")
"""What parts two things that a line tells, as a comma does."""

_LONE_STOP = re.compile(r"\s+(?=[,;:]+(?:\s|$))")
"""Blanks before a comma that stands alone."""

_FRONTED = re.compile(
    r"(?i:in|at|on|after|before|near|by|from) (?:(?:[a-z0-9']+|[A-Z][a-z]+['\u2019]s) )*"
    r"([a-z0-9]+|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day) (?=[A-Z])"
)
"""What a sentence begins with before it names somebody: "In the kitchen Tom", "On Monday Ann"."""

_ENDS = ",;:.?!"
"""What may stand after a word that a clause ends with."""

_AROUND = ",;:!\"'()\u201c\u201d\u2018\u2019\u2026"
"""What may stand before and after a word, and is not read."""

_SHORT = re.compile(
    "(where|what|who|how|he|she|it|that|there)['\u2019](s)|(.+)n['\u2019]t", re.IGNORECASE
)


def parse_typed(
    line: str, vocabulary: Vocabulary, *, typed: bool = False
) -> CommandLine | list[Utterance]:
    """What a line says, in words that the model knows where it only takes other spelling.

    "So, where's Mary?!" says "So where is Mary?". Words that the model knows as they stand stay so,
    and so do those that it does not know in any spelling, and lines that have bAbI's numbers.

    typed  as `parse_line` has it
    """
    if vocabulary.is_open and not clean(line).lstrip().startswith("/"):
        line = _LONE_STOP.sub("", _DASH.sub(", ", line))
    parsed = parse_line(line, typed=typed)
    if vocabulary.is_open:
        if isinstance(parsed, CommandLine):
            return parsed
        numbered = words_span(line)[0] > len(line) - len(line.lstrip())
        return as_read(parsed, vocabulary) if numbered else _open_words(parsed, vocabulary)
    start, end = words_span(line)
    if isinstance(parsed, CommandLine) or start > len(line) - len(line.lstrip()):
        return parsed
    said = re.sub(r"\S+", lambda found: as_known(found[0], vocabulary), line[start:end])
    return parse_line(said + line[end:])


def as_read(said: Sequence[Utterance], vocabulary: Vocabulary) -> list[Utterance]:
    """What was said in the words that are meant, with a sentence for each thing that one tells.

    Where words are open; others stay. A story that was kept is the same one then.
    """
    if not vocabulary.is_open:
        return list(said)
    read: list[Utterance] = []
    for one in said:
        if len(one.tokens) > LONGEST_SAID:  # nobody says that; its grammar would take minutes
            read.append(one)
        else:
            read += _clauses(_spelled(one, vocabulary))
    return read


def _open_words(said: Sequence[Utterance], vocabulary: Vocabulary) -> list[Utterance]:
    """The same, of what is typed: with commas and an "I" that people leave out."""
    return as_read([_completed(one) for one in said], vocabulary)


def _completed(said: Utterance) -> Utterance:
    return said if len(said.tokens) > LONGEST_SAID else _with_subject(_parted(said))


def _with_subject(said: Utterance) -> Utterance:
    """The utterance with an "I" before a verb that nobody is named to have done: "Took the bus"."""
    words = [bare(token) for token in said.tokens[:-1]]
    at = next((at for at, word in enumerate(words) if word not in _FILLERS), len(words))
    if said.kind is UtteranceKind.question or at == len(words) or not _begins_with_deed(words, at):
        return said
    return replace(said, tokens=(*said.tokens[:at], NARRATOR, *said.tokens[at:]))


_FILLERS = JOINING | {"just", "also", "finally", "later", "ok", "okay", "well", "now", ""}
"""What may come before a verb without making it somebody's."""

_OBJECTS = DETERMINERS | PREPOSITIONS | {"it", "them", "him", "me", "up", "down", "out", "back"}
"""How what was done, or where, begins: "Put it down", and no "Used cars are cheap"."""


def _begins_with_deed(words: Sequence[str], at: int) -> bool:
    """Whether a word that a sentence begins with is a verb's past form, and no name."""
    word, rest = words[at], words[at + 1 :]
    if word in NAMES_AS_PAST:
        return bool(rest) and rest[0] in _OBJECTS
    if word in FUNCTION_WORDS or word.endswith(("ing", "s")) or not is_verb(words[at:], 0):
        return False
    return bool(rest) and (rest[0] in _OBJECTS or not any(one in _BEING for one in rest))


_BEING = frozenset(("is", "are", "was", "were", "has", "have", "can", "will"))


def _parted(said: Utterance) -> Utterance:
    """The utterance with a comma after where or when, before a name with a capital."""
    found = _FRONTED.match(said.text)
    if not found or found[1] in FUNCTION_WORDS | RELATED:
        return said
    tokens = tokenize(f"{said.text[: found.end(1)]},{said.text[found.end(1) :]}")
    return replace(said, tokens=(*(one for one in tokens if one not in MARKS), said.tokens[-1]))


def _spelled(said: Utterance, vocabulary: Vocabulary) -> Utterance:
    """The utterance with misspelt verbs and function words as they are read.

    One that was told without an end mark asks where its first word is read as one that asks.
    """
    capitals = {
        word.strip(_AROUND + ".?").lower() for word in said.text.split() if word[:1].isupper()
    }
    mended = guess_spellings(said.tokens, vocabulary, names=capitals)
    if not mended:
        return said
    tokens = tuple(mended.get(token, token) for token in said.tokens)
    said = replace(said, tokens=tokens, read_as=tuple(mended.items()))
    if tokens[0] in ASKING and tokens[0] in mended.values() and not said.text.endswith(("!", ".")):
        return replace(said, kind=UtteranceKind.question, tokens=(*tokens[:-1], "?"))
    return said


def _clauses(said: Utterance) -> Iterator[Utterance]:
    if said.kind is UtteranceKind.question:
        yield without_choice(said)
        return
    parts = list(clauses(said.tokens))
    if parts == [tuple(said.tokens)]:
        yield said
        return
    written = {word.lower().rstrip(_ENDS): word.rstrip(_ENDS) for word in said.text.split()}
    for number, part in enumerate(parts):
        words = [token for token in part if token not in MARKS]
        yield replace(
            said,
            text=" ".join(written.get(token.rstrip(_ENDS), token) for token in words),
            tokens=(*words, "."),
            begins_story=said.begins_story and not number,
            goes_on=number > 0,
            read_as=tuple((typed, read) for typed, read in said.read_as if read in words),
        )


def as_known(piece: str, vocabulary: Vocabulary) -> str:
    """Text without blanks as the model knows it, or as it stands.

    What opens with a quote, "(Mary", may become "Mary", "kitchen!" "kitchen.", "where's" "where
    is", and a comma alone "".
    """
    if piece.rstrip(".?").lower() in vocabulary or not piece.strip(".?"):
        return piece
    bare = piece.lstrip(_AROUND)
    word = bare.rstrip(f"{_AROUND}.?")
    after = bare[len(word) :]
    mark = "?" if "?" in after else "." if {".", "!"} & set(after) else ""
    for form in (word, _long(word)):
        if _knows(form, vocabulary):
            return f"{form}{mark}"
    return piece


def _long(word: str) -> str:
    """A short form in two words, "where's" as "where is"; any other word as it stands."""
    short = _SHORT.fullmatch(word)
    if not short:
        return word
    return f"{short[1]} is" if short[2] else f"{short[3]} not"


def _knows(words: str, vocabulary: Vocabulary) -> bool:
    return all(word in vocabulary for word in words.lower().split())
