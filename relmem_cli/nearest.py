"""Names spelled like one that there is not: what "did you mean" says, whoever says it."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(typed: str, known: Iterable[str], most: int = 2, alike: float = 0.6) -> list[str]:
    """Up to so many known names spelled like what was typed, whatever the case, nearest first.

    A number is like no other.

    alike  how much of both must be the same, from 0 to 1
    """
    names = {} if typed.isdecimal() else {name.lower(): name for name in known}
    return [names[name] for name in get_close_matches(typed.lower(), names, n=most, cutoff=alike)]


def did_you_mean(typed: str, known: Iterable[str], otherwise: str = "", most: int = 2) -> str:
    """Such as "did you mean chat or data?"; where no known name is like it, what else there is."""
    near = nearest(typed, known, most)
    return f"did you mean {' or '.join(near)}?" if near else otherwise
