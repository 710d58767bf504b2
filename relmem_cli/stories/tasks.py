"""What a run trains on: a task's stories, its folds, its validation part, its vocabulary."""

import hashlib
import math
import random
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.nearest import did_you_mean
from relmem_cli.stories.asked import open_sizes
from relmem_cli.stories.catalogue import TASKS, TaskName, task_name
from relmem_cli.stories.checking import stories_of
from relmem_cli.stories.mentions import as_mentioned
from relmem_cli.stories.sources import (
    HOW_TO_GET,
    SETS,
    BabiFolder,
    Source,
    has_split,
    source_tasks,
)
from relmem_cli.stories.story import Story, cap_story, in_clauses, retold
from relmem_cli.stories.vocabulary import Sizes, Vocabulary, sizes_of

JOINT = "joint"
"""The name of all 20 tasks together, with one vocabulary."""

Tokens = Callable[[Sequence[str]], tuple[str, ...]]
"""From words to a variant's own tokens."""

VALID = "valid"
"""The split of a source that comes with questions to validate on."""

FOLD_QUESTIONS = 1000


@dataclass(frozen=True, kw_only=True)
class TaskData:
    """Stories to train on and to validate on, and what a model needs to know of them.

    `notes` says what was done in place of something missing.
    """

    train: list[Story]
    validation: list[Story]
    vocabulary: Vocabulary
    sizes: Sizes
    notes: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> dict[str, str]:
        """What tells these data from others: of each part how much it is, and a hash of it."""
        return {
            "training questions": _digest(self.train),
            "validation questions": _digest(self.validation),
            "vocabulary": _hashed(len(self.vocabulary), self.vocabulary.items),
        }


def _digest(stories: Iterable[Story]) -> str:
    count = sum(len(story.questions) for story in stories)
    return _hashed(count, (repr((story.sentences, story.questions)) for story in stories))


def _hashed(count: int, texts: Iterable[str]) -> str:
    found = hashlib.sha256()
    for text in texts:
        found.update(text.encode() + b"\0")
    return f"{count} {found.hexdigest()[:16]}"


def tasks_of(source: Source, task: str) -> tuple[TaskName, ...]:
    """The source's task of that name, or all of them for "joint".

    Raises UsageError for a name that it does not have.
    """
    known = source_tasks(source)
    if task == JOINT:
        return tuple(known)
    if task_name(task) in known:
        return (task_name(task),)
    if known.keys() == TASKS.keys():
        raise UsageError(f"task {task!r} is neither a number from 1 to 20 nor {JOINT}.")
    names = [*map(str, known)]
    hint = did_you_mean(task, [*names, JOINT], f"it has {', '.join(names)}.")
    raise UsageError(f"{source.name} has no task {task!r}; {hint}")


def load_training(  # noqa: PLR0913  # each is one setting of a run
    source: Source,
    task: str,
    *,
    fold: int | None = None,
    cap: int = 0,
    validation: float = 0.1,
    split_seed: int = 0,
    extra: int = 0,
    rare: int = 1,
    tokens: Tokens | None = None,
    names: Container[str] | None = None,
    bank: int = 0,
    known: tuple[Vocabulary, Sizes] | None = None,
) -> TaskData:
    """A task's train file (or fold), split by story into train and validation.

    A source with a split "valid" is not split: that is what validates.

    `cap` is the number of latest sentences kept of a story, 0 for each task's own; `validation`
    the fraction of the questions to validate on; `extra` and `rare` are those of `Sizes` and
    `Vocabulary.of`, `tokens` a variant's own. V, L and Lq count the whole file, the longest
    story what is left of it. With `names` words are open: these lemmas are, and the vocabulary has
    `bank` items for them (`Vocabulary.of_open`). `known` is a model's vocabulary and sizes, to be
    gone on with; words that it lacks are added.
    """
    whole: list[Story] = []
    train: list[Story] = []
    held_out: list[Story] = []
    notes: list[str] = []
    rng = random.Random(split_seed)  # noqa: S311  # other ways to say the same, no secret
    for number in tasks_of(source, task):
        stories, note = _train_stories(source, number, fold, joint=task == JOINT)
        notes += note
        stories = as_read(stories, tokens, clauses=names is not None)
        if not stories:
            raise RelmemError(f"{source.name} has no training story of task {number}.")
        if has_split(source, VALID):
            held = stories_of(source, number, VALID)
            kept, held = stories, as_read(held, tokens, clauses=names is not None)
        else:
            kept, held = split_stories(stories, validation, split_seed)
            whole += held
        if names is not None:
            kept = [as_mentioned(story, names, rng) for story in kept]
        whole += kept
        train += [story for story in cap_stories(kept, number, cap) if story.questions]
        held_out += [story for story in cap_stories(held, number, cap) if story.questions]
    if names is None:
        vocabulary = Vocabulary.of(whole, rare=rare)
        sizes = replace(sizes_of(vocabulary, whole), extra=extra)
    else:
        vocabulary = Vocabulary.of_open(whole, names=names, bank=bank, rare=rare)
        sizes = open_sizes(vocabulary, whole, extra)
    if known:
        known_vocabulary, known_sizes = known
        vocabulary = known_vocabulary.grown(vocabulary)
        sizes = replace(known_sizes, vocabulary=len(vocabulary))
    return TaskData(
        train=train,
        validation=held_out,
        vocabulary=vocabulary,
        sizes=replace(sizes, story_length=_longest([*train, *held_out])),
        notes=tuple(notes),
    )


