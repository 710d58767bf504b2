"""The words and answers a model knows, and how many of them there are."""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Literal

from relmem_cli.errors import UsageError
from relmem_cli.plain import brief
from relmem_cli.stories.english import VERB, words
from relmem_cli.stories.story import Story, answer_parts
from relmem_cli.stories.tokens import PAD, tokenize

END = "<end>"
"""What an answer in words ends with; id 1 of an open vocabulary."""

SAID = "<said>"
"""What comes between a question and the words of its answer so far; id 2."""

END_ID, SAID_ID = 1, 2

OTHER_VERB = "<verb>"
"""A verb that an open vocabulary lacks."""

_NAME = "<name {}>"
"""The items that stand for open words."""

MOST_TOLD = 10_000_000
"""Words of a story: a model may have a place for each."""

_RANGES = {
    "vocabulary": (1, 1_000_000),
    "sentence_length": (1, 4096),
    "question_length": (1, 4096),
    "story_length": (0, 1_000_000),
    "extra": (0, 100_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What a model's shape takes from the data.

    `vocabulary` (V) counts words, answers and the pad token; `sentence_length` (L) and
    `question_length` (Lq) are the longest sentence and question in tokens, `story_length` the most
    sentences before a question; 0 where a file of an earlier relmem does not say. `extra` words of
    a story that the vocabulary lacks have the ids V, V + 1, ... there, in the order in which they
    come: answers may be these too, so that logits are [.., V + extra]. Raises UsageError for more
    than a model could hold.

    words  closed: words are looked up as they stand; open: names, places and things are read by
           where they stand alone, and answers are said word by word (`OpenWords`)
    """

    vocabulary: int
    sentence_length: int
    question_length: int
    story_length: int = 0
    extra: int = 0
    words: Literal["closed", "open"] = "closed"

    def __post_init__(self) -> None:
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise UsageError(f"{name} is {value:,}; it must be from {least} to {most:,}.")
        longest = self.sentence_length * self.story_length
        if longest > MOST_TOLD:
            raise UsageError(
                f"the longest story has {self.story_length:,} sentences of up to "
                f"{self.sentence_length:,} words; it must have at most {MOST_TOLD:,} words in all."
            )

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
        known = set(self.items)
        if len(known) != len(self.items):
            raise ValueError("a vocabulary names each item once; this one repeats some")
        if not known >= self.answers:
            raise ValueError(f"its answer {brief(min(self.answers - known))} is not in it")

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

    @classmethod
    def of_open(
        cls, stories: Iterable[Story], *, names: Container[str], bank: int, rare: int = 1
    ) -> "Vocabulary":
        """The lemmas of the stories' words that are not open, and a bank of items for those.

        names  the lemmas that are open; so are those in fewer than `rare` stories
        bank   how many open words a story may have; 0 for a variant that takes any number
        """
        counts: Counter[str] = Counter()
        answers: set[str] = set()
        for story in stories:
            bases = (word.base for text in _texts(story) for word in words(text))
            given = [_lemmas(part) for q in story.questions for part in answer_parts(q.answer)]
            single = {word for word, *more in given if not more and word not in names}
            counts.update({word for word in bases if word not in names} | single)
            answers |= single
        known = {word for word, count in counts.items() if count >= rare} | {","}
        items = (PAD, END, SAID, OTHER_VERB, *sorted(known))
        return cls(
            (*items, *(_NAME.format(number) for number in range(1, bank + 1))),
            frozenset(answers & known) | {END},
        )

    def grown(self, other: "Vocabulary") -> "Vocabulary":
        """These items, and after the last that stands for itself those of the other's it lacks."""
        more = [item for item in other.items[: other.closed] if item not in self]
        items = (*self.items[: self.closed], *more, *self.items[self.closed :])
        return Vocabulary(items, self.answers | other.answers)

    @cached_property
    def bank(self) -> int:
        """How many of the items, the last ones, stand for open words."""
        return sum(item.startswith("<name ") for item in self.items)

    @cached_property
    def answer_ids(self) -> frozenset[int]:
        """The ids of the answers."""
        return frozenset(self.ids[answer] for answer in self.answers)

    @property
    def closed(self) -> int:
        """How many items stand for themselves: the first open word's id."""
        return len(self.items) - self.bank

    @property
    def is_open(self) -> bool:
        """Whether it is one for open words."""
        return self.items[1:2] == (END,)

    @property
    def verbs(self) -> tuple[str, ...]:
        """The verbs of an open vocabulary."""
        return tuple(item for item in self.items if item.endswith(VERB))

    def __len__(self) -> int:
        return len(self.items)

    def __contains__(self, item: str) -> bool:
        return item in self.ids

    @cached_property
    def ids(self) -> dict[str, int]:
        """Item to id."""
        return {item: index for index, item in enumerate(self.items)}

    def knows(self, token: str) -> bool:
        """Whether an open vocabulary has all words of a token: of "where's" both."""
        return all(word.base in self.ids for word in words([token]))

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


MOST_SAID = 6
"""Words of an answer that a question of an open vocabulary has places for."""


def _texts(story: Story) -> Iterable[Sequence[str]]:
    yield from story.sentences
    for question in story.questions:
        yield question.text


def _lemmas(item: str) -> tuple[str, ...]:
    return tuple(word.base for word in words(tokenize(item)))


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
