"""How sure a model may be: one number by which its logits are divided.

That is temperature scaling (Guo et al. 2017, arXiv 1706.04599). The number is best found on stories
that are as unlike those of training as what people will type is.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import EncodedStory, collate, encode_story, group_stories
from relmem_cli.stories.story import Story
from relmem_cli.training.arithmetic import subnormals_flushed
from relmem_cli.training.checkpoints import TrainedModel
from relmem_cli.training.unlearned import Unlearned

SURE = 0.9
"""The probability from which on an answer counts as given with certainty."""

_LOWEST, _HIGHEST, _STEPS = 0.5, 5.0, 47


class Predictions(NamedTuple):
    """What a model makes of some questions: logits [Q, ids], and the right answers [Q]."""

    logits: Tensor
    right: Tensor


class Sure(NamedTuple):
    """How many answers were given with certainty, and how many of those were wrong."""

    given: int
    wrong: int


@torch.inference_mode()
@subnormals_flushed()
def answered(
    model: StoryModel[Any], stories: Sequence[EncodedStory], batch: int = 64
) -> list[Predictions]:
    """A model's logits for all questions of stories whose answers it can give.

    An answer of several words counts by its first.
    """
    device = next(model.parameters()).device
    found = []
    for group in group_stories(stories, batch):
        one = collate(group, model.sizes).to(device)
        known = one.answers > 0
        logits = model(one)[known]
        logits = torch.where(logits < -1e8, -torch.inf, logits).double()
        found.append(Predictions(logits, one.answers[known]))
    return [one for one in found if len(one.right)]


def temperature(answers: Sequence[Predictions]) -> float:
    """The number that makes the right answers' cross-entropy least; 1 without any answer."""
    if not answers:
        return 1.0
    tried = np.geomspace(_LOWEST, _HIGHEST, _STEPS).round(3)
    return float(min(tried, key=lambda heat: cross_entropy_at(answers, heat)))


def unlearned_temperature(trained: TrainedModel, stories: Sequence[Story], many: int) -> float:
    """The temperature of a model of `many` open words, by stories that all have unknown words."""
    vocabulary = trained.vocabulary
    encoded = [encode_story(story, vocabulary, trained.model.sizes) for story in stories]
    unlearned = Unlearned(vocabulary, many, encoded, often=1)
    generator = np.random.default_rng(0)
    return temperature(
        answered(trained.model, [unlearned.read(story, generator) for story in encoded])
    )


def cross_entropy_at(answers: Sequence[Predictions], heat: float) -> float:
    """The mean cross-entropy in nats of the answers that a model can give, at a temperature."""
    each = [cross_entropy(one.logits / heat, one.right, reduction="none") for one in answers]
    losses = torch.cat(each)
    return float(losses[losses.isfinite()].mean())


def sure(answers: Sequence[Predictions], heat: float) -> Sure:
    """How many answers a model gives with certainty at a temperature."""
    given = wrong = 0
    for one in answers:
        best = (one.logits / heat).softmax(dim=1).max(dim=1)
        certain = best.values > SURE
        given += int(certain.sum())
        wrong += int((certain & (best.indices != one.right)).sum())
    return Sure(given, wrong)
