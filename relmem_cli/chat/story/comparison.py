"""The same story told to several models, and what each of them answers and costs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import filterfalse
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
    """A question, and each model's answer; None where it cannot read it or the story's rest."""

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
    """Each question of the story as each model answers it; one asked and answered again, once.

    A model that could read none of the story's sentences answers nothing.
    """
    columns, unread = [], []
    for reader in readers:
        session = Session(reader)
        unread.append(sentences_of(session.load(story)))
        knows = not unread[-1] or any(turn.read for turn in session.turns if _tells(turn.said))
        asked = [turn for turn in session.turns if not _tells(turn.said)]
        columns.append([turn.answer if knows else None for turn in asked])
    rows = [
        Compared(
            question=question,
            answers=tuple(
                Given(answer.answer, answer.probability) if answer else None for answer in answers
            ),
        )
        for question, *answers in zip(filterfalse(_tells, story), *columns, strict=True)
    ]
    different = {
        (row.question.text, *(given and given.answer for given in row.answers)): row for row in rows
    }
    return Comparison(
        names=tuple(reader.name for reader in readers),
        rows=list(different.values()),
        unread=tuple(unread),
    )


def _tells(said: Utterance) -> bool:
    return said.kind is UtteranceKind.sentence


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
