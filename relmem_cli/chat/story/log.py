"""Answers as JSON: what --json prints, and a conversation on record, written at once."""

import json
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from relmem_cli.chat.story.answers import Answer
from relmem_cli.chat.story.lines import CommandLine, Utterance
from relmem_cli.errors import UsageError


class Log:
    """Appends to a file that only the user can read; None keeps no log.

    warn  takes one line, once, where the file cannot be written any more
    """

    def __init__(self, path: Path | None, *, warn: Callable[[str], None]) -> None:
        self._path = path
        self._warn = warn
        self._file = _open(path) if path else None

    def log_turn(
        self, said: Utterance, *, model: str, answer: Answer | None = None, error: str = ""
    ) -> None:
        """A sentence, or a question with its answer or the reason why there is none."""
        self._write(
            {
                "model": model,
                "kind": said.kind,
                "text": said.text,
                **fields_of(answer),
                "seconds": answer.seconds if answer else None,
                "truth": said.truth or None,
                "error": error or None,
            }
        )

    def log_command(self, command: CommandLine, *, model: str, error: str = "") -> None:
        """A slash command, and why it could not be done where that is so."""
        self._write(
            {
                "model": model,
                "kind": "command",
                "text": f"/{command.name} {command.argument}".strip(),
                **fields_of(None),
                "seconds": None,
                "truth": None,
                "error": error or None,
            }
        )

    def close(self) -> None:
        """Nothing is written after this."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, record: dict[str, Any]) -> None:
        if self._file is None:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            _write_whole(self._file, to_line({"time": now, **record}).encode())
        except OSError as fault:
            self.close()
            self._warn(f"{self._path} cannot be written ({fault.strerror}): the log ends here")


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(f"the log {path} cannot be written: {error.strerror}.") from error


def _write_whole(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def fields_of(answer: Answer | None) -> dict[str, Any]:
    """The answer, its probability and the next best ones; null, null and [] where there is none."""
    others = answer.alternatives if answer else ()
    return {
        "answer": answer.answer if answer else None,
        "probability": answer.probability if answer else None,
        "alternatives": [{"answer": item, "probability": p} for item, p in others],
    }


def reply_fields(
    question: str, answer: Answer | None, *, unknown: Sequence[str], error: str = ""
) -> dict[str, Any]:
    """A question and what came of it; only one that was not answered has an "error"."""
    reply = {"question": question, **fields_of(answer), "unknown": list(unknown)}
    return reply | {"error": error} if error else reply


def to_line(record: dict[str, Any]) -> str:
    """One line of ASCII, so that it is the same whatever the locale."""
    return f"{json.dumps(record)}\n"
