"""Stories of a kind, one after another, as text, as stories and as bAbI's files."""

from collections.abc import Iterable, Iterator, Sequence
from random import Random

from relmem_cli.errors import UsageError
from relmem_cli.stories.catalogue import TASKS
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import tokenize
from relmem_cli.world.kind import Kind
from relmem_cli.world.teller import Level, Line, Teller, Voice

EVERY = Level()

_MOST_EMPTY = 200
"""Stories in a row without a question, after which none is to be expected."""


def tell_stories(
    kind: Kind, voice: Voice, *, seed: int | str, questions: int, level: Level = EVERY
) -> Iterator[list[Line]]:
    """Stories with so many questions in all; the same seed tells the same ones everywhere."""
    number = empty = 0
    while questions > 0:
        if empty == _MOST_EMPTY:
            raise UsageError(
                f"{empty} stories of kind {kind.name} had no question as hard as that; "
                "ask for less."
            )
        # a story's numbers depend on nothing but its place
        teller = Teller(kind.name, voice, Random(f"{kind.name}/{seed}/{number}"), level)  # noqa: S311
        kind.tell(teller)
        lines = _first(teller.lines, questions)
        questions -= sum(line.answer is not None for line in lines)
        number += 1
        empty = 0 if lines else empty + 1
        if lines:
            yield lines


def _first(lines: Sequence[Line], questions: int) -> list[Line]:
    """The lines up to so many questions, and nothing after the last question."""
    asked = [place for place, line in enumerate(lines) if line.answer is not None][:questions]
    return list(lines[: asked[-1] + 1]) if asked else []


def file_name(kind: str, split: str) -> str:
    """What a file of a kind is called, as bAbI calls its own."""
    if kind.isdecimal():
        return f"qa{kind}_{TASKS[int(kind)].slug}_{split}.txt"
    return f"{kind}_{split}.txt"


def as_story(lines: Iterable[Line], task: int | str) -> Story:
    """The same as tokens."""
    sentences: list[tuple[str, ...]] = []
    questions: list[Question] = []
    for text, answer, supports, _ in lines:
        if answer is None:
            sentences.append(tuple(tokenize(text)))
        else:
            questions.append(
                Question(
                    text=tuple(tokenize(text)),
                    answer=answer,
                    position=len(sentences),
                    supports=supports,
                )
            )
    return Story(sentences=tuple(sentences), questions=tuple(questions), task=task)


def as_babi(lines: Iterable[Line]) -> str:
    """The story as bAbI's files have it: numbered lines, answers and supports after tabs."""
    written = []
    numbers: list[int] = []  # of the sentences
    for number, (text, answer, supports, _) in enumerate(lines, start=1):
        if answer is None:
            numbers.append(number)
            written.append(f"{number} {text}\n")
        else:
            needed = " ".join(str(numbers[line]) for line in supports)
            written.append(f"{number} {text}\t{answer}\t{needed}\n")
    return "".join(written)
