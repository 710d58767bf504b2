"""Misspelt verbs and function words of a line that a model with open words reads.

Names may be spelled in any way, so that only a word is guessed at that no dictionary has and whose
letters are all but those of a word that the model knows.
"""

from collections import Counter
from collections.abc import Container, Sequence
from functools import lru_cache

from relmem_cli.stories.clauses import parts
from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.english import is_verb, words
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.stories.word_classes import FUNCTION_WORDS

_LEAST = 3
"""Letters of a word that is guessed at, and words of a part that should have a verb."""

ASKING = frozenset(("where", "what", "who", "whom", "whose", "how", "why", "which", "when"))
"""Words that ask, as a first word that is misspelt may be meant."""


def guess_spellings(
    tokens: Sequence[str], vocabulary: Vocabulary, *, names: Container[str] = ()
) -> dict[str, str]:
    """The misspelt words among the tokens, each with what it is read as.

    Verbs are guessed where a part of several words has none: "Tom dorve home" is read as "Tom drove
    home". A first word with a verb next to it may be one that asks, else it is a name: "whree is
    Tom", "Selma is home".

    names  words that are not guessed at elsewhere, such as those with a capital
    """
    found = {}
    for part in parts(tokens):
        plain = [word.written for word in words(part)]
        verbs = [is_verb(plain, place) for place in range(len(plain))]
        no_verb = len(plain) >= _LEAST and not any(verbs)
        known = [_function_words(vocabulary), *([_verb_forms(vocabulary)] if no_verb else [])]
        for place, token in enumerate(part):
            if len(token) < _LEAST or not token.isalpha() or lemmas(token) or token in vocabulary:
                continue
            first = token == tokens[0] and place == 0
            if token in names and not first:
                continue
            asks = first and verbs[1:2] == [True]
            near = next(filter(None, (_near(token, some) for some in known)), "")
            if near and (near in ASKING if asks else True):
                found[token] = near
    return found


def _near(word: str, known: frozenset[str]) -> str:
    """A known word with the same letters, else one with one more or less of a longer word."""
    if word in known:
        return ""
    letters, near = Counter(word), ""
    for other in sorted(known):
        if other[:1] != word[:1] or abs(len(other) - len(word)) > 1:
            continue
        theirs = Counter(other)
        differ = sum(((letters - theirs) + (theirs - letters)).values())
        if differ == 0:
            return other
        long_enough = min(len(word), len(other)) > _LEAST
        if not near and differ == 1 and long_enough and _in_order(word, other):
            near = other
    return near


def _in_order(word: str, other: str) -> bool:
    """Whether the shorter of two words has its letters in the order of the longer one."""
    shorter, longer = sorted((word, other), key=len)
    letters = iter(longer)
    return all(letter in letters for letter in shorter)


@lru_cache(maxsize=8)
def _function_words(vocabulary: Vocabulary) -> frozenset[str]:
    """The vocabulary's words that are neither verbs nor nouns."""
    return frozenset(
        item
        for item in vocabulary.items[: vocabulary.closed]
        if item.isalpha() and (item in FUNCTION_WORDS or not {"NOUN", "VERB"} & lemmas(item).keys())
    )


@lru_cache(maxsize=8)
def _verb_forms(vocabulary: Vocabulary) -> frozenset[str]:
    from lemminflect import getAllInflections  # noqa: PLC0415  # takes a quarter of a second

    return frozenset(
        form
        for verb in vocabulary.verbs
        for forms in getAllInflections(verb[:-1], upos="VERB").values()
        for form in forms
    )
