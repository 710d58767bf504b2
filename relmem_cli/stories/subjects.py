"""Whom sentence after sentence tells of: "Tom ran off. He took a cup. Then he left it there."."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from relmem_cli.stories.english import VERB, Word
from relmem_cli.stories.word_classes import HOMES, JOINING, LIGHT, PREPOSITIONS
from relmem_cli.stories.written_names import OWNERS

_PRONOUNS = frozenset(("he", "she"))
_BEGINNINGS = JOINING | LIGHT | {"after", "that", "this", "later", "next", "afterwards", ","}
_BEGINNINGS |= OWNERS | {"finally", "soon", "eventually", "today", "yesterday", "quickly"}
GIVING = frozenset(("give", "hand", "pass", "throw", "send", "lend", "sell", "bring", "toss"))
_TO_SOMEBODY = GIVING | {"show", "tell", "talk", "speak", "write", "say", "return", "take"}
_WHERE = PREPOSITIONS - {"of", "with", "for", "by", "to"}
_HAS = GIVING | {"drop", "put", "leave", "lose", "hide", "read", "eat"}
"""What somebody does with a thing that they have."""


class Subject(NamedTuple):
    """Whom the last sentences were about: the id of a name, and the pronoun that stood for it.

    As a second "he" in a row means whom the first one did, it is read as the name.

    receiver  who was given something by the last sentence
    """

    who: int = 0
    pronoun: str = ""
    receiver: int = 0

    def goes_on(self, word: Word) -> "Subject":
        """The same after a sentence that begins with a word; nobody where it is about another."""
        if word.base in _PRONOUNS:
            same = self.who and self.pronoun in ("", word.base)
            return Subject(self.who, word.base) if same else Subject()
        return self if word.base.endswith(VERB) else Subject()

    def means(self, word: Word) -> bool:
        """Whether a word that a sentence begins with, a pronoun or a verb, is about them too."""
        return bool(self.pronoun) and (word.base == self.pronoun or word.base.endswith(VERB))

    def given(self, found: Sequence[Word], begin: int) -> "Subject":
        """Whoever was given something, where a sentence tells what somebody does with it."""
        deeds = {word.base.removesuffix(VERB) for word in found if word.base.endswith(VERB)}
        has_it = any(word.base == "it" for word in found) and deeds & _HAS
        if self.receiver and has_it and is_pronoun(found[begin]):
            return Subject(self.receiver, found[begin].base)
        return self


def is_pronoun(word: Word) -> bool:
    """Whether a word is one that a name can be read for."""
    return word.base in _PRONOUNS


def subject_at(found: Sequence[Word]) -> int:
    """Where a sentence's subject is: a name behind its article, a pronoun, or the verb without."""
    return next((at for at, word in enumerate(found) if word.base not in _BEGINNINGS), len(found))


def names_another(found: Sequence[Word], at: int) -> bool:
    """Whether a name that is not the subject may be somebody's: "gave it to Bob", not "to Rome"."""
    before = found[at - 1].base if at else ""
    if before in OWNERS or before in _WHERE or found[at].base in HOMES:
        return False
    giving = any(word.base.removesuffix(VERB) in _TO_SOMEBODY for word in found)
    return giving if before == "to" else True


def receiver_at(found: Sequence[Word], names: Iterable[int]) -> int:
    """Where the name begins of whom a sentence gives something, among its names; else -1."""
    gives = [at for at, word in enumerate(found) if word.base.removesuffix(VERB) in GIVING]
    after = [at for at in names if gives and at > gives[0]]
    for at in after:
        before = found[at - 1].base
        if before == "to" or (before in OWNERS and at > 1 and found[at - 2].base == "to"):
            return at
    return after[0] if len(after) > 1 and after[0] == gives[0] + 1 else -1
