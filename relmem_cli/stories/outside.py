"""Words that no vocabulary has, told apart within a story."""

from collections.abc import Iterable, Sequence

from relmem_cli.stories.vocabulary import Vocabulary


class StoryWords:
    """The ids of one story's words; those outside the vocabulary get the next ids as they come.

    extra    how many of them get one; any further one reads as a pad
    outside  those that have come already, in order
    """

    def __init__(self, vocabulary: Vocabulary, extra: int, outside: Iterable[str] = ()) -> None:
        self._vocabulary = vocabulary
        self._room = extra
        self._outside = {word: len(vocabulary) + place for place, word in enumerate(outside)}

    @property
    def outside(self) -> dict[str, int]:
        """The words outside the vocabulary that have come, in order, with their ids."""
        return self._outside

    def names_but(self, asked: Iterable[int]) -> set[int]:
        """The ids of the words outside the vocabulary that have come, but some."""
        return set(self._outside.values()).difference(asked)

    @property
    def answers_read(self) -> frozenset[int]:
        """The ids of the vocabulary's answers that a sentence had, where words are open."""
        return frozenset()

    def encode(self, tokens: Sequence[str], length: int, *, is_sentence: bool = True) -> list[int]:
        """`length` ids: the tokens', then pads; tokens after the first `length` are left out.

        is_sentence  whether it is a sentence of the story, and no question
        """
        del is_sentence
        if not self._room:
            return self._vocabulary.encode(tokens, length)
        ids = [self._meet(token) for token in tokens[:length]]
        return ids + [0] * (length - len(ids))

    def places(self, tokens: Sequence[str], *, is_sentence: bool = True) -> list[tuple[int, ...]]:
        """Which tokens each id that `encode` gives is about."""
        del is_sentence
        return [(place,) for place in range(len(tokens))]

    def copy(self) -> "StoryWords":
        """The same, to which other words may come."""
        return StoryWords(self._vocabulary, self._room, self._outside)

    @property
    def version(self) -> object:
        """What has come; a copy to which nothing came has an equal one."""
        return len(self._outside)

    def id(self, item: str) -> int:
        """The id of a word that has come, or of an item of the vocabulary; else 0."""
        return self._vocabulary.ids.get(item) or self._outside.get(item, 0)

    def item(self, number: int) -> str:
        """What has an id; "" for one that no word of this story has."""
        if number < len(self._vocabulary):
            return self._vocabulary.items[number]
        return next((word for word, given in self._outside.items() if given == number), "")

    def text(self, numbers: Sequence[int]) -> str:
        """The words of an answer that is spelled, with blanks between; pads are left out."""
        return " ".join(self.item(number) for number in numbers if number)

    def _meet(self, word: str) -> int:
        known = self.id(word)
        if known or len(self._outside) >= self._room:
            return known
        self._outside[word] = len(self._vocabulary) + len(self._outside)
        return self._outside[word]
