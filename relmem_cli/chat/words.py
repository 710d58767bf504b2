"""The words that people can type, of those a model knows."""

from relmem_cli.chat.lines import MARKS
from relmem_cli.stories.tokens import PAD
from relmem_cli.stories.vocabulary import Vocabulary


def typeable(vocabulary: Vocabulary) -> list[str]:
    """The model's words in order, without marks and without what only appears as an answer.

    Text is read in lower case, so an item with a capital is an answer; so is a list like "n,s".
    """
    left_out = {PAD, *MARKS}
    return [
        item
        for item in vocabulary.items
        if item not in left_out and item == item.lower() and "," not in item[:-1]
    ]


def near_words(vocabulary: Vocabulary, word: str, count: int = 3) -> list[str]:
    """Up to `count` words that can be typed and are spelled like `word`, the nearest first."""
    words = set(typeable(vocabulary))
    return [near for near in vocabulary.near(word, 2 * count) if near in words][:count]
