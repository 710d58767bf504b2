"""Names, places and things that a closed vocabulary lacks, read as ones that it has.

Which word may stand for another follows from where it stands: it is one that training saw after the
same words, and before the same word (`relmem_cli.stories.follows`).
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.follows import contexts
from relmem_cli.stories.outside import StoryWords
from relmem_cli.stories.tokens import PAD
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.stories.word_classes import FUNCTION_WORDS

_MISSPELT = 0.8
"""How alike a word and a known one are where it is that one misspelt, and no name of its own."""

_MARKS = frozenset((".", "?"))


class StandIns(StoryWords):
    """One story's words; each unknown name is read as a known word that the story has not used.

    follows  the words that training saw after others, by context
    stands   for each unknown name that has come the word that it is read as
    """

    def __init__(self, vocabulary: Vocabulary, follows: Mapping[str, Sequence[str]]) -> None:
        super().__init__(vocabulary, 0)
        self._follows = follows
        self.stands: dict[str, str] = {}
        self._used: set[str] = set()

    def copy(self) -> "StandIns":
        """The same, to which other words may come."""
        other = StandIns(self._vocabulary, self._follows)
        other.stands, other._used = dict(self.stands), set(self._used)
        return other

    @property
    def version(self) -> object:
        """What has come; a copy to which nothing came has an equal one."""
        return len(self.stands), len(self._used)

    def encode(self, tokens: Sequence[str], length: int, *, is_sentence: bool = True) -> list[int]:
        """`length` ids: the tokens', then pads; a name is a pad where nothing can stand for it."""
        del is_sentence
        self._used.update(token for token in tokens if token in self._vocabulary)
        read: list[str] = []
        for place, token in enumerate(tokens[:length]):
            read.append(self._known(token, read, tokens[place + 1 : place + 2]))
        return self._vocabulary.encode(read, length)

    def id(self, item: str) -> int:
        """The id of what an item is read as; 0 for one that is unknown."""
        return super().id(self.stands.get(item, item))

    def item(self, number: int) -> str:
        """What has an id, by the name that was told where it stands for one."""
        known = super().item(number)
        return next((name for name, read in self.stands.items() if read == known), known)

    def without_stand_in(self, tokens: Sequence[str]) -> list[str]:
        """The unknown tokens that no known word can stand for, each once."""
        words = self.copy()
        words.encode(tokens, len(tokens))
        return [token for token in self._vocabulary.unknown(tokens) if token not in words.stands]

    def _known(self, token: str, before: Sequence[str], after: Sequence[str]) -> str:
        if token in self.stands:
            return self.stands[token]
        taken = set(self.stands.values())
        known = token in self._vocabulary
        if (known and token not in taken) or not _names(token):
            return token
        if not known and get_close_matches(token, self._vocabulary.items, n=1, cutoff=_MISSPELT):
            return token
        free = [word for word in self._fitting(before, after) if word not in self._used | taken]
        if not free:
            return PAD
        self.stands[token] = free[0]
        return free[0]

    def _fitting(self, before: Sequence[str], after: Sequence[str]) -> list[str]:
        """The words that training saw at such a place."""
        for context in contexts(before):
            seen = [word for word in self._follows.get(context, ()) if _names(word)]
            found = [word for word in seen if self._goes_before(word, before, after)]
            if found:
                return found
        return []

    def _goes_before(self, word: str, before: Sequence[str], after: Sequence[str]) -> bool:
        if not after or after[0] in _MARKS or after[0] not in self._vocabulary:
            return True
        return any(after[0] in self._follows.get(one, ()) for one in contexts([*before, word]))


def _names(word: str) -> bool:
    """Whether a word may name something: it is no function word, mark or form of a verb."""
    if word in FUNCTION_WORDS or word in _MARKS or not word[:1].isalpha():
        return False
    kinds = lemmas(word)
    return "VERB" not in kinds or "NOUN" in kinds or word in kinds["VERB"]
