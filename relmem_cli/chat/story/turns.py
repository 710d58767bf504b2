"""What was said with what came of it, and what differs between two stories."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from relmem_cli.chat.story.answers import Answer
from relmem_cli.chat.story.lines import Utterance, UtteranceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTurn:
    """One thing said, and the model's state after it.

    answer  the answer to a question
    read    False where the present model cannot read it (it was told to another one)
    """

    said: Utterance
    state: Any
    answer: Answer | None = None
    read: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A sentence with its share in an answer, and the weight of each token that was read of it."""

    said: Utterance
    share: float
    words: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A question, its answer, and the sentences before it that were read."""

    question: Utterance
    answer: Answer
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What going back or forth did: what left the story, and what came into it.

    answers  the questions that are answered otherwise now, each before and after
    """

    gone: tuple[Utterance, ...]
    came: tuple[Utterance, ...]
    answers: tuple[tuple[SessionTurn, SessionTurn], ...] = ()


def change_between(
    turns_before: Sequence[SessionTurn], turns_after: Sequence[SessionTurn]
) -> Change:
    """What differs between two stories, without what they begin and end with alike."""
    before = sentences_of(turn.said for turn in turns_before)
    after = sentences_of(turn.said for turn in turns_after)
    first, last = 0, 0
    shorter = min(len(before), len(after))
    while first < shorter and before[first] == after[first]:
        first += 1
    while last < shorter - first and before[-1 - last] == after[-1 - last]:
        last += 1
    return Change(
        gone=tuple(before[first : len(before) - last]),
        came=tuple(after[first : len(after) - last]),
        answers=answered_otherwise(turns_before, turns_after),
    )


def answered_otherwise(
    before: Sequence[SessionTurn], after: Sequence[SessionTurn]
) -> tuple[tuple[SessionTurn, SessionTurn], ...]:
    """The questions that both stories have in the same place, where their answers differ.

    One that was asked again, and answered as before both times, is there once.
    """
    found = {
        (old.said.text, old.answer.answer, new.answer.answer): (old, new)
        for old, new in zip(before, after, strict=False)
        if old.answer and new.answer and old.said == new.said
        if old.answer.answer != new.answer.answer
    }
    return tuple(found.values())


def sentences_of(said: Iterable[Utterance]) -> tuple[Utterance, ...]:
    """Without the questions."""
    return tuple(one for one in said if one.kind is UtteranceKind.sentence)
