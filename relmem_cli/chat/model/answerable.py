"""Which answers a story allows: none that it does not name, none that is asked about."""

from collections.abc import Collection, Sequence

from relmem_cli.chat.story.spelling import ASKING
from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.outside import StoryWords
from relmem_cli.stories.vocabulary import END_ID, Vocabulary
from relmem_cli.stories.word_classes import AUXILIARY

_OF_ANY = frozenset(
    ("i", "nobody", "none", "nothing", "unknown", "yes", "no", "one", "two", "three", "four")
) | {"five", "six", "seven", "eight", "nine", "ten"}


_NOT_WHETHER = ASKING | {"or", "you"}
_WHETHER_ANSWERS = ("yes", "no", "maybe", "unknown")


def asks_whether(tokens: Sequence[str]) -> bool:
    """Whether a question is of yes or no: "Is Ann tired?", not "Can you tell me who left?"."""
    words = {token.split("'")[0].rstrip(",") for token in tokens}
    return tokens[0] in AUXILIARY and words.isdisjoint(_NOT_WHETHER)


class Answerable:
    """The ids that may be answers.

    whether  the ids of yes, no and the like; none where the vocabulary has no yes or no

    Of an open vocabulary a place or a thing that it knows, such as "kitchen", must have been told
    of; but where the story tells of a feeling, what that makes people want need not.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        items = vocabulary.answers or frozenset(vocabulary.items[1:])
        self._always = {vocabulary.ids[item] for item in items}
        self._wanted: set[int] = set()
        self._feelings: set[int] = set()
        self.whether: list[int] = []
        if {"yes", "no"} <= items:
            self.whether = sorted(
                vocabulary.ids[item] for item in _WHETHER_ANSWERS if item in items
            )
        if vocabulary.is_open:
            kinds = {item: lemmas(item).keys() for item in items - _OF_ANY}
            self._wanted = {vocabulary.ids[item] for item in kinds if _names(kinds[item])}
            self._feelings = {vocabulary.ids[item] for item in kinds if _feels(kinds[item])}
            self._always -= self._wanted | self._feelings | {END_ID}

    def ids_for(self, words: StoryWords, asked: Collection[int]) -> list[int]:
        """The ids, in order, for a story with these words; who and what is asked about are none."""
        feelings = self._feelings & words.answers_read
        wanted = self._wanted if feelings else self._wanted & words.answers_read
        return sorted({*self._always, *wanted, *feelings, *words.names_but(asked)})


def _names(kinds: Collection[str]) -> bool:
    """Whether a word names something: "kitchen", not "sick"."""
    return "NOUN" in kinds and "ADJ" not in kinds


def _feels(kinds: Collection[str]) -> bool:
    return not _names(kinds) and ("ADJ" in kinds or "VERB" in kinds)
