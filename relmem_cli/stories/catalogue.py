"""The 20 bAbI tasks: their names, files and sizes, known without any data set."""

from collections.abc import Iterable
from dataclasses import dataclass

from relmem_cli.errors import UsageError
from relmem_cli.stories.vocabulary import Sizes


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One bAbI task.

    `sizes` are V, L, Lq and the longest story of the English train file with 1,000 questions; `cap`
    is the number of latest sentences that are read of a longer story.
    """

    number: int
    name: str
    slug: str
    sizes: Sizes
    cap: int


def _task(
    number: int, name: str, slug: str, sizes: tuple[int, int, int, int], cap: int = 70
) -> Task:
    v, sentence, question, story = sizes
    return Task(
        number=number,
        name=name,
        slug=slug,
        sizes=Sizes(
            vocabulary=v,
            sentence_length=sentence,
            question_length=question,
            story_length=story,
        ),
        cap=cap,
    )


_ALL = (
    _task(1, "Single Supporting Fact", "single-supporting-fact", (22, 7, 4, 10)),
    _task(2, "Two Supporting Facts", "two-supporting-facts", (36, 7, 5, 56)),
    _task(3, "Three Supporting Facts", "three-supporting-facts", (37, 7, 8, 130), cap=130),
    _task(4, "Two Argument Relations", "two-arg-relations", (17, 8, 7, 2)),
    _task(5, "Three Argument Relations", "three-arg-relations", (46, 7, 8, 70)),
    _task(6, "Yes/No Questions", "yes-no-questions", (38, 7, 6, 26)),
    _task(7, "Counting", "counting", (46, 7, 7, 34)),
    _task(8, "Lists/Sets", "lists-sets", (47, 7, 5, 46)),
    _task(9, "Simple Negation", "simple-negation", (26, 8, 6, 10)),
    _task(10, "Indefinite Knowledge", "indefinite-knowledge", (27, 10, 6, 10)),
    _task(11, "Basic Coreference", "basic-coreference", (29, 9, 4, 10)),
    _task(12, "Conjunction", "conjunction", (23, 9, 4, 10)),
    _task(13, "Compound Coreference", "compound-coreference", (29, 9, 4, 10)),
    _task(14, "Time Reasoning", "time-reasoning", (28, 9, 7, 14)),
    _task(15, "Basic Deduction", "basic-deduction", (20, 6, 6, 8)),
    _task(16, "Basic Induction", "basic-induction", (20, 5, 5, 9)),
    _task(17, "Positional Reasoning", "positional-reasoning", (21, 12, 12, 2)),
    _task(18, "Size Reasoning", "size-reasoning", (21, 10, 10, 15)),
    _task(19, "Path Finding", "path-finding", (34, 8, 11, 5)),
    _task(20, "Agent's Motivations", "agents-motivations", (38, 7, 8, 12)),
)
TASKS: dict[int, Task] = {task.number: task for task in _ALL}
"""Task by number, 1 to 20."""

TaskName = int | str
"""A bAbI task goes by its number, a task of a plugin's source by the name that it has there."""


def task_name(text: str) -> TaskName:
    """A task as it is written in settings and files."""
    return int(text) if text.isdecimal() and int(text) in TASKS else text


def title(task: TaskName) -> str:
    """What a bAbI task is called; any other speaks for itself."""
    return TASKS[task].name if isinstance(task, int) else task


def in_order(tasks: Iterable[TaskName]) -> list[TaskName]:
    """Each once: numbers, then names."""
    return sorted(set(tasks), key=lambda task: (isinstance(task, str), task))


def parse_tasks(text: str) -> tuple[int, ...]:
    """Task numbers of "3", "1-20", "1,4,12-15" or "all", in order, each once.

    Raises UsageError for anything else.
    """
    if text.strip() == "all":
        return tuple(TASKS)
    ranges = _ranges("task", text)
    if not all(TASKS.keys() >= {numbers.start, numbers.stop - 1} for numbers in ranges):
        raise UsageError(f"task {text!r} names no bAbI task; the tasks are 1 to 20.")
    return _in_order(ranges)


def parse_numbers(name: str, text: str) -> tuple[int, ...]:
    """Whole numbers of "3", "0-9" or "0,4,7-9", in order, each once; `name` is whose they are.

    Raises UsageError for anything else, and for a range of more than 10,000.
    """
    ranges = _ranges(name, text)
    if any(numbers.stop - numbers.start > _LONGEST_RANGE for numbers in ranges):
        raise UsageError(f"{name} {text!r} is more than {_LONGEST_RANGE:,} numbers.")
    return _in_order(ranges)


_LONGEST_RANGE = 10_000


def _ranges(name: str, text: str) -> list[range]:
    ranges = []
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        if not first.isdecimal() or not (last.isdecimal() if dash else True):
            raise UsageError(f"{name} {text!r} is not a number, a range such as 1-20, or a list.")
        ranges.append(range(int(first), int(last or first) + 1))
        if not ranges[-1]:
            raise UsageError(f"{name} {text!r} has a range that ends before it begins.")
    return ranges


def _in_order(ranges: list[range]) -> tuple[int, ...]:
    return tuple(sorted({number for numbers in ranges for number in numbers}))
