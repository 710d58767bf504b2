"""The learning rate, epoch by epoch."""

import math

from relmem_cli.training.settings import Settings


def learning_rate(settings: Settings, epoch: int) -> float:
    """Adam's learning rate in an epoch (from 1)."""
    if epoch <= settings.warmup:
        return settings.learning_rate * epoch / (settings.warmup + 1)
    if settings.schedule == "halving":
        return float(settings.learning_rate * 0.5 ** ((epoch - 1) // settings.halve_every))
    if settings.schedule == "cosine":
        done = (epoch - 1) / max(settings.epochs - 1, 1)
        return settings.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2)
    return settings.learning_rate


def refitting_rate(settings: Settings, epoch: int) -> float:
    """Adam's learning rate in an epoch (from 1) of refitting: half, falling as a cosine to 0."""
    left = 1 + math.cos(math.pi * (epoch - 1) / settings.refit)
    return settings.learning_rate * left / 4
