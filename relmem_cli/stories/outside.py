"""Words that no vocabulary has, told apart within a story."""

from collections.abc import Iterable, Iterator, Sequence

from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary


class StoryWords:
    """The ids of one story's words; those outside the vocabulary get the next ids as they come.

    extra    how many of them get one; any further one reads as a pad
    outside  those that have come already, in order
    """

    def __init__(self, vocabulary: Vocabulary, extra: int, outside: Iterable[str] = ()) -> None:
        self._vocabulary = vocabulary
        self._room = extra
        self.outside = {word: len(vocabulary) + place for place, word in enumerate(outside)}

    def encode(self, tokens: Sequence[str], length: int) -> list[int]:
        """`length` ids: the tokens', then pads; tokens after the first `length` are left out."""
        if not self._room:
            return self._vocabulary.encode(tokens, length)
        ids = [self._meet(token) for token in tokens[:length]]
        return ids + [0] * (length - len(ids))

    def copy(self) -> "StoryWords":
        """The same, to which other words may come."""
        return StoryWords(self._vocabulary, self._room, self.outside)

    def id(self, item: str) -> int:
        """The id of a word that has come, or of an item of the vocabulary; else 0."""
        return self._vocabulary.ids.get(item) or self.outside.get(item, 0)

    def item(self, number: int) -> str:
        """What has an id; "" for one that no word of this story has."""
        if number < len(self._vocabulary):
            return self._vocabulary.items[number]
        return next((word for word, given in self.outside.items() if given == number), "")

    def text(self, numbers: Sequence[int]) -> str:
        """The words of an answer that is spelled, with blanks between; pads are left out."""
        return " ".join(self.item(number) for number in numbers if number)

    def _meet(self, word: str) -> int:
        known = self.id(word)
        if known or len(self.outside) >= self._room:
            return known
        self.outside[word] = len(self._vocabulary) + len(self.outside)
        return self.outside[word]


def asked_words(story: Story, vocabulary: Vocabulary, sizes: Sizes) -> Iterator[StoryWords]:
    """For each question the words that had come when it was asked, and its own.

    A question's words are forgotten after it, as in chat, where only sentences are remembered.
    """
    words = StoryWords(vocabulary, sizes.extra)
    read = 0
    for question in story.questions:
        known = words
        if sizes.extra:
            for told in story.sentences[read : question.position]:
                words.encode(told, sizes.sentence_length)
            read = question.position
            known = words.copy()
            known.encode(question.text, sizes.question_length)
            known.encode(question.candidates, len(question.candidates))
        yield known
