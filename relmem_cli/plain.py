"""Plain data of files, JSON and TOML: read with limits, checked.

What goes into a message is made short here: `brief` a value, `brief_line` somebody's text,
`brief_start` and `brief_end` one's own, `counted` and `listed` things. `inert` is for CSV.
"""

import json
import math
import re
import reprlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

DEEPEST = 32
"""Lists and tables within each other; relmem's own files have 6 at most."""

LONGEST_TOML = 1 << 20
"""Characters of a TOML file."""

MOST_DOTS = 200
"""On a line of TOML: reading a key takes time that grows with the square of its parts."""

GREATEST = 10**15
"""What numbers that are counted and measured with stay below."""

Check = Callable[[Any], bool]
"""Whether a value is of some kind."""


def from_json(text: str | bytes) -> Any:
    """What JSON says. Raises ValueError with a short reason for what is none, or is too deep."""
    try:
        return _shallow(json.loads(text))
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except ValueError as error:
        raise ValueError(brief_line(str(error))) from error


def from_toml(text: str) -> dict[str, Any]:
    """What TOML says. Raises ValueError with a short reason for what is none, or is too much."""
    if len(text) > LONGEST_TOML:
        raise ValueError(f"it has more than {LONGEST_TOML:,} characters")
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > MOST_DOTS:
            raise ValueError(f"line {number} has more than {MOST_DOTS} dots")
    try:
        table: dict[str, Any] = _shallow(tomllib.loads(text))
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except ValueError as error:
        raise ValueError(brief_line(str(error))) from error
    return table


def check_fields(
    table: Any, kinds: Mapping[str, Check], *, needed: bool = False, what: str = "it"
) -> None:
    """Raise ValueError where a value is not of its key's kind; other keys hold anything.

    needed  whether all keys must be there
    what    what the table is called
    """
    if not isinstance(table, Mapping):
        raise ValueError(f"{what} is {brief(table)}, no table")
    for name, fits in kinds.items():
        if name not in table:
            if needed:
                raise ValueError(f"{brief_line(name, 40)} is missing")
        elif not fits(table[name]):
            raise ValueError(f"{brief_line(name, 40)} is {brief(table[name])}")


def is_text(value: Any) -> bool:
    """Whether it is text that can be written: JSON can spell halves of letters, which cannot."""
    return isinstance(value, str) and (value.isascii() or not _HALF.search(value))


def is_count(value: Any) -> bool:
    """Whether it is a whole number from 0 on; to Python true is one as well."""
    return type(value) is int and 0 <= value < GREATEST


def is_whole(value: Any) -> bool:
    """Whether it is a whole number."""
    return type(value) is int and abs(value) < GREATEST


def is_number(value: Any) -> bool:
    """Whether it is a number, not infinite nor NaN."""
    return is_whole(value) or (type(value) is float and math.isfinite(value))


def is_plain(value: Any) -> bool:
    """Whether it is one number, text, or true or false."""
    return value is None or type(value) in (bool, float) or is_whole(value) or is_text(value)


def is_any(_: Any) -> bool:
    """True: whether it is anything at all."""
    return True


def list_of(kind: Check) -> Check:
    """Whether something is a list of such values."""
    return lambda value: isinstance(value, list) and all(map(kind, value))


def table_of(kind: Check) -> Check:
    """Whether something is a table of such values."""
    return lambda value: (
        isinstance(value, dict) and all(map(is_text, value)) and all(map(kind, value.values()))
    )


def maybe(kind: Check) -> Check:
    """Whether something is such a value or null."""
    return lambda value: value is None or kind(value)


def brief(value: Any, most: int = 60) -> str:
    """A value as Python writes it, on one line of at most so many characters."""
    writer = reprlib.Repr()
    writer.maxlevel, writer.maxstring, writer.maxother = 3, most, most
    return brief_line(writer.repr(value), most)


def counted(count: int, what: str) -> str:
    """So many of what is named in the singular: "1 line", "2,000 lines"."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def listed(parts: Sequence[str], most: int = 3) -> str:
    """Parts with commas between; of more than so many the first, and how many more there are."""
    more = f" and {len(parts) - most} more" if len(parts) > most else ""
    return ", ".join(parts[:most]) + more


def brief_line(text: str, most: int = 120) -> str:
    """Somebody else's message on one line of at most so many characters, all of them visible."""
    head = " ".join(text[: 4 * most].split())
    head = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in head
    )
    return brief_start(head if len(text) <= 4 * most else head + _DOTS, most)


def brief_start(text: str, most: int) -> str:
    """A text of relmem's own; of one with more than so many characters the beginning, and dots."""
    return text if len(text) <= most else text[: max(most - len(_DOTS), 0)] + _DOTS[:most]


def brief_end(text: str, most: int) -> str:
    """A label or a path; of one with more than so many characters dots, and the end."""
    room = max(most - len(_DOTS), 0)
    return text if len(text) <= most else _DOTS[:most] + text[len(text) - room :]


def inert(cell: str) -> str:
    """Somebody's text as a cell of CSV that no spreadsheet takes for a formula and computes.

    One that might be has a "'" before it, which spreadsheets take for the sign that it is text.
    """
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) and not _is_figure(cell) else cell


def _is_figure(text: str) -> bool:
    """Whether it is a number, such as "-3.5"."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shallow(value: Any) -> Any:
    """The value itself; raises ValueError where it is too deep to be walked through and written."""
    level = [value] if type(value) in _NESTED else []
    for _ in range(DEEPEST):
        below: list[Any] = []
        for outer in level:
            values = outer.values() if type(outer) is dict else outer
            if not _NESTED.isdisjoint(map(type, values)):
                below += [inner for inner in values if type(inner) in _NESTED]
        if not below:
            return value
        level = below
    raise ValueError(_TOO_DEEP)


_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with, in wide letters too, where a language is written with those."""

_DOTS = "..."  # in a terminal of any encoding
_NESTED = frozenset((list, dict))
_TOO_DEEP = f"it has more than {DEEPEST} lists and tables within each other"
_HALF = re.compile(r"[\ud800-\udfff]")
