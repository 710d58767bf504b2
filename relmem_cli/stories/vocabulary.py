"""The words and answers a model knows, and how many of them there are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from relmem_cli.stories.story import Story
from relmem_cli.stories.tokens import PAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What a model's shape takes from the data.

    `vocabulary` (V) counts words, answers and the pad token; `sentence_length` (L) and
    `question_length` (Lq) are the longest sentence and question in tokens, `story_length` the most
    sentences before a question; 0 where a file of an earlier relmem does not say. `extra` words of
    a story that the vocabulary lacks have the ids V, V + 1, ... there, in the order in which they
    come: answers may be these too, so that logits are [.., V + extra].
    """

    vocabulary: int
    sentence_length: int
    question_length: int
    story_length: int = 0
    extra: int = 0

    @property
    def ids(self) -> int:
        """How many ids there are: V + extra."""
        return self.vocabulary + self.extra


@dataclass(frozen=True)
class Vocabulary:
    """An ordered list of items; an item's place is its id, and the pad token has id 0.

    `answers` names the items that were seen as answers.
    """

    items: tuple[str, ...]
    answers: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.items or self.items[0] != PAD:
            raise ValueError(f"a vocabulary starts with {PAD!r}; got {self.items[:1]}")
        if len(set(self.items)) != len(self.items):
            raise ValueError("a vocabulary names each item once; this one repeats some")

    @classmethod
    def of(cls, stories: Iterable[Story], *, rare: int = 1) -> "Vocabulary":
        """The words and answers of the stories, sorted, after the pad token.

        A word that is in fewer than `rare` stories is left out.
        """
        words: Counter[str] = Counter()
        answers: set[str] = set()
        for story in stories:
            mine = set().union(*story.sentences)
            for question in story.questions:
                mine.update(question.text)
                mine.update(question.candidates)
                mine.add(question.answer)
                answers.add(question.answer)
            words.update(mine)
        known = {word for word, count in words.items() if count >= rare}
        return cls((PAD, *sorted(known)), frozenset(answers & known))

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item: str) -> bool:
        return item in self.ids

    @cached_property
    def ids(self) -> dict[str, int]:
        """Item to id."""
        return {item: index for index, item in enumerate(self.items)}

    def encode(self, tokens: Sequence[str], length: int) -> list[int]:
        """`length` ids: the tokens', then pads; an unknown token reads as a pad.

        Tokens after the first `length` are left out.
        """
        known = [self.ids.get(token, 0) for token in tokens[:length]]
        return known + [0] * (length - len(known))

    def unknown(self, tokens: Iterable[str]) -> list[str]:
        """The tokens that are not in the vocabulary, each once, in order."""
        return list(dict.fromkeys(token for token in tokens if token not in self.ids))

    def near(self, word: str, count: int = 3) -> list[str]:
        """Up to `count` known items spelled like `word`, the nearest first."""
        return get_close_matches(word, self.items[1:], n=count, cutoff=0.65)


def sizes_of(vocabulary: Vocabulary, stories: Iterable[Story]) -> Sizes:
    """V, L and Lq of the stories (the digest's counting rule: the whole train file)."""
    sentence = question = longest = 1
    for story in stories:
        sentence = max([sentence, *map(len, story.sentences)])
        question = max([question, *(len(q.text) for q in story.questions)])
        longest = max([longest, *(q.position for q in story.questions)])
    return Sizes(
        vocabulary=len(vocabulary),
        sentence_length=sentence,
        question_length=question,
        story_length=longest,
    )
