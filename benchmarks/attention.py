"""What /why showed before it followed gradients: the baseline of `benchmarks/why.py`."""

from collections.abc import Sequence
from typing import Any

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import Utterance


def by_attention(reader: Reader, states: Sequence[Any], question: Utterance) -> list[float]:
    """Each sentence's weight, from the states after each of them.

    Where the question looks at sentences, how much it looked at each in all steps; else how far
    the sentence opened each slot (eq. 2) times the attention that the slot got (eq. 11).
    """
    attention = reader.look(states[-1], question)["attention"]
    if attention.columns == "sentence":
        weights = [sum(steps) for steps in zip(*attention.values, strict=True)]
        return [0.0] * (len(states) - len(weights)) + weights
    last = attention.values[-1]
    gates = [reader.look(state, question)["gates"].values[0] for state in states]
    return [sum(g * p for g, p in zip(row, last, strict=False)) for row in gates]
