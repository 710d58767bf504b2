"""The same story told to several models, and what each of them answers and costs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from relmem_cli.chat.story.answers import Given
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.model_input import Loaded
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.turns import sentences_of

REPEATS = 5
"""How often a story is read to measure the time of a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A question, and each model's answer; None where it cannot read it."""

    question: Utterance
    answers: tuple[Given | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Questions by models.

    names   the models'
    rows    the questions, with an answer of each model
    unread  for each model the sentences that it cannot read, and has gone without
    """

    names: tuple[str, ...]
    rows: Sequence[Compared]
    unread: tuple[tuple[Utterance, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a model has and takes; times in seconds, None where the story has nothing to measure."""

    name: str
    variant: str
    parameters: int
    sentence: float | None
    question: float | None


def compare(story: Sequence[Utterance], readers: Sequence[Loaded]) -> Comparison:
    """Each question of the story as each model answers it; one asked and answered again, once."""
    columns, unread = [], []
    for reader in readers:
        session = Session(reader)
        unread.append(sentences_of(session.load(story)))
        columns.append([turn for turn in session.turns if turn.said.kind is UtteranceKind.question])
    rows = [
        Compared(
            question=turns[0].said,
            answers=tuple(
                Given(turn.answer.answer, turn.answer.probability) if turn.answer else None
                for turn in turns
            ),
        )
        for turns in zip(*columns, strict=True)
    ]
    different = {
        (row.question.text, *(given and given.answer for given in row.answers)): row for row in rows
    }
    return Comparison(
        names=tuple(reader.name for reader in readers),
        rows=list(different.values()),
        unread=tuple(unread),
    )


def measure_cost(reader: Loaded, story: Sequence[Utterance]) -> Cost:
    """A model's parameters, and the median time of one sentence and of one question."""
    reading: list[float] = []
    answering: list[float] = []
    for _ in range(REPEATS):
        state = reader.begin()
        for said in story:
            if not reader.can_read(said):
                continue
            started = time.perf_counter()
            if said.kind is UtteranceKind.sentence:
                state = reader.read(state, said)
                reading.append(time.perf_counter() - started)
            else:
                reader.answer(state, said)
                answering.append(time.perf_counter() - started)
    return Cost(
        name=reader.name,
        variant=reader.card.variant,
        parameters=reader.parameters,
        sentence=median(reading) if reading else None,
        question=median(answering) if answering else None,
    )
