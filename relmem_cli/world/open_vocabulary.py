"""Which words of stories are names, places and things: those that an open vocabulary leaves out."""

import re
from collections.abc import Sequence
from functools import cache

from relmem_cli.stories.english import VERB, is_noun, words
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.word_classes import DETERMINERS
from relmem_cli.world.lexicon import WORDS, load_lexicon
from relmem_cli.world.nouns import Noun, Verb
from relmem_cli.world.phrases import STYLES, VARIED, load_style

_FORMS = ("name", "all")
_ANY = ("body", "one", "thing", "things")
_SLOT = re.compile(r"%[s%]")


@cache
def open_words() -> frozenset[str]:
    """The lemmas of relmem's nouns and open verbs, but for what a phrase has or means something.

    What a feeling makes people want is known: the feelings and the places that they lead to. So are
    the words of phrases; but of varied ones, where a bag, a smile or "store" may come in, no noun.
    """
    lexicons = [load_lexicon(name) for name in WORDS]
    nouns = [
        noun
        for one in lexicons
        for role, some in one.roles.items()
        for noun in some
        if role != "verb"
    ]
    known = [
        noun
        for one in lexicons
        for motive in one.motives
        for noun in (motive.feeling, motive.place)
    ]
    beside = frozenset(
        word for word in _lemmas_of_phrases((VARIED,)) if is_noun(word) and not word.endswith(_ANY)
    )
    said = _lemmas_of_phrases(STYLES)
    verbs = frozenset(
        form
        for one in lexicons
        for verb in one.roles.get("verb", ())
        if isinstance(verb, Verb) and verb.open
        for form in (verb.name, verb.name + VERB)
    )
    return (_lemmas_of(nouns) | beside | verbs) - _lemmas_of(known) - said - DETERMINERS


def _lemmas_of(nouns: list[Noun]) -> frozenset[str]:
    return frozenset(
        word.base
        for noun in nouns
        for form in _FORMS
        for word in words(tokenize(getattr(noun, form)))
    )


def _lemmas_of_phrases(styles: Sequence[str]) -> frozenset[str]:
    texts = [
        _SLOT.sub(" ", phrase.text)
        for style in map(load_style, styles)
        for ways in style.ways.values()
        for forms in ways
        for phrase in forms
    ]
    return frozenset(word.base for text in texts for word in words(tokenize(text)))
