"""Answers as JSON: what --json prints, and what a log adds to it."""

import json
from collections.abc import Sequence
from typing import Any

from relmem_cli.chat.answers import Answer


def fields_of(answer: Answer | None) -> dict[str, Any]:
    """The answer, its probability and the next best ones; null, null and [] where there is none."""
    others = answer.alternatives if answer else ()
    return {
        "answer": answer.answer if answer else None,
        "probability": answer.probability if answer else None,
        "alternatives": [{"answer": item, "probability": p} for item, p in others],
    }


def reply(
    question: str, answer: Answer | None, *, unknown: Sequence[str], error: str = ""
) -> dict[str, Any]:
    """A question and what came of it; only one that was not answered has an "error"."""
    told = {"question": question, **fields_of(answer), "unknown": list(unknown)}
    return told | {"error": error} if error else told


def to_line(record: dict[str, Any]) -> str:
    """One line of ASCII, so that it is the same whatever the locale."""
    return f"{json.dumps(record)}\n"
