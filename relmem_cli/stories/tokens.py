"""Text to tokens."""

import re
from sys import intern

PAD = "<pad>"
"""The token with id 0 that fills sentences and stories up to a common length."""

_MARKS = str.maketrans({"。": ". ", "．": ". ", "｡": ". ", "？": "? ", "؟": "? ", "！": "! "})  # noqa: RUF001
"""Other scripts' marks, as they are read."""

_TOKEN = re.compile(r"[.?]|[^\s.?]+")


def tokenize(text: str) -> list[str]:
    """Lower-case words in order; "." and "?" are tokens of their own.

    >>> tokenize("Where is Mary?")
    ['where', 'is', 'mary', '?']
    """
    return list(map(intern, _TOKEN.findall(plain_marks(text).lower())))


def plain_marks(text: str) -> str:
    """The text with "." and "?" for the marks of other scripts that end a sentence."""
    return text if text.isascii() else text.translate(_MARKS)
