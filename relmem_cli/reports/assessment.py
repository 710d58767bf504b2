"""Testing trained models: how each does, and what it had never seen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from relmem_cli.contract.model import StoryModel
from relmem_cli.reports.subject import Subject
from relmem_cli.stories.asked import asked_words
from relmem_cli.stories.batch import answer_words
from relmem_cli.stories.catalogue import TaskName
from relmem_cli.stories.outside import StoryWords
from relmem_cli.stories.sources import MissingFileError, Source, source_tasks
from relmem_cli.stories.story import Question, Story, answer_parts
from relmem_cli.stories.tasks import as_read, cap_stories, load_test
from relmem_cli.training.checkpoints import TrainedModel
from relmem_cli.training.evaluation import Score, samples, score_stories


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A model's score on one task's test stories, and what in them is outside its vocabulary.

    words            the distinct words of the stories and their questions
    unknown_words    those of them that the model reads as blanks
    unknown_answers  how many questions it cannot answer, their answer being unknown to it
    """

    score: Score
    words: frozenset[str]
    unknown_words: frozenset[str]
    unknown_answers: int


@dataclass(frozen=True, kw_only=True)
class Assessed:
    """A model's results by task on the data set `data`; `missing` names test files not there.

    `titles` tell what the data set calls its tasks.
    """

    subject: Subject
    data: str
    results: Mapping[TaskName, Result]
    titles: Mapping[TaskName, str] = field(default_factory=dict)
    missing: Sequence[str] = ()


def assess(subject: Subject, source: Source, tasks: Sequence[TaskName]) -> Assessed:
    """The model's results on each task's test stories.

    A test file that is missing is noted; raises MissingFileError where all of them are.
    """
    results: dict[TaskName, Result] = {}
    missing: list[str] = []
    for task in tasks:
        try:
            stories = load_test(
                source, task, cap=_cap(subject), tokens=subject.tokens, clauses=subject.open_words
            )
        except MissingFileError as error:
            if len(missing) + 1 == len(tasks):
                raise
            missing.append(str(error))
            continue
        results[task] = _result(subject.trained, stories)
    return Assessed(
        subject=subject,
        data=source.name,
        titles=source_tasks(source),
        results=results,
        missing=missing,
    )


def sample_rows(
    subject: Subject, source: Source, tasks: Sequence[TaskName]
) -> Iterator[dict[str, Any]]:
    """Every question of the tasks' test stories as the model answered it.

    "story" is the story's index in its file; "answer" the model's, "right" the file's;
    "alternatives" the next most probable answers, the best first.
    """
    trained = subject.trained
    for task in tasks:
        whole = as_read(source.stories(task, "test"), subject.tokens, clauses=subject.open_words)
        cap = _cap(subject)
        parts = [(i, part) for i, one in enumerate(whole) for part in cap_stories([one], task, cap)]
        places = [i for i, part in parts for _ in part.questions]
        stories = [part for _, part in parts]
        answered = samples(trained.model, stories, trained.vocabulary)
        for place, sample in zip(places, answered, strict=True):
            question = sample.story.questions[sample.question]
            (answer, probability), *others = sample.answers
            yield {
                "model": subject.name,
                "task": task,
                "story": place,
                "question": " ".join(question.text),
                "answer": answer,
                "right": question.answer,
                "correct": sample.right,
                "probability": probability,
                "alternatives": [{"answer": a, "probability": p} for a, p in others],
            }


def _result(trained: TrainedModel, stories: Sequence[Story]) -> Result:
    words = _words(stories)
    vocabulary, sizes = trained.vocabulary, trained.card.sizes
    any_word = sizes.extra or sizes.words == "open"
    unknown = [] if any_word else vocabulary.unknown(words)
    return Result(
        score=score_stories(
            trained.model, stories, vocabulary, name=f"variant {trained.card.variant}"
        ),
        words=words,
        unknown_words=frozenset(unknown),
        unknown_answers=sum(
            not _can_answer(trained.model, question, known)
            for story in stories
            for question, known in zip(
                story.questions, asked_words(story, vocabulary, sizes), strict=True
            )
        ),
    )


def _words(stories: Sequence[Story]) -> frozenset[str]:
    words: set[str] = set()
    for story in stories:
        words.update(*story.sentences, *(question.text for question in story.questions))
    return frozenset(words)


def _can_answer(model: StoryModel[Any], question: Question, words: StoryWords) -> bool:
    """Whether the right answer has an id, or each of its words one where the model spells."""
    if model.sizes.words == "open":
        return all(map(words.id, answer_parts(question.answer)))
    spells = type(model).spell is not StoryModel.spell
    parts = answer_words(question.answer) if spells else [question.answer]
    return all(map(words.id, parts))


def _cap(subject: Subject) -> int:
    return subject.settings.cap if subject.settings else 0
