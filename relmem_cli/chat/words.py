"""The words that people can type, of those a model knows."""

import re

from relmem_cli.chat.lines import MARKS, words_span
from relmem_cli.stories.tokens import PAD
from relmem_cli.stories.vocabulary import Vocabulary


def typeable(vocabulary: Vocabulary) -> list[str]:
    """The model's words in order, without marks and without what only appears as an answer.

    Text is read in lower case, so an item with a capital is an answer; so is a list like "n,s".
    """
    left_out = {PAD, *MARKS}
    return [
        item
        for item in vocabulary.items
        if item not in left_out and item == item.lower() and "," not in item[:-1]
    ]


def near_words(vocabulary: Vocabulary, word: str, count: int = 3) -> list[str]:
    """Up to `count` words that can be typed and are spelled like `word`, the nearest first."""
    words = set(typeable(vocabulary))
    return [near for near in vocabulary.near(word, 2 * count) if near in words][:count]


_WORD = re.compile(r"[^\s.?]+")
_CALLED = re.compile(r"[!?]*![!?]*(?=\W*(?:\s|$))")
_AROUND = ",;:!\"'()\u201c\u201d\u2018\u2019\u2026"
"""What may stand before and after a word, and is not read."""

_SHORT = re.compile(
    "(where|what|who|how|he|she|it|that|there)['\u2019](s)|(.+)n['\u2019]t", re.IGNORECASE
)


def spelled_out(line: str, vocabulary: Vocabulary) -> str:
    """The line in words that the model knows, where it only takes other spelling.

    "So, where's Mary?!" is read as "So where is Mary?". Words that the model knows as they stand
    stay so, and so do those that it does not know in any spelling, and slash commands.
    """
    if line.lstrip().startswith("/"):
        return line
    start, end = words_span(line)
    called = _CALLED.sub(lambda found: "?" if "?" in found[0] else ".", line[start:end])
    said = _WORD.sub(lambda found: as_known(found[0], vocabulary), called)
    return line[:start] + said + line[end:]


def as_known(word: str, vocabulary: Vocabulary) -> str:
    """A word as the model knows it, or as it stands: "where's" may become "where is"."""
    bare = word.strip(_AROUND)
    short = _SHORT.fullmatch(bare)
    longer = "" if not short else f"{short[1]} is" if short[2] else f"{short[3]} not"
    for form in (word, bare, longer):
        parts = form.lower().split()
        if parts and all(part in vocabulary for part in parts):
            return form
    return word
