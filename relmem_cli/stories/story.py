"""A story, its sentences and its questions, as text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from relmem_cli.stories.clauses import clauses


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with its answer.

    `answer` is one item as a whole, as the file writes it: "Bill", "apple,football", "n,s".
    `position` is the number of the story's sentences that come before it; `supports` are the
    indices (from 0) of the sentences that the data set names as the answer's reasons, and
    `candidates` the items that it can only be one of, where the data set names them.
    """

    text: tuple[str, ...]
    answer: str
    position: int
    supports: tuple[int, ...] = ()
    candidates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.candidates and self.answer not in self.candidates:
            raise ValueError(f"the answer {self.answer!r} is none of the candidates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Sentences in order, each a tuple of tokens, and the questions asked between them."""

    sentences: tuple[tuple[str, ...], ...]
    questions: tuple[Question, ...]
    task: int | str | None = None


def retold(story: Story, tokens: Callable[[Sequence[str]], tuple[str, ...]]) -> Story:
    """The story with other tokens for each sentence and question; answers stay as they are."""
    return replace(
        story,
        sentences=tuple(tokens(sentence) for sentence in story.sentences),
        questions=tuple(replace(one, text=tokens(one.text)) for one in story.questions),
    )


def answer_parts(answer: str) -> tuple[str, ...]:
    """The parts of an answer, as sentences write them: "Bill" is bill, "n,s" is n and s."""
    return tuple(answer.lower().split(","))


def in_clauses(story: Story) -> Story:
    """The story with a sentence for each clause, as an open vocabulary reads it.

    Where a sentence that was a reason is parted, all of its parts are.
    """
    first, sentences = [0], []
    for sentence in story.sentences:
        sentences += list(clauses(sentence))
        first.append(len(sentences))
    questions = tuple(
        replace(
            question,
            position=first[question.position],
            supports=tuple(n for s in question.supports for n in range(first[s], first[s + 1])),
        )
        for question in story.questions
    )
    return replace(story, sentences=tuple(sentences), questions=questions)


def cap_story(story: Story, cap: int) -> list[Story]:
    """The story with at most `cap` sentences for every question, the latest ones kept.

    The questions within the cap share one story; a question further on gets a story of its own
    that holds the `cap` sentences before it.
    """
    if cap < 1:
        raise ValueError(f"cap is {cap}; it must be at least 1 sentence")
    if len(story.sentences) <= cap:
        return [story]
    near = tuple(q for q in story.questions if q.position <= cap)
    capped = (
        [Story(sentences=story.sentences[:cap], questions=near, task=story.task)] if near else []
    )
    for question in story.questions[len(near) :]:
        first = question.position - cap
        supports = tuple(s - first for s in question.supports if s >= first)
        moved = replace(question, position=cap, supports=supports)
        window = story.sentences[first : question.position]
        capped.append(Story(sentences=window, questions=(moved,), task=story.task))
    return capped
