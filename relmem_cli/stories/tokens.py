"""Text to tokens."""

import re
from sys import intern

PAD = "<pad>"
"""The token with id 0 that fills sentences and stories up to a common length."""

_TOKEN = re.compile(r"[.?]|[^\s.?]+")


def tokenize(text: str) -> list[str]:
    """Lower-case words in order; "." and "?" are tokens of their own.

    >>> tokenize("Where is Mary?")
    ['where', 'is', 'mary', '?']
    """
    return list(map(intern, _TOKEN.findall(text.lower())))
