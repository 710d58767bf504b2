"""Short forms of English written out: "where's" is "where is", "Tom's got" is "Tom has got"."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from relmem_cli.stories.dictionary import PAST_AS_BASE, is_past, lemmas
from relmem_cli.stories.word_classes import (
    AUXILIARY,
    DETERMINERS,
    HOMES,
    JOINING,
    LIGHT,
    PREPOSITIONS,
    RELATED,
    STOPS,
)

_AROUND = '"()[]{}\u201c\u201d\u2026*_~'
_END = re.compile(r"[.?!]+$")
_SHORT = re.compile(r"(.+?)(n't|'s|'m|'re|'ve|'ll|'d|s'|')$")
_WRITTEN_OUT = {
    "can't": "can not", "won't": "will not", "shan't": "will not", "ain't": "is not",
    "cannot": "can not", "gonna": "going to", "let's": "let us", "o'clock": "o'clock",
    "em": "them", "where'd": "where did", "cos": "because", "coz": "because", "cuz": "because",
    "wanna": "want to", "gotta": "have to", "u": "you", "ur": "your",
    **dict.fromkeys(("lol", "lmao", "haha", "hahaha", "hehe", "tbh", "btw", "omg", "ugh"), ""),
    **dict.fromkeys(("imo", "innit", "yay", "phew", "hmm", "um", "uh", "xx", "pls", "wow"), ""),
    **dict.fromkeys(("oh", "hi", "hey", "yeah", "tho", "idk", "ofc", "rly"), ""),
    "atm": "right now",
    "im": "i is", "ive": "i have", "lets": "let us", "cant": "can not", "wont": "will not",
    **{f"{one}s": f"{one} 's" for one in ("he", "she", "that", "there", "here")},
    **{f"{one}s": f"{one} 's" for one in ("where", "what", "who", "how")},
    **{f"{one}re": f"{one} is" for one in ("you", "they")},
    **{f"{one}ve": f"{one} have" for one in ("you", "they", "we")},
    **{f"{one}nt": f"{one} not" for one in ("is", "are", "was", "were", "do", "does", "did")},
    **{f"{one}nt": f"{one} not" for one in ("has", "have", "had", "could", "would", "should")},
}  # fmt: skip
"""Short forms that are not a word and its ending; as people type them, some have no apostrophe, and
some say nothing."""
_ENDINGS = {
    "n't": "not", "'m": "is", "'re": "is", "'ve": "have", "'ll": "will", "'d": "had", "s'": "'s",
}  # fmt: skip


class SpelledOut(NamedTuple):
    """A word or a comma as it is written out, and in which token it is."""

    word: str
    place: int


def spell_out(text: Sequence[str]) -> list[SpelledOut]:
    """Words and commas, short forms written out."""
    found: list[SpelledOut] = []
    for place, token in enumerate(text):
        word = bare(token)
        spelled = _written_out(word) if word else []
        if word in _UNLESS_SAID_OF and not (place and bare(text[place - 1]) in _SAID_OF):
            spelled = _UNLESS_SAID_OF[word].split()
        after = bare(text[place + 1]) if place + 1 < len(text) else ""
        if word.endswith("s") and word[:-1] in RELATED and after in _AFTER_IS and _begins(found):
            spelled = [word[:-1], "'s"]  # "my brothers at work", and no "met my friends at work"
        stop = [token[-1]] if token and token[-1] in STOPS else []
        found += [SpelledOut(one, place) for one in (*spelled, *stop)]
    plain = [word for word, _ in found]
    written: list[SpelledOut] = []
    for at, (word, place) in enumerate(found):
        if word == "'s" and _is_somewhere(plain, at):
            written[-1] = SpelledOut(plain[at - 1] + word, place)
        else:
            written.append(SpelledOut(_owned(plain, at) if word == "'s" else word, place))
    return written


_UNLESS_SAID_OF = {"ok": "", "okay": "", "rn": "right now"}
_SAID_OF = DETERMINERS | {"is", "are", "am", "was", "were", "feel", "feels", "not"}
"""Before "ok" or "rn" where it is what somebody is: "Ann is ok", "Bo is an rn"."""

_AFTER_IS = PREPOSITIONS - {"to"} | {"got", "gone", "here", "there", "home", "back", "not"}
_AFTER_IS |= {"just", "still"}


def _begins(found: Sequence[SpelledOut]) -> bool:
    """Whether a clause has nothing yet but determiners."""
    before = (word for word, _ in reversed(found) if word not in DETERMINERS)
    return next(before, ",") in JOINING


def _is_somewhere(found: Sequence[str], place: int) -> bool:
    """Whether 's ends the name of a place: "to grandma's", "the baker's is south of"."""
    before = found[place - 2] if place > 1 else ""
    if before not in PREPOSITIONS and before not in DETERMINERS:
        return False
    after = found[place + 1] if place + 1 < len(found) else ""
    ends = not after or after in STOPS or after in ("and", "but", "with", "for", "now", "again")
    return after in AUXILIARY or (ends and before not in ("of", "by", "with"))


