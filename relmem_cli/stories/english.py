"""English as an open vocabulary reads it: short forms written out, words by their lemmas.

What a word is follows from lemminflect's dictionary: "drove" is "drive", "wolves" is "wolf", and
names, which are in no dictionary, stay as they are.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from relmem_cli.stories.dictionary import PAST_AS_BASE, base, is_past, lemmas
from relmem_cli.stories.short_forms import spell_out
from relmem_cli.stories.word_classes import (
    AUXILIARY,
    DETERMINERS,
    FUNCTION_WORDS,
    HOMES,
    JOINING,
    NAMES_AS_PAST,
    PREPOSITIONS,
    STOPS,
    TIMES,
)

FIGURES = {
    "0": "none", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six",
    "7": "seven", "8": "eight", "9": "nine", "10": "ten",
}  # fmt: skip
_HOW_MANY = frozenset((*FIGURES.values(), "many", "several", "few", "more"))
_ALONE = TIMES | {"color", "colour", "name", "kind", "animal", "place", "way"}
"""Nouns that are no part of a name: "in the evening Mary left", "the colour grey"."""

VERB = "~"
"""What the lemma of a word that is the verb of its sentence ends with: "left" is "leave~" there."""


class Word(NamedTuple):
    """A word of a sentence: how it is looked up, how it was written, in which of its tokens."""

    base: str
    written: str
    place: int


def words(text: Sequence[str]) -> list[Word]:
    """The words of a sentence or question; marks at its end are left out.

    >>> [word.base for word in words(["sara's", "gone", "to", "tom's", "farms", "."])]
    ['sara', 'have', 'go~', 'to', 'tom', "'s", 'farm']
    """
    found = spell_out(text)
    while found and found[-1].word in STOPS:
        found.pop()
    plain = [word for word, _ in found]
    return [Word(_looked_up(plain, at), word, place) for at, (word, place) in enumerate(found)]


_TO_BE = (
    frozenset(("am", "is", "are", "was", "were", "be", "been", "feel", "felt", "feeling", "get"))
    | {"gets", "got", "getting", "look", "looks", "looked", "seem", "seems", "seemed", "became"}
    | {"become", "becomes", "becoming", "being", "feels"}
)
_DEGREES = frozenset(
    ("very", "quite", "so", "really", "rather", "a", "bit", "little", "too", "not")
)


def _looked_up(sentence: Sequence[str], place: int) -> str:
    word = sentence[place]
    if word in STOPS:
        return ","
    if word == "outside" and (place + 1 == len(sentence) or sentence[place + 1] in JOINING):
        return "outdoors"  # a place of its own, as in "went outside"
    if word in FIGURES:
        counts = not place or sentence[place - 1] in FUNCTION_WORDS or is_verb(sentence, place - 1)
        return FIGURES[word] if counts else word  # "room 5" is a name
    if len(sentence) == 1 or tells_how(sentence, place):
        return base(word) if not word.endswith("ed") else word
    if word not in AUXILIARY and is_verb(sentence, place):
        lemma = lemmas(word)["VERB"][0]
        where = [one for one in sentence[place + 1 : place + 3] if one != "back"]
        comes = lemma == "get" and not HOMES.isdisjoint(where[:1])  # "got back home"
        return ("come" if comes else lemma) + VERB
    return base(word)


def is_verb(sentence: Sequence[str], place: int) -> bool:
    """Whether a word, as `words` gives it or as it was written, is the verb of a sentence."""
    word, before = sentence[place], sentence[place - 1] if place else ""
    if word in AUXILIARY:
        return True
    if before in DETERMINERS or before in PREPOSITIONS:
        return False
    kinds = lemmas(word)
    if "VERB" not in kinds or _is_called(sentence, place):
        return False
    if word in PAST_AS_BASE:
        return True
    if word.endswith("s") and "NOUN" in kinds:
        counted = before in FIGURES or before in _HOW_MANY  # "two balloons in the hall"
        return (
            bool(before)
            and not counted
            and before not in JOINING
            and _takes_object(sentence, place)
        )
    return word not in kinds["VERB"]


def first_verb(sentence: Sequence[str]) -> int:
    """Where a sentence's first verb is; its end where it has none."""
    return next((at for at in range(len(sentence)) if is_verb(sentence, at)), len(sentence))


def _is_called(sentence: Sequence[str], place: int) -> bool:
    """Whether a word that may be a verb is somebody's name: "Rose left", "Where is Rose?"."""
    if sentence[place].endswith(("ed", "ing")):
        return False
    if sentence[place] in NAMES_AS_PAST:
        after = sentence[place + 1] if place + 1 < len(sentence) else ""
        if place == 0:
            return after not in DETERMINERS and after not in PREPOSITIONS
        return after not in DETERMINERS and any(is_verb(sentence, at) for at in range(place))
    if place == 0 and len(sentence) > 1:
        return is_past(sentence[1])
    last = place == len(sentence) - 1
    return last and sentence[0] == "where" and sentence[place - 1] in ("is", "was")


def _takes_object(sentence: Sequence[str], place: int) -> bool:
    """Whether what follows a word goes with a verb: "the photo lies in the box"."""
    after = sentence[place + 1] if place + 1 < len(sentence) else ""
    if after in DETERMINERS or after in PREPOSITIONS or after in ("it", "him", "them", "there"):
        return True
    if place != 1 or not after or sentence[0] in FUNCTION_WORDS or after in FUNCTION_WORDS:
        return False
    named = not {"ADJ", "ADV"} & lemmas(after).keys()
    return named and not any(is_past(one) for one in sentence[2:])  # "Tom visits Ann"


def tells_how(sentence: Sequence[str], place: int) -> bool:
    """Whether a participle tells how somebody is: "is bored", "felt very tired"."""
    word = sentence[place]
    if not word.endswith("ed") or "VERB" not in lemmas(word):
        return False
    for one in reversed(sentence[:place]):
        if one in _TO_BE:
            return True
        if one not in _DEGREES and one not in ("and", ",") and not one.endswith("ed"):
            return False
    return False


def is_noun(word: str) -> bool:
    """Whether a word that is looked up names something: "bus", "kitchen", and no adverb."""
    kinds = lemmas(word)
    if word in FUNCTION_WORDS or word in _ALONE:
        return False
    return "NOUN" in kinds and kinds.keys() <= {"NOUN", "VERB"}


@cache
def is_plural(word: str, lemma: str) -> bool:
    """Whether a word is its lemma's plural: "mice", "sheep"."""
    from lemminflect import getInflection  # noqa: PLC0415  # takes a quarter of a second

    return is_noun(lemma) and word in getInflection(lemma, "NNS")
