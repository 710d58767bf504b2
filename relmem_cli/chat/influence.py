"""Which sentences an answer was read from."""

import math
from collections.abc import Sequence


def shares(words: Sequence[Sequence[float]]) -> list[float]:
    """Each sentence's share in an answer, from the weights of its words, which are at least 0.

    The shares sum to 1, or are all 0 where no word weighs anything.
    """
    weights = [sum(sentence) for sentence in words]
    total = sum(weights)
    if not total or not math.isfinite(total):
        return [0.0 for _ in weights]
    return [weight / total for weight in weights]
