"""Slash commands that bring a bAbI story: to look at, or to compete over."""

import random
from collections.abc import Sequence

from rich.console import Group, RenderableType

from relmem_cli.chat.commands.base import Chat, SlashCommand, parse_number
from relmem_cli.chat.story.lines import Utterance
from relmem_cli.chat.story.quiz import Quiz
from relmem_cli.chat.view import chat_tables, render
from relmem_cli.errors import RelmemError

TASKS = 20


def _task(chat: Chat, argument: str) -> RenderableType:
    """A story of the test file, at random or by its number."""
    typed, _, place = argument.partition(" ")
    task, story = _story(chat, typed, place.strip())
    unread = chat.session.load(story)
    shown = render.story(chat.session.turns)
    return Group(shown, render.note(_hint(chat, task))) if unread else shown


def _quiz(chat: Chat, argument: str) -> RenderableType:
    """Without a number: a task that the model can read."""
    task, story = _story(chat, argument or str(_readable(chat)), "")
    if any(not chat.session.reader.can_read(said) for said in story):
        raise RelmemError(_hint(chat, task))
    quiz = Quiz(chat.session, story)
    note = render.note("the model answers after you; /clear ends the quiz")
    return Group(note, _ask(chat, quiz))


def _ask(chat: Chat, quiz: Quiz) -> RenderableType:
    """Show the sentences since, and the question; the next line typed is its answer."""
    if quiz.question is None:
        return chat_tables.quiz_score(*quiz.score, len(quiz.rounds), over=True)

    def answered(text: str) -> RenderableType:
        given = quiz.answer(text)
        score = chat_tables.quiz_score(*quiz.score, len(quiz.rounds), over=False)
        shown = chat_tables.quiz_round(given, right=chat.mark(True), wrong=chat.mark(False))
        last = quiz.question is None
        return Group(shown, *([] if last else [score]), _ask(chat, quiz))

    asked = chat_tables.quiz_question(quiz.sentences, quiz.question)
    chat.expect(asked, answered)
    return asked


def _story(chat: Chat, task: str, place: str) -> tuple[int, Sequence[Utterance]]:
    wanted = parse_number(task)
    if wanted > TASKS:
        raise RelmemError(f"there is no task {wanted}; bAbI has 1 to {TASKS}.")
    stories = chat.test_stories(wanted)
    if not place:
        return wanted, random.choice(stories)  # noqa: S311  # nothing secret
    chosen = parse_number(place)
    if chosen > len(stories):
        raise RelmemError(f"task {wanted} has test stories 1 to {len(stories):,}, not {chosen}.")
    return wanted, stories[chosen - 1]


def _readable(chat: Chat) -> int:
    """A task at random of those whose test stories the model knows the words of."""
    reader = chat.session.reader
    for task in random.sample(range(1, TASKS + 1), TASKS):
        if all(reader.can_read(said) for said in chat.test_stories(task)[0]):
            return task
    raise RelmemError(f"{reader.name} can read no bAbI story; /model lists others.")


def _hint(chat: Chat, task: int) -> str:
    model = chat.task_model(task)
    return f"{chat.session.reader.name} cannot read all of it; /model {model} can."


COMMANDS = (
    SlashCommand(
        name="task", argument="N [STORY]", summary="a test story of a bAbI task, with its answers",
        completes="task", run=_task,
    ),
    SlashCommand(
        name="quiz", argument="[N]", summary="answer a story's questions against the model",
        completes="task", run=_quiz,
    ),
)  # fmt: skip
