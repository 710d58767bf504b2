"""95% intervals of errors, and when a task counts as failed; light: neither torch nor scipy."""

import math
from collections.abc import Sequence
from functools import cache

FAILED_ABOVE = 0.05
"""A task counts as failed when its error is above this (the bAbI papers' rule)."""

NORMAL = 1.959964
"""The normal distribution lies within so many standard deviations of its mean 95% of the time."""


def wilson(errors: int, n: int) -> tuple[float, float]:
    """Where a fraction of `errors` in `n` lies: Wilson's score interval, doi:10.2307/2276774."""
    z2 = NORMAL**2
    centre = (errors + z2 / 2) / (n + z2)
    spread = math.sqrt(z2 * (errors * (1 - errors / n) + z2 / 4)) / (n + z2)
    low, high = centre - spread, centre + spread
    return max(0.0, min(low, errors / n)), min(1.0, max(high, errors / n))  # but for rounding


def student_margin(values: Sequence[float]) -> float:
    """How far from the mean of `values` their expectation lies at most: Student's t, two-sided.

    Raises ValueError for fewer than two values, which say nothing of their spread.
    """
    n = len(values)
    if n < 2:
        raise ValueError(f"a spread needs two values at least, not {n}")
    mean = sum(values) / n
    variance = sum((value - mean) ** 2 for value in values) / (n - 1)
    return student_quantile(n - 1) * math.sqrt(variance / n)


@cache
def student_quantile(freedom: int) -> float:
    """The t with 95% of Student's distribution between -t and t, by bisection of its angle."""
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        if _student_within(middle, freedom) < 0.95:
            low = middle
        else:
            high = middle
    return math.sqrt(freedom) * math.tan(low)


def _student_within(angle: float, freedom: int) -> float:
    """The probability that |t| < sqrt(freedom) tan(angle).

    The finite series of Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3-4.
    """
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = term if freedom > 1 else 0.0
    for power in range(2 + odd, freedom - 1, 2):
        term *= math.cos(angle) ** 2 * (power - 1) / power
        total += term
    if odd:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total
