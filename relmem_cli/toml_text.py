"""Changing one value in the text of a TOML file; comments, order and all other lines stay.

Only plain tables and keys are found ([chat] and model = ...), not inline tables or dotted keys. So
what comes out is read again, and a text that does not hold what was meant is never returned.
"""

import json
import re
import tomllib
from collections.abc import Sequence
from typing import Any

Value = bool | int | float | str | list[Any]

_HEADER = re.compile(r"\s*\[")


def put(text: str, table: Sequence[str], key: str, value: Value) -> str:
    """The text with a value set, in its place or at the end of its table.

    Raises ValueError where the text is written so that it cannot be done line by line.
    """
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += end
    body = _body(lines, table)
    if body is None:
        new = [end] * bool(lines) + [f"[{'.'.join(table)}]{end}", f"{key} = {_toml(value)}{end}"]
        return _checked(text, [*lines, *new], table, key, value)
    start, stop = _statement(lines, *body, key)
    written = lines[start].split("=")[0].strip() if stop > start else key
    comment = _comment(lines[start]) if stop == start + 1 else ""
    lines[start:stop] = [f"{written} = {_toml(value)}{comment}{end}"]
    return _checked(text, lines, table, key, value)


def drop(text: str, table: Sequence[str], key: str) -> str:
    """The text without a setting.

    Raises ValueError where the text is written so that it cannot be done line by line.
    """
    lines = text.splitlines(keepends=True)
    body = _body(lines, table)
    if body is not None:
        start, stop = _statement(lines, *body, key)
        del lines[start:stop]
    return _checked(text, lines, table, key, None)


def spelled_alike(one: str, other: str) -> bool:
    """Whether two keys name the same option: error-bars and error_bars do."""
    return one.replace("-", "_") == other.replace("-", "_")


def _body(lines: Sequence[str], table: Sequence[str]) -> tuple[int, int] | None:
    """From the line after the table's header to the next header."""
    name = r"\s*\.\s*".join(map(re.escape, table))
    header = re.compile(rf"\s*\[\s*{name}\s*\]\s*(#.*)?$")
    start = next((i for i, line in enumerate(lines, 1) if header.match(line.rstrip())), None)
    if start is None:
        return None
    after = (i for i in range(start, len(lines)) if _HEADER.match(lines[i]))
    return start, next(after, len(lines))


def _statement(lines: Sequence[str], start: int, stop: int, key: str) -> tuple[int, int]:
    """The lines of a key's statement; where it has none, the empty place after the last one."""
    end = start
    index = start
    while index < stop:
        after = _statement_end(lines, index, stop)
        name, sign, _ = lines[index].partition("=")
        if sign and spelled_alike(name.strip().strip("\"'"), key):
            return index, after
        if lines[index].strip() and not lines[index].lstrip().startswith("#"):
            end = after
        index = after
    return end, end


def _statement_end(lines: Sequence[str], start: int, stop: int) -> int:
    """The line after a statement, which may go over several lines."""
    for end in range(start + 1, stop + 1):
        try:
            tomllib.loads("".join(lines[start:end]))
        except tomllib.TOMLDecodeError:
            continue
        return end
    return start + 1


def _comment(line: str) -> str:
    """What follows the value on its line, with the blanks before it; "" where nothing does."""
    whole = tomllib.loads(line)
    for mark in re.finditer(r"\s*#", line):
        try:
            if tomllib.loads(line[: mark.start()]) == whole:
                return line[mark.start() :].rstrip()
        except tomllib.TOMLDecodeError:
            continue
    return ""


def _toml(value: Value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    # A JSON string is a TOML string, but for one control character that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _checked(
    text: str, lines: Sequence[str], table: Sequence[str], key: str, value: Value | None
) -> str:
    """The lines as text, if they hold what the text holds but for the one value."""
    changed = "".join(lines)
    wanted = tomllib.loads(text)
    section = wanted
    for name in table:
        section = section.setdefault(name, {})
        if not isinstance(section, dict):
            raise ValueError(f"{name} is no table")
    names = [name for name in section if spelled_alike(name, key)]
    for name in names:
        del section[name]
    if value is not None:
        section[names[0] if names else key] = value
    try:
        right = tomllib.loads(changed) == wanted
    except tomllib.TOMLDecodeError:
        right = False
    if not right:
        raise ValueError("its tables are not written as [table] and key = value, one a line")
    return changed
