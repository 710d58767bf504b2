"""Which sentences an answer was read from."""

from collections.abc import Sequence


def influence(gates: Sequence[Sequence[float]], attention: Sequence[float]) -> list[float]:
    """Each sentence's share in an answer; the shares sum to 1, or are all 0 where nothing opened.

    gates      for each sentence, how far it opened each slot (eq. 2)
    attention  how much of each row of memory the answer was read from (eq. 11); rows beyond the
               slots are relations and are left out

    A sentence counts by the slots that it wrote, and a slot by the attention that it got. A later
    sentence that writes the same slot does not take anything from an earlier one.
    """
    weights = [
        sum(gate * p for gate, p in zip(row, attention[: len(row)], strict=True)) for row in gates
    ]
    total = sum(weights)
    return [weight / total if total else 0.0 for weight in weights]


def looked_at(attention: Sequence[Sequence[float]], told: int) -> list[float]:
    """Each of the `told` sentences' share in an answer that was read from sentences themselves.

    attention  for each step, how much of each of the latest sentences the question looked at;
               earlier ones are forgotten and have no share
    """
    weights = [sum(steps) for steps in zip(*attention, strict=True)]
    weights = [0.0] * (told - len(weights)) + weights
    total = sum(weights)
    return [weight / total if total else 0.0 for weight in weights]
