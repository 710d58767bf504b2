"""What the words around one tell of it: that it is a verb, a place, a time, a number of things."""

from collections.abc import Sequence

from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.english import FIGURES, VERB, Word, is_noun, is_plural
from relmem_cli.stories.word_classes import DETERMINERS, FUNCTION_WORDS, PREPOSITIONS, TIMES
from relmem_cli.stories.written_names import ARTICLES, OWNERS

_SPOTS = frozenset(("bed", "bus", "train", "taxi", "cab", "water"))
"""Nouns of common phrases, which are names where they say where: "on the bus", "under my bed"."""

_WHERE = frozenset(
    ("in", "on", "under", "behind", "beside", "near", "inside", "underneath", "beneath", "into")
) | {"off", "to"}

_DO = frozenset(("did", "do", "will", "would", "can", "could", "should"))
"""What somebody, and then a verb as it is looked up, comes after in a question."""

_COUNTS = frozenset(FIGURES.values()) - {"none"}
_COUNTED_BY = frozenset(("him", "me", "them", "us", "have", "and", "then", ""))
"""What may stand before a number that leaves out of what: "gave him two", "has two", "Two left"."""

_GOES_ON = frozenset(
    ("to", "from", "in", "on", "at", "back", "away", "there", "and", "but", ",", "")
)

_BEFORE_NAME = PREPOSITIONS | {"is", "was", "and", "or", "than", "did", "do", "have", "will"}

_WHOSE = OWNERS - ARTICLES | {"the"}


def number_before(found: Sequence[Word], at: int) -> bool:
    """Whether it is told how many there are of what begins at a word: "two coins", "two more"."""
    at -= at > 1 and found[at - 1].base == "more"
    return at > 0 and found[at - 1].base in _COUNTS


def leaves_out_what(found: Sequence[Word], end: int) -> bool:
    """Whether a number ends there that does not say of what: "lost two", "two more", "how many"."""
    after = found[end].base if end < len(found) else ""
    if found[end - 1].base == "many":
        left = [word.base for word in found[end + 1 : end + 2]] == ["leave" + VERB]
        return after in ("do", "did", "have") or left
    begin = end - 1 - (found[end - 1].base == "more")
    before = found[begin - 1].base if begin > 0 else ""
    if begin < 0 or found[begin].base not in _COUNTS:
        return False
    counted = before in _COUNTED_BY or before.endswith(VERB)
    return counted and (after in _GOES_ON or after.endswith(VERB))


def is_subject(found: Sequence[Word], at: int) -> bool:
    """Whether a sentence's subject is there: "Will left", "and Will is in", "Will and Ann left"."""
    before, after = _around(found, at)
    if before not in ("", "and", "then", ","):
        return False
    return after in ("is", "was", "have") or after.endswith(VERB) or (not at and after == "and")


def names_somebody(found: Sequence[Word], at: int) -> bool:
    """Whether a word that is a name, and another word, is the name there: "Is Will in?"."""
    before, after = _around(found, at)
    if before.endswith(VERB) or before in _BEFORE_NAME:
        return True
    return after in ("", "is", "was", "have", "and", "'s") or after.endswith(VERB)


def _around(found: Sequence[Word], at: int) -> tuple[str, str]:
    after = found[at + 1].base if at + 1 < len(found) else ""
    return found[at - 1].base if at else "", after


def says_where(found: Sequence[Word], at: int) -> bool:
    """Whether a word says where: "on the bus", "under Tom's bed", "to bed"."""
    if found[at].base == "bed" and at and found[at - 1].base in ("to", "in", "into", "from"):
        return True
    if found[at].base not in _SPOTS or at < 2 or found[at - 1].base not in _WHOSE:
        return False
    before, owned = found[at - 2], found[at - 1].base == "'s"
    if owned and at > 2:
        before = found[at - 3]
    after = found[at + 1].base if at + 1 < len(found) else ""
    ends = (
        not after or after in FUNCTION_WORDS | TIMES | {"right"} or lemmas(after).keys() == {"ADV"}
    )
    return before.base in _WHERE and ends


def is_bare_verb(found: Sequence[Word], at: int) -> bool:
    """Whether a word is a verb: "did not mend it", "wanted to mend the chair", "did Ann mend"."""
    word, before = found[at], found[at - 1].base if at else ""
    if word.written not in lemmas(word.written).get("VERB", ()) or before in DETERMINERS:
        return False
    if before == "not":
        return True
    if before == "to":
        return at + 1 < len(found) and found[at + 1].base in DETERMINERS
    asked = [place for place, one in enumerate(found[: at - 1]) if one.base in _DO]
    between = found[asked[-1] + 1 : at] if asked else ()
    return bool(between) and not any(
        one.base.endswith(VERB) or one.base in PREPOSITIONS for one in between
    )


def other_form(base: str) -> str:
    """A verb's lemma as it is looked up where it is its sentence's verb, or is not."""
    return base.removesuffix(VERB) if base.endswith(VERB) else base + VERB


def is_time(word: Word) -> bool:
    """Whether a word tells when: a name ends there, "last night Mary", "in 2019 Mary"."""
    return word.base in TIMES or word.base.isdecimal()


def tells_of_kinds(found: Sequence[Word]) -> bool:
    """Whether a sentence is about all of a kind: its names are given as one's, wolf for wolves.

    So are bAbI's answers: "Sheep are afraid of wolves. ... What is Gertrude afraid of? wolf".
    """
    first = next((word for word in found if word.base not in ("all", "most")), None)
    if first is None or any(word.base in DETERMINERS for word in found):
        return False
    return is_plural(first.written, first.base)


def in_names(word: Word) -> bool:
    """Whether a closed word may be part of a name: "bus", "waiting"."""
    if word.written.endswith("ing") and not word.base.endswith(VERB):
        return True
    plain = "VERB" not in lemmas(word.base) or word.written == word.base  # "lies" is a verb
    return plain and is_noun(word.base)
