"""Misspelt verbs and function words of a line that a model with open words reads.

Names may be spelled in any way, so that only a word is guessed at that no dictionary has and whose
letters are all but those of a word that the model knows.
"""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from relmem_cli.stories.english import FUNCTION_WORDS, is_verb, lemmas, parts, words
from relmem_cli.stories.vocabulary import Vocabulary

_LEAST = 3
"""Letters of a word that is guessed at."""


def guessed(tokens: Sequence[str], vocabulary: Vocabulary) -> dict[str, str]:
    """The misspelt words among the tokens, each with what it is read as.

    Verbs are guessed where a part of it has none: "Tom dorve home" is read as "Tom drove home".
    """
    found = {}
    for part in parts(tokens):
        known = [_function_words(vocabulary)]
        known += [] if _has_verb(part) else [_verb_forms(vocabulary)]
        for token in part:
            if len(token) < _LEAST or not token.isalpha() or lemmas(token) or token in vocabulary:
                continue
            if near := next(filter(None, (_near(token, words) for words in known)), ""):
                found[token] = near
    return found


def _has_verb(tokens: Sequence[str]) -> bool:
    plain = [word.written for word in words(tokens)]
    return any(is_verb(plain, place) for place in range(len(plain)))


def _near(word: str, known: frozenset[str]) -> str:
    """A known word with the same letters, or with one more or less where it is a longer word."""
    if word in known:
        return ""
    letters = Counter(word)
    for other in sorted(known):
        if other[:1] != word[:1] or abs(len(other) - len(word)) > 1:
            continue
        theirs = Counter(other)
        differ = sum(((letters - theirs) + (theirs - letters)).values())
        if differ == 0 or (differ == 1 and min(len(word), len(other)) > _LEAST):
            return other
    return ""


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
