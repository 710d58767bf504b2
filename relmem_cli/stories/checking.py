"""Whether stories are what they should be; a plugin's source may hand over anything."""

from collections.abc import Sequence
from typing import Any

from relmem_cli.errors import RelmemError
from relmem_cli.stories.catalogue import TaskName
from relmem_cli.stories.sources import BabiFolder, Source
from relmem_cli.stories.story import Question, Story


def stories_of(source: Source, task: TaskName, split: str) -> list[Story]:
    """A source's stories; raises RelmemError for one that is none, with its place."""
    stories = list(source.stories(task, split))
    if isinstance(source, BabiFolder):  # whose reader has seen to it
        return stories
    for place, story in enumerate(stories, start=1):
        if wrong := _wrong(story):
            where = f"source {source.name}, task {task}, {split}, story {place}"
            raise RelmemError(f"{where}: {wrong}.")
    return stories


def _wrong(story: Any) -> str:
    """What is wrong with a story, as part of a sentence; "" where nothing is."""
    if not isinstance(story, Story):
        return f"{type(story).__name__} is no Story"
    for sentence in story.sentences:
        if not _is_text(sentence):
            return f"the sentence {sentence!r} is no tuple of words"
    before = 0
    for question in story.questions:
        if wrong := _wrong_question(question, len(story.sentences), before):
            return wrong
        before = question.position
    return ""


def _wrong_question(question: Any, sentences: int, before: int) -> str:
    if not isinstance(question, Question):
        return f"{type(question).__name__} is no Question"
    if not _is_text(question.text):
        return f"the question {question.text!r} is no tuple of words"
    if not isinstance(question.answer, str) or not question.answer:
        return f"the answer {question.answer!r} is no text"
    if not before <= question.position <= sentences:
        return (
            f"a question's position is {question.position}; it counts the sentences before it, "
            f"from {before} to {sentences}, and questions stand in order"
        )
    if any(not 0 <= fact < question.position for fact in question.supports):
        return (
            f"supports {question.supports} are not among the {question.position} sentences before"
        )
    return ""


def _is_text(tokens: Sequence[object]) -> bool:
    return isinstance(tokens, tuple) and all(isinstance(token, str) for token in tokens)