def _longest(stories: Iterable[Story]) -> int:
    """The most sentences before a question, 1 at least."""
    return max((q.position for story in stories for q in story.questions), default=1) or 1


def as_read(
    stories: Sequence[Story], tokens: Tokens | None, *, clauses: bool = False
) -> list[Story]:
    """The stories in a variant's own tokens, and in clauses where words are open."""
    if clauses:
        stories = [in_clauses(story) for story in stories]
    return [retold(story, tokens) for story in stories] if tokens else list(stories)


def load_test(
    source: Source,
    number: TaskName,
    *,
    cap: int = 0,
    tokens: Tokens | None = None,
    clauses: bool = False,
) -> list[Story]:
    """A task's test stories, in clauses where a model reads open words.

    Raises RelmemError where there is no question in them.
    """
    whole = as_read(stories_of(source, number, "test"), tokens, clauses=clauses)
    stories = cap_stories(whole, number, cap)
    if not any(story.questions for story in stories):
        raise RelmemError(f"the test stories of task {number} in {source.name} ask no question.")
    return stories


def cap_stories(stories: Iterable[Story], number: TaskName, cap: int = 0) -> list[Story]:
    """Stories of a task with at most `cap` sentences; 0 is a bAbI task's own cap, else none."""
    limit = cap or (TASKS[number].cap if isinstance(number, int) else 0)
    return [part for story in stories for part in (cap_story(story, limit) if limit else [story])]


def split_stories(
    stories: Sequence[Story], fraction: float, seed: int
) -> tuple[list[Story], list[Story]]:
    """Train and validation stories: whole stories, drawn until `fraction` of the questions is met.

    Raises UsageError where either part would be empty.
    """
    if not 0 < fraction < 1:
        raise UsageError(f"validation is {fraction}; it must lie between 0 and 1.")
    wanted = fraction * sum(len(story.questions) for story in stories)
    order = list(range(len(stories)))
    random.Random(seed).shuffle(order)  # noqa: S311  # a split, not a secret
    held: set[int] = set()
    count = 0
    for index in order:
        if count >= wanted:
            break
        held.add(index)
        count += len(stories[index].questions)
    train = [story for index, story in enumerate(stories) if index not in held]
    if not train or not held:
        raise UsageError(f"{len(stories)} stories are too few to train and to validate on.")
    return train, [stories[index] for index in sorted(held)]


def fold_of(stories: Iterable[Story], fold: int) -> list[Story]:
    """The fold-th block of 1,000 questions; fold 0 is the 1k file.

    A story across a boundary is in both blocks, in each with that block's questions and the
    sentences up to the last of them. Raises UsageError where there is no such block.
    """
    first = fold * FOLD_QUESTIONS
    block: list[Story] = []
    seen = 0
    for story in stories:
        inside = story.questions[max(first - seen, 0) : max(first + FOLD_QUESTIONS - seen, 0)]
        seen += len(story.questions)
        if inside and inside == story.questions:
            block.append(story)
        elif inside:
            sentences = story.sentences[: inside[-1].position]
            block.append(replace(story, sentences=sentences, questions=inside))
    if fold < 0 or not block:
        last = max(seen - 1, 0) // FOLD_QUESTIONS
        raise UsageError(f"there is no fold {fold}; this file has folds 0 to {last}.")
    return block


def count_folds(source: Source, number: TaskName) -> int:
    """How many folds a task has: blocks of up to 1,000 training questions.

    Raises RelmemError where its train file is missing.
    """
    if isinstance(source, BabiFolder) and isinstance(number, int):
        source, _ = _folder(source, number, 1, may_fall_back=True)
        questions = source.count_questions(number, "train")
    else:
        questions = sum(len(story.questions) for story in source.stories(number, "train"))
    return math.ceil(questions / FOLD_QUESTIONS)


def _train_stories(
    source: Source, number: TaskName, fold: int | None, *, joint: bool
) -> tuple[Sequence[Story], list[str]]:
    notes: list[str] = []
    if isinstance(source, BabiFolder) and isinstance(number, int):
        source, notes = _folder(
            source, number, fold, may_fall_back=fold == 0 or (joint and not fold)
        )
    stories: Sequence[Story] = stories_of(source, number, "train")
    if fold is not None:
        stories = fold_of(stories, fold)
    return stories, notes


def _folder(
    source: BabiFolder, number: int, fold: int | None, *, may_fall_back: bool
) -> tuple[BabiFolder, list[str]]:
    """The set to read: folds after the first are in the 10k set; a hole in it may be filled."""
    small = source.sibling(source.name.removesuffix("-10k"))
    large = source.sibling(f"{small.name}-10k")
    if fold and source.name in SETS and not large.path.is_dir():
        raise RelmemError(f"{large.path} is missing, which holds fold {fold}; {HOW_TO_GET}.")
    folder = large if fold and large.path.is_dir() else source
    if folder.has(number, "train") or folder == small or not may_fall_back:
        return folder, []
    return small, [
        f"{folder.name} has no train file of task {number}; the {FOLD_QUESTIONS:,} questions of "
        f"{small.name} stand in for it"
    ]
