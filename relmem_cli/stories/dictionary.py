"""The lemmas of English words, from lemminflect's dictionary."""

from functools import cache

from relmem_cli.stories.word_classes import ALIKE, AUXILIARY

PAST_AS_BASE = frozenset(("put", "set", "let", "cut", "hit", "shut", "hurt", "read", "laid")) | {
    "saw", "found", "fell", "felt", "burst", "quit", "beat", "split",
}  # fmt: skip


@cache
def lemmas(word: str) -> dict[str, tuple[str, ...]]:
    """The dictionary's lemmas of a word by part of speech; {} for a word that is not in it."""
    from lemminflect import getAllLemmas  # noqa: PLC0415  # takes a quarter of a second

    return dict(getAllLemmas(word)) if word.isalpha() else {}


@cache
def base(word: str) -> str:
    """A word's lemma; itself where it is one, or is in no dictionary."""
    if word in AUXILIARY:
        return AUXILIARY[word]
    if word in ALIKE:
        return ALIKE[word]
    known = lemmas(word)
    if not known or any(word in forms for forms in known.values()):
        return word
    kind = next((kind for kind in ("VERB", "NOUN") if kind in known), next(iter(known)))
    plain = word[:-1]  # "moles" is "mole", not "mol"
    return plain if plain in known[kind] else known[kind][0]


def is_past(word: str) -> bool:
    """Whether a word is an auxiliary or a verb's past form."""
    verbs = lemmas(word).get("VERB", (word,))
    return word in AUXILIARY or (word not in verbs and not word.endswith(("s", "ing")))
