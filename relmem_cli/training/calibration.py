"""How sure a model may be: one number by which its logits are divided.

That is temperature scaling (Guo et al. 2017, arXiv 1706.04599). The number is found on held-out
stories some of whose verbs are read as ones that the vocabulary lacks: what people type has words
that training had not.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import StoryBatch, encode_stories, group_stories
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import OTHER_VERB, Vocabulary
from relmem_cli.training.arithmetic import subnormals_flushed

HIDDEN = 0.1
"""Verbs of the held-out stories that are read as ones that the vocabulary lacks."""

_LOWEST, _HIGHEST, _STEPS = 0.5, 5.0, 47


@torch.inference_mode()
@subnormals_flushed()
def temperature(
    model: StoryModel[Any], stories: Sequence[Story], vocabulary: Vocabulary, batch: int = 64
) -> float:
    """The number that makes the held-out answers' cross-entropy least; 1 without any answer."""
    device = next(model.parameters()).device
    hide = _Hiding(vocabulary)
    logits, answers = [], []
    for group in group_stories(stories, batch):
        one = hide(encode_stories(group, vocabulary, model.sizes)).to(device)
        known = one.answers > 0
        found = model(one)[known]
        logits.append(torch.where(found < -1e8, -torch.inf, found).double())
        answers.append(one.answers[known])
    if not answers or not sum(map(len, answers)):
        return 1.0
    tried = np.geomspace(_LOWEST, _HIGHEST, _STEPS).round(3)
    return float(min(tried, key=lambda heat: _loss(logits, answers, heat)))


def _loss(logits: Sequence[Tensor], answers: Sequence[Tensor], heat: float) -> float:
    pairs = zip(logits, answers, strict=True)
    each = (cross_entropy(one / heat, right, reduction="none") for one, right in pairs)
    return sum(float(loss[loss.isfinite()].sum()) for loss in each)


class _Hiding:
    """Reads some verbs as one that the vocabulary lacks, the same ones at every call alike."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._verbs = torch.tensor([vocabulary.ids[verb] for verb in vocabulary.verbs])
        self._other = vocabulary.ids[OTHER_VERB]
        self._random = torch.Generator().manual_seed(0)

    def __call__(self, batch: StoryBatch) -> StoryBatch:
        drawn = torch.rand(batch.sentences.shape, generator=self._random) < HIDDEN
        hidden = drawn & torch.isin(batch.sentences, self._verbs)
        return replace(batch, sentences=batch.sentences.masked_fill(hidden, self._other))
