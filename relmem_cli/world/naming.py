"""Which words of stories are names, places and things: those that an open vocabulary leaves out."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from relmem_cli.stories.english import DETERMINERS, is_noun, words
from relmem_cli.stories.tokens import tokenize
from relmem_cli.world.lexicon import WORDS, load_lexicon
from relmem_cli.world.nouns import Noun
from relmem_cli.world.phrases import STYLES, VARIED, load_style

_FORMS = ("name", "all")
_SLOT = re.compile(r"%[s%]")


@cache
def open_words() -> frozenset[str]:
    """The lemmas of relmem's nouns, but for those that a phrase has too or that mean something.

    What a feeling makes people want is known: the feelings and the places that they lead to. So are
    the words of phrases; but of varied ones, where a bag or a smile may come in, not such nouns.
    """
    lexicons = [load_lexicon(name) for name in WORDS]
    nouns = [noun for one in lexicons for role in one.roles.values() for noun in role]
    known = [
        noun
        for one in lexicons
        for motive in one.motives
        for noun in (motive.feeling, motive.place)
    ]
    beside = frozenset(word for word in _after_articles((VARIED,)) if is_noun(word))
    said = frozenset(word for word, _ in _words_of_phrases(STYLES))
    return (_lemmas_of(nouns) | beside) - _lemmas_of(known) - said - DETERMINERS


def _lemmas_of(nouns: list[Noun]) -> frozenset[str]:
    return frozenset(
        word.base
        for noun in nouns
        for form in _FORMS
        for word in words(tokenize(getattr(noun, form)))
    )


def _after_articles(styles: Sequence[str]) -> frozenset[str]:
    """The lemmas that phrases have after nothing but articles."""
    found = frozenset(_words_of_phrases(styles))
    return frozenset(word for word, _ in found) - frozenset(
        word for word, before in found if before not in DETERMINERS
    )


def _words_of_phrases(styles: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each word of phrases with the one before it, "" for none."""
    for style in map(load_style, styles):
        for phrase in (one for ways in style.ways.values() for forms in ways for one in forms):
            before = ""
            for word in words(tokenize(_SLOT.sub(" ", phrase.text))):
                yield word.base, before
                before = word.base