def _written_out(word: str) -> list[str]:
    if word in _WRITTEN_OUT:
        return _WRITTEN_OUT[word].split()
    short = _SHORT.fullmatch(word)
    if not short:
        return [word]
    start, ending = short.groups()
    if ending == "'":
        return [start]
    return [start + "s" if ending == "s'" else start, _ENDINGS.get(ending, ending)]


def _owned(found: Sequence[str], place: int) -> str:
    """What 's stands for: "is", "have", or that something is somebody's."""
    nearest = found[place + 1] if place + 1 < len(found) else ""
    close = nearest in LIGHT or nearest in DETERMINERS or nearest in PREPOSITIONS
    asks = found[max(place - 2, 0) : place - 1] in (["what"], ["which"])  # "what colour's Rex"
    speaks = asks or (place > 0 and found[place - 1] in _PRONOUNS)
    if _is_compared(found[place + 1 :]):
        return "is"
    if nearest and not speaks and not close and not _is_predicate(found, place + 1):
        return "'s"
    first = next((word for word in found[place + 1 :] if word not in LIGHT), "")
    return "have" if _is_done(first) or _takes(found, place + 1) else "is"


def _is_compared(after: Sequence[str]) -> bool:
    """Whether words after 's say where something is or how large: "north of it", "bigger than"."""
    side = after[:1] and after[0] in ("north", "east", "south", "west", "left", "right")
    return bool(side and after[1:2] == ["of"]) or "than" in after[1:4]


_OBJECTS = frozenset(("it", "him", "them"))


def _takes(found: Sequence[str], place: int) -> bool:
    """Whether a word is a verb's past form with an object after it: "left the hall", "put it"."""
    after = found[place + 1 : place + 2]
    if not after or (after[0] not in DETERMINERS and after[0] not in _OBJECTS):
        return False
    return found[place] in PAST_AS_BASE or is_past(found[place])


def _is_done(word: str) -> bool:
    """Whether a word after 's makes it "has": "got", "gone"."""
    verbs = lemmas(word).get("VERB", ())
    only = lemmas(word).keys() == {"VERB"} and word not in verbs and not word.endswith("ing")
    return word in ("got", "been") or only


_PRONOUNS = frozenset(
    ("i", "he", "she", "it", "they", "we", "you", "where", "what", "who", "how", "that", "there")
) | {"here", "when", "why"}


def _is_predicate(found: Sequence[str], place: int) -> bool:
    """Whether a word after 's says what somebody does or is: "Nina's got", "Tom's sad"."""
    word, after = found[place], found[place + 1 : place + 2]
    if word in ("got", "been", "back", "home", "here", "there", "going", "holding", "carrying"):
        return True
    kinds = lemmas(word)
    alone = not any(one in AUXILIARY for one in found[:place])
    adjective = not after and "ADJ" in kinds
    if adjective and (_begins_clause(found, place - 1) or (alone and "NOUN" not in kinds)):
        return True
    if alone and _takes(found, place):
        return True
    if alone and word.endswith("ing") and "VERB" in kinds and _goes_on(found, place + 1):
        return True
    return bool(kinds) and "NOUN" not in kinds and bool({"VERB", "ADV"} & kinds.keys())


def _goes_on(found: Sequence[str], place: int) -> bool:
    """Whether what follows a verb in -ing goes with it: "running to the park"."""
    follows = _WITH_VERB.intersection(found[place : place + 1])
    return bool(follows) and not any(one in AUXILIARY or is_past(one) for one in found[place:])


_WITH_VERB = PREPOSITIONS | DETERMINERS | HOMES


def _begins_clause(found: Sequence[str], place: int) -> bool:
    """Whether a clause has nothing before 's but somebody: "and my cat's orange"."""
    begin = max((at + 1 for at in range(place) if found[at] in JOINING), default=0)
    before = found[begin:place]
    return len(before) == 1 or (len(before) == 2 and before[0] in DETERMINERS)


@lru_cache(maxsize=1 << 16)
def bare(token: str) -> str:
    """A token without what stands around it: quotes, commas, end marks."""
    word = token.replace("\u2019", "'").replace("\u2018", "'").strip(_AROUND)
    return _END.sub("", word.rstrip(STOPS)).strip(f"{_AROUND}{STOPS}!-") or ""
