"""Tables of words that play the same role, and of those that seemed to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from relmem_cli.reports.tables import Table
from relmem_cli.stories.catalogue import TaskName
from relmem_cli.stories.roles import Roles
from relmem_cli.stories.story import Story, answer_parts

_WHERE = ("sentences", "questions", "answers")


def role_rows(task: TaskName, stories: Sequence[Story], found: Roles) -> list[dict[str, Any]]:
    """A row for each member of a role, then one for each pair of words that was rejected.

    `sentences`, `questions` and `answers` count a member's words there.
    """
    counts = dict(zip(_WHERE, _counts(stories), strict=True))
    rows: list[dict[str, Any]] = [
        {
            "task": task,
            "role": number,
            "words": list(member),
            **{where: sum(count[word] for word in member) for where, count in counts.items()},
            "rejected": None,
        }
        for number, role in enumerate(found.roles, start=1)
        for member in role.members
    ]
    none = dict.fromkeys(_WHERE)
    rows += [
        {"task": task, "role": None, "words": list(pair.words), **none, "rejected": pair.why}
        for pair in found.rejected
    ]
    return rows


def roles_for_machines(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The rows as they are."""
    return Table(title="Roles", rows=rows)


def roles_table(rows: Sequence[Mapping[str, Any]], title: str, questions: int) -> Table:
    """For people: a row for each role; what was rejected, and why, below."""
    roles: dict[tuple[int, int], list[Mapping[str, Any]]] = {}
    for row in rows:
        if row["role"]:
            roles.setdefault((row["task"], row["role"]), []).append(row)
    several = len({row["task"] for row in rows}) > 1
    shown = [
        ({"task": task} if several else {})
        | {"role": number, "words": ", ".join("/".join(member["words"]) for member in members)}
        | {where: _range(member[where] for member in members) for where in _WHERE}
        for (task, number), members in roles.items()
    ]
    return Table(
        title=title,
        rows=shown,
        right=_WHERE,
        notes=list(_notes(rows, questions, several=several, any_role=bool(shown))),
    )


def _notes(
    rows: Iterable[Mapping[str, Any]], questions: int, *, several: bool, any_role: bool
) -> Iterator[str]:
    if any_role:
        yield "Numbers: how often each word occurs, from the rarest to the most frequent."
        yield "A slash joins words that go together."
    else:
        yield "No words were found that play the same role."
    yield f"Found in the {questions:,} questions to train on; validation is left out."
    for row in rows:
        if row["rejected"]:
            task = f"task {row['task']}: " if several else ""
            yield f"Not exchanged: {task}{' and '.join(row['words'])}; {row['rejected']}."


def _counts(stories: Iterable[Story]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How often each word is in a sentence, a question, an answer."""
    in_sentences: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for story in stories:
        in_sentences.update(word for sentence in story.sentences for word in sentence)
        for question in story.questions:
            asked.update(question.text)
            answered.update(answer_parts(question.answer))
    return in_sentences, asked, answered


def _range(numbers: Iterable[int]) -> str:
    ordered = sorted(numbers)
    low, high = ordered[0], ordered[-1]
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
