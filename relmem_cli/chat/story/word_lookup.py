"""A model's words, looked up while people type: nothing here waits for the model itself."""

import re
from bisect import bisect_left
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import lru_cache

from relmem_cli.chat.story.lines import MARKS, Utterance, clean, words_span
from relmem_cli.chat.story.stand_ins import StandIns
from relmem_cli.chat.story.words import as_known, near_words, typeable_words
from relmem_cli.plain import brief_line
from relmem_cli.plugins import registry
from relmem_cli.stories.follows import contexts
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.training.cards import ModelCard

LONGEST_WORD = 40
"""Characters of a word that near words are looked for; it takes longer the longer the word."""

LONGEST_LINE = 1 << 12
"""Characters of a line that are looked at while it is typed."""

_WORD = re.compile(r"[^\s.?]+")


class WordLookup:
    """The words of one model, and which of them follow which.

    follows    as `relmem_cli.stories.follows` finds them; {} where the model's card has none
    closed     whether it knows no other words: a model may take any, or read parts of words
    stand_ins  whether unknown names are read as known ones (`StandIns`)
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        follows: Mapping[str, Sequence[str]] | None = None,
        *,
        closed: bool = True,
        stand_ins: bool = False,
    ) -> None:
        self.closed = closed
        self.stand_ins = stand_ins
        self.vocabulary = vocabulary
        self.near = lru_cache(maxsize=1024)(self._near)
        self._follows = follows or {}
        self._words = typeable_words(vocabulary)
        self._sorted = sorted(self._words)

    def unknown_spans(self, line: str, *, being_typed: bool) -> Iterator[tuple[int, int]]:
        """Where the words are that the model does not know.

        A word at the end of a line that is being typed may still become a known one.
        """
        start, end = words_span(line) if self.closed else (0, 0)
        end = min(end, LONGEST_LINE)
        read = self._read_as_known(line[start:end]) if self.stand_ins else ()
        for match in _WORD.finditer(line, start, end):
            word = clean(match[0]).lower()
            unfinished = being_typed and match.end() == len(line)
            known = word in self.vocabulary or word in read
            known = known or as_known(word, self.vocabulary) != word
            if word and not known and not (unfinished and self._begins(word)):
                yield match.span()

    def _read_as_known(self, line: str) -> Container[str]:
        """The unknown names of a line that known ones can stand for."""
        tokens = tokenize(clean(line))
        unread = StandIns(self.vocabulary, self._follows).without_stand_in(tokens)
        return {token for token in tokens if token not in unread}

    def can_stand_in(self, story: Sequence[Utterance]) -> bool:
        """Whether known words can stand for all that are unknown in a story."""
        words = StandIns(self.vocabulary, self._follows)
        for said in story:
            words.encode(said.tokens, len(said.tokens))
        told = [token for said in story for token in said.tokens if token not in MARKS]
        return all(token in words.stands for token in self.vocabulary.unknown(told))

    def words_beginning(self, before: str, typed: str, *, near: bool = True) -> list[str]:
        """The words that begin as typed and may come after `before`, a line up to the word.

        Those that followed the same words in training, else all; where none begins so, words that
        are spelled like it, if `near`.
        """
        typed = typed.lower()
        if found := self.words_following(before, typed):
            return found
        found = [word for word in self._words if word.startswith(typed)]
        return found or (list(self.near(typed)) if near else [])

    def words_following(self, before: str, typed: str) -> list[str]:
        """The words that begin as typed and followed the same words in training."""
        for context in contexts(_sentence_of(before)):
            known = self._follows.get(context, ())
            if found := [word for word in known if word.startswith(typed.lower())]:
                return found
        return []

    def hint_for(self, line: str) -> str:
        """The unknown words of a line that is being typed, each with near ones; "" without any."""
        spans = self.unknown_spans(line, being_typed=True)
        words = dict.fromkeys(clean(line[start:end]).lower() for start, end in spans)
        return "   ".join(map(self._described, words))

    def _described(self, word: str) -> str:
        near = self.near(word)
        return f"{brief_line(word, 20)}: {' or '.join(near) + '?' if near else 'not known'}"

    def _begins(self, typed: str) -> bool:
        place = bisect_left(self._sorted, typed)
        return place < len(self._sorted) and self._sorted[place].startswith(typed)

    def _near(self, word: str) -> tuple[str, ...]:
        if not word or len(word) > LONGEST_WORD:
            return ()
        return tuple(near_words(self.vocabulary, word))


def lexicon_of(card: ModelCard) -> WordLookup:
    """The words of a model, from its card."""
    variant = registry().variants.get(card.variant)
    closed = not (card.sizes.extra or card.vocabulary.is_open or (variant and variant.tokenizer))
    follows = follows_of(card.record, card.vocabulary)
    return WordLookup(card.vocabulary, follows, closed=closed, stand_ins=closed)


def follows_of(record: Mapping[str, object], vocabulary: Vocabulary) -> dict[str, list[str]]:
    """What a model card's record says of the words that follow; {} where it says nothing of use."""
    kept = record.get("follows")
    if not isinstance(kept, dict):
        return {}
    words = set(typeable_words(vocabulary))
    any_word = vocabulary.is_open
    return {
        context: [word for word in after if isinstance(word, str) and (any_word or word in words)]
        for context, after in kept.items()
        if isinstance(after, list)
    }


def _sentence_of(before: str) -> list[str]:
    """The tokens of the sentence that a line is in the middle of."""
    start, _ = words_span(before)
    tokens = tokenize(clean(before[start:][-LONGEST_LINE:]))
    ends = [place for place, token in enumerate(tokens) if token in MARKS]
    return tokens[ends[-1] + 1 :] if ends else tokens
