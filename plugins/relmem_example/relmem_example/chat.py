"""What this plugin adds to chat: functions of the session that return text."""

from collections import Counter
from typing import Any


def words_used(session: Any, argument: str) -> str:
    """How many of the model's words the story has used, and its most frequent ones."""
    del argument
    used = Counter(
        word
        for sentence in session.sentences
        for word in sentence.tokens
        if word[0].isalnum() and word in session.reader.vocabulary
    )
    known = sum(word[0].isalnum() for word in session.reader.vocabulary.items)
    often = ", ".join(f"{word} {count}" for word, count in used.most_common(5))
    return f"{len(used)} of {known} known words used" + (f"; most: {often}" if often else "")


def score(session: Any) -> str:
    """Right answers of those questions whose true answer the story gives; "" without any."""
    asked = [turn for turn in session.turns if turn.answer and turn.said.truth]
    if not asked:
        return ""
    right = sum(turn.answer.answer == turn.said.truth for turn in asked)
    return f"{right} of {len(asked)} right"
