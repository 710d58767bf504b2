"""English as an open vocabulary reads it: short forms written out, words by their lemmas.

What a word is follows from lemminflect's dictionary: "drove" is "drive", "wolves" is "wolf", and
names, which are in no dictionary, stay as they are.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

_AROUND = '"()[]{}\u201c\u201d\u2026*_~'
STOPS = ",;:"
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
_AUXILIARY = {
    "am": "is", "is": "is", "are": "is", "was": "was", "were": "was", "be": "be", "been": "been",
    "being": "be", "have": "have", "has": "have", "had": "had", "do": "do", "does": "do",
    "did": "did", "will": "will", "would": "would", "can": "can", "could": "could",
    "shall": "will", "should": "should", "may": "may", "might": "may", "must": "must",
}  # fmt: skip
_ALIKE = {
    "an": "a", "me": "i", "myself": "i", "anymore": "more", "whether": "if", "never": "not",
    "onto": "on", "toward": "to", "towards": "to", "another": "a", "although": "but",
    "whereas": "but", "&": "and", "zero": "none",
}  # fmt: skip

_FIGURES = {
    "0": "none", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six",
    "7": "seven", "8": "eight", "9": "nine", "10": "ten",
}  # fmt: skip
DETERMINERS = frozenset(
    ("a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "that", "these")
) | {"those", "some", "any", "no", "every", "each", "another", "'s"}
PREPOSITIONS = frozenset(
    ("to", "of", "in", "at", "on", "into", "from", "with", "by", "for", "near", "inside", "under")
) | {
    "off",
    "across",
    "along",
    "past",
    "against",
    "during",
    "outside",
    "over",
    "behind",
    "beside",
    "onto",
    "towards",
    "toward",
    "through",
    "around",
    "above",
    "below",
    "beneath",
    "underneath",
}
JOINING = frozenset(("and", "but", "then", "so", "while", "whereas", "although", *STOPS))
_PAST_AS_BASE = frozenset(("put", "set", "let", "cut", "hit", "shut", "hurt", "read", "laid")) | {
    "saw", "found", "fell", "felt", "burst", "quit", "beat", "split",
}  # fmt: skip
_LIGHT = frozenset(("just", "now", "still", "already", "not", "also", "never", "always", "both"))


FUNCTION_WORDS = frozenset((
    *DETERMINERS, *PREPOSITIONS, *_AUXILIARY, *_AUXILIARY.values(), *JOINING, *_LIGHT, *_ALIKE,
    "he", "she", "it", "they", "him", "them", "you", "we", "us", "or", "either", "not", "there",
    "all", "most", "both", "up", "down", "back", "away", "out", "as", "than", "who", "what",
    "where", "which", "how",
)) - {"myself", "me"}  # fmt: skip
"""Words that are no names: they are neither open nor misspelt ones, and two sentences may share
them without being about the same."""

TIMES = frozenset(
    ("morning", "afternoon", "evening", "night", "week", "month", "year", "moment", "time", "day")
) | {"noon", "minute", "hour", "while", "pm"}
"""Nouns that tell when, and are no part of a name: "last night Mary left"."""

RELATED = frozenset(
    ("sister", "brother", "mother", "father", "mum", "mom", "dad", "son", "daughter", "wife")
) | {
    "husband", "uncle", "aunt", "auntie", "cousin", "nephew", "niece", "grandma", "grandpa",
    "granny", "friend", "mate", "buddy", "pal", "boss", "manager", "neighbour", "neighbor",
    "colleague", "coworker", "flatmate", "roommate", "housemate", "teammate", "classmate",
    "teacher", "coach", "girlfriend", "boyfriend", "partner", "fiance", "fiancee", "twin",
    "stepson", "stepmother", "stepfather", "kid", "baby", "toddler", "landlord", "landlady",
    "assistant", "doctor", "dentist", "student", "dog", "puppy", "cat", "kitten", "parrot",
    "hamster", "rabbit", "pony", "horse", "goldfish",
}  # fmt: skip
"""Whom people have: a name may follow, which is the same one's, "my boss Karen"."""

_ALONE = TIMES | {"color", "colour", "name", "kind", "animal", "place", "way"}
"""Nouns that are no part of a name: "in the evening Mary left", "the colour grey"."""

NARRATOR = "i"
"""Who tells the story."""

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
    if word in _FIGURES:
        counts = not place or sentence[place - 1] in FUNCTION_WORDS or is_verb(sentence, place - 1)
        return _FIGURES[word] if counts else word  # "room 5" is a name
    if len(sentence) == 1 or tells_how(sentence, place):
        return _base(word) if not word.endswith("ed") else word
    if word not in _AUXILIARY and is_verb(sentence, place):
        return lemmas(word)["VERB"][0] + VERB
    return _base(word)


