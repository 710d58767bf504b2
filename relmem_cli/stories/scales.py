"""Comparisons of any kind, which are read as those of sizes: "Ann is older than Tom"."""

from collections.abc import Sequence
from typing import NamedTuple

from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.english import Word
from relmem_cli.stories.word_classes import DETERMINERS, FUNCTION_WORDS

MORE, LESS = "big", "small"
"""What an adjective is read as that tells who has more, or less, of what is compared."""

_SCALES = (
    ("big large huge great", "small little tiny"),
    ("old", "young"),
    ("tall long", "short"),
    ("heavy", "light"),
    ("fast quick", "slow"),
    ("strong powerful", "weak"),
    ("rich wealthy", "poor"),
    ("hot warm", "cold cool"),
    ("loud noisy", "quiet"),
    ("smart clever intelligent", "dumb stupid"),
    ("expensive", "cheap"),
    ("hard difficult", "easy"),
    ("wide broad", "narrow"),
    ("thick", "thin"),
    ("deep", "shallow"),
    ("bright", "dark"),
    ("happy", "sad"),
)
_PLACES = {
    word: (scale[0].split()[0], more)
    for scale in _SCALES
    for words, more in zip(scale, (True, False), strict=True)
    for word in words.split()
}
"""An adjective's scale, and whether it is at its upper end."""

_OTHERS = frozenset(("high", "low", "far", "near", "close", "late", "early", "good", "well", "bad"))
"""What tells where or when something is, or how well."""

_DEGREES = frozenset(("more", "most", "less", "least"))
_BEFORE = frozenset(("is", "was", "much", "lot", "bit", "way", "even", "slightly", "also"))


class Compared(NamedTuple):
    """A comparison in a sentence: on which scale, whether of more, and the place of its words."""

    scale: str
    more: bool
    begin: int
    end: int


def compared(found: Sequence[Word]) -> Compared | None:
    """The first comparison of a sentence or question; None where it has none.

    >>> from relmem_cli.stories.english import words
    >>> compared(words(["ann", "is", "younger", "than", "tom"]))
    Compared(scale='old', more=False, begin=2, end=3)
    """
    for at, word in enumerate(found):
        degree = found[at - 1].base if at and found[at - 1].base in _DEGREES else ""
        kinds = lemmas(word.written)
        ends = word.written.endswith(("er", "est")) and word.written not in kinds.get("ADJ", ())
        if "ADJ" not in kinds or not (ends or degree):
            continue
        adjective = kinds["ADJ"][0]
        begin = at - bool(degree)
        if adjective in _OTHERS or not _compares(found, begin, at + 1):
            continue
        scale, more = _PLACES.get(adjective, (adjective, True))
        return Compared(scale, more is (degree not in ("less", "least")), begin, at + 1)
    return None


def _compares(found: Sequence[Word], begin: int, end: int) -> bool:
    """Whether an adjective stands as in "is older (than Tom)" or "the oldest (of them)"."""
    after = found[end].base if end < len(found) else ""
    before = found[begin - 1].base if begin else ""
    if after == "than":
        return before not in DETERMINERS  # "more room for the cooler than for the jar"
    highest = before == "the" and found[end - 1].written.endswith("est")
    highest = highest or (before == "the" and found[begin].base in ("most", "least"))
    return (highest or before in _BEFORE) and (not after or after in FUNCTION_WORDS | {",", "one"})
