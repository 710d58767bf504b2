"""A conversation as Markdown, to be pasted where others read it."""

import re
from collections.abc import Iterator

from relmem_cli.chat.story.answers import Answer
from relmem_cli.chat.story.lines import UtteranceKind
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.view.render import answer_text
from relmem_cli.door import one_line
from relmem_cli.errors import RelmemError

MOST = 3
"""Sentences that are named as the reason of an answer, and next best answers."""

LEAST = 0.1
"""Share of a sentence, and probability of another answer, that is worth a word."""

_MARKS = re.compile(r"([\\`*_\[\]<>&|~#$])")
_LISTED = re.compile(r"^(\d{1,9})([.)])|^([-+=])")
"""How a text begins that would be a list or a heading of its own."""


def to_markdown(session: Session, title: str = "") -> str:
    """The story with its questions, their answers, how sure they are, and what they were read from.

    Nothing that was said is markup.
    """
    head = _plain(title) if title else "A conversation with a memory network"
    lines = [f"# {head}", "", f"Model: {_plain(session.reader.name)} (relmem)", ""]
    number = 0
    asked_before = False
    for place, turn in enumerate(session.turns):
        asked = turn.said.kind is UtteranceKind.question
        if place and (asked or asked_before):
            lines.append("")
        if asked:
            lines += _question(session, place)
        else:
            number += 1
            unread = "" if turn.read else " *(not read)*"
            lines.append(f"{number}. {_plain(turn.said.text)}{unread}")
        asked_before = asked
    return "\n".join(lines) + "\n"


def _question(session: Session, place: int) -> Iterator[str]:
    """A quotation: the question with its answers, then its reasons."""
    turn = session.turns[place]
    if turn.answer is None:
        yield f"> **{_plain(turn.said.text)}** *(not read)*"
        return
    answers = ", ".join(_answers(turn.answer))
    truth = turn.said.truth
    wrong = f" (true: {_plain(truth)})" if truth and truth != turn.answer.answer else ""
    why = _reasons(session, place)
    yield f"> **{_plain(turn.said.text)}** {answers}{wrong}" + ("  " if why else "")
    if why:
        yield f"> {why}"


def _answers(given: Answer) -> Iterator[str]:
    """The answer, and others that have a chance, each with its probability."""
    yield f"{_plain(answer_text(given.answer))} {given.probability:.1%}"
    for item, probability in given.alternatives[:MOST]:
        if probability >= LEAST:
            yield f"{_plain(answer_text(item))} {probability:.1%}"


def _reasons(session: Session, place: int) -> str:
    """The sentences that weighed most in an answer, by number; "" where none can be named."""
    try:
        reasons = session.why_of(place).reasons
    except RelmemError:  # this variant cannot be looked into
        return ""
    read = [number for number, turn in _sentences(session, place) if turn]
    shares = sorted(zip(read, (one.share for one in reasons), strict=True), key=lambda one: -one[1])
    heavy = sorted(one for one in shares[:MOST] if one[1] >= LEAST)
    named = ", ".join(f"{number} ({share:.0%})" for number, share in heavy)
    return f"read from {named}" if named else ""


def _sentences(session: Session, place: int) -> Iterator[tuple[int, bool]]:
    """Each sentence before a place by number, and whether it was read."""
    told = [one for one in session.turns[:place] if one.said.kind is UtteranceKind.sentence]
    return ((number, one.read) for number, one in enumerate(told, start=1))


def _plain(text: str) -> str:
    """The text as Markdown shows it: no mark in it means anything."""
    escaped = _MARKS.sub(r"\\\1", one_line(text).strip())
    return _LISTED.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", escaped)