def is_verb(sentence: Sequence[str], place: int) -> bool:
    """Whether a word, as `words` gives it or as it was written, is the verb of a sentence."""
    word, before = sentence[place], sentence[place - 1] if place else ""
    if word in _AUXILIARY:
        return True
    if before in DETERMINERS or before in PREPOSITIONS:
        return False
    kinds = lemmas(word)
    if "VERB" not in kinds or _is_called(sentence, place):
        return False
    if word in _PAST_AS_BASE:
        return True
    if word.endswith("s") and "NOUN" in kinds:
        return bool(before) and before not in JOINING and _takes_object(sentence, place)
    return word not in kinds["VERB"]


def _is_called(sentence: Sequence[str], place: int) -> bool:
    """Whether a word that may be a verb is somebody's name: "Rose left", "Where is Rose?"."""
    if sentence[place].endswith(("ed", "ing")):
        return False
    if place == 0 and len(sentence) > 1:
        return _is_past(sentence[1])
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
    return named and not any(_is_past(one) for one in sentence[2:])  # "Tom visits Ann"


def _is_past(word: str) -> bool:
    """Whether a word is an auxiliary or a verb's past form."""
    verbs = lemmas(word).get("VERB", (word,))
    return word in _AUXILIARY or (word not in verbs and not word.endswith(("s", "ing")))


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


@cache
def lemmas(word: str) -> dict[str, tuple[str, ...]]:
    """The dictionary's lemmas of a word by part of speech; {} for a word that is not in it."""
    from lemminflect import getAllLemmas  # noqa: PLC0415  # takes a quarter of a second

    return dict(getAllLemmas(word)) if word.isalpha() else {}


@cache
def _base(word: str) -> str:
    """A word's lemma; itself where it is one, or is in no dictionary."""
    if word in _AUXILIARY:
        return _AUXILIARY[word]
    if word in _ALIKE:
        return _ALIKE[word]
    known = lemmas(word)
    if not known or any(word in forms for forms in known.values()):
        return word
    kind = next((kind for kind in ("VERB", "NOUN") if kind in known), next(iter(known)))
    plain = word[:-1]  # "moles" is "mole", not "mol"
    return plain if plain in known[kind] else known[kind][0]


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
        if word[:-1] in RELATED and word.endswith("s") and after in _AFTER_IS:
            spelled = [word[:-1], "'s"]  # "my brothers at work"
        stop = [token[-1]] if token[-1] in STOPS else []
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

_AFTER_IS = PREPOSITIONS | {"got", "gone", "here", "there", "home", "back", "not", "just", "still"}


def _is_somewhere(found: Sequence[str], place: int) -> bool:
    """Whether 's ends the name of a place: "to grandma's", "the baker's is south of"."""
    before = found[place - 2] if place > 1 else ""
    if before not in PREPOSITIONS and before not in DETERMINERS:
        return False
    after = found[place + 1] if place + 1 < len(found) else ""
    ends = not after or after in STOPS or after in ("and", "but", "with", "for", "now", "again")
    return after in _AUXILIARY or (ends and before not in ("of", "by", "with"))


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
    close = nearest in _LIGHT or nearest in DETERMINERS or nearest in PREPOSITIONS
    asks = found[max(place - 2, 0) : place - 1] in (["what"], ["which"])  # "what colour's Rex"
    speaks = asks or (place > 0 and found[place - 1] in _PRONOUNS)
    if _is_compared(found[place + 1 :]):
        return "is"
    if nearest and not speaks and not close and not _is_predicate(found, place + 1):
        return "'s"
    first = next((word for word in found[place + 1 :] if word not in _LIGHT), "")
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
    return found[place] in _PAST_AS_BASE or _is_past(found[place])


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
    alone = not any(one in _AUXILIARY for one in found[:place])
    if alone and not after and "ADJ" in kinds and "NOUN" not in kinds:
        return True
    if alone and _takes(found, place):
        return True
    return bool(kinds) and "NOUN" not in kinds and bool({"VERB", "ADV"} & kinds.keys())


@lru_cache(maxsize=1 << 16)
def bare(token: str) -> str:
    """A token without what stands around it: quotes, commas, end marks."""
    word = token.replace("\u2019", "'").replace("\u2018", "'").strip(_AROUND)
    return _END.sub("", word.rstrip(STOPS)).strip(f"{_AROUND}{STOPS}!-") or ""
