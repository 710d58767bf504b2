"""Which sentences an answer was read from."""

import math
from collections.abc import Sequence


def shares(words: Sequence[Sequence[float]]) -> list[float]:
    """Each sentence's share in an answer, from the weights of its words.

    The shares sum to 1, or are all 0 where no word weighs anything. A sentence counts by the sum
    of its words' weights without their signs. Of several measures that one put a true supporting
    sentence first most often (docs/chat-why.md): words that speak for the answer and words that
    speak against another one are in the same sentence, and would cancel.
    """
    weights = [sum(map(abs, sentence)) for sentence in words]
    total = sum(weights)
    if not total or not math.isfinite(total):
        return [0.0 for _ in weights]
    return [weight / total for weight in weights]
