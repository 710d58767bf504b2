"""Which words of stories are names, places and things: those that an open vocabulary leaves out."""

import re
from functools import cache

from relmem_cli.stories.english import DETERMINERS, words
from relmem_cli.stories.tokens import tokenize
from relmem_cli.world.lexicon import WORDS, load_lexicon
from relmem_cli.world.nouns import Noun
from relmem_cli.world.phrases import STYLES, load_style

_FORMS = ("name", "all")
_SLOT = re.compile(r"%[s%]")


@cache
def open_words() -> frozenset[str]:
    """The lemmas of relmem's nouns, but for those that a phrase has too or that mean something.

    What a feeling makes people want is known: the feelings and the places that they lead to.
    """
    lexicons = [load_lexicon(name) for name in WORDS]
    nouns = [noun for one in lexicons for role in one.roles.values() for noun in role]
    known = [
        noun
        for one in lexicons
        for motive in one.motives
        for noun in (motive.feeling, motive.place)
    ]
    return _lemmas_of(nouns) - _lemmas_of(known) - _lemmas_of_phrases() - DETERMINERS


def _lemmas_of(nouns: list[Noun]) -> frozenset[str]:
    return frozenset(
        word.base
        for noun in nouns
        for form in _FORMS
        for word in words(tokenize(getattr(noun, form)))
    )


def _lemmas_of_phrases() -> frozenset[str]:
    texts = [
        _SLOT.sub(" ", phrase.text)
        for style in map(load_style, STYLES)
        for ways in style.ways.values()
        for forms in ways
        for phrase in forms
    ]
    return frozenset(word.base for text in texts for word in words(tokenize(text)))
