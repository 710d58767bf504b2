"""Training steps of a baseline: a batch, forward, autograd, clipping, Adam."""

import math

import torch
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from relmem_cli.training.settings import Settings

from .examples import Examples
from .model import EntNet


class BaselineTraining:
    """A baseline in training on examples that were made tensors beforehand."""

    def __init__(self, *, model: EntNet, examples: Examples, settings: Settings) -> None:
        self.model = model
        self.clip = settings.clip or math.inf
        self.optimizer = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
        generator = torch.Generator().manual_seed(settings.seed)
        self.batches = examples.batches(settings.batch, generator)

    def step(self) -> Examples:
        """Train on the next batch; returns it."""
        batch = next(self.batches)
        logits = self.model(batch.stories, batch.lengths, batch.questions)
        loss = cross_entropy(logits, batch.answers)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        loss.item()  # as every training loop that watches its loss; on CUDA it waits
        return batch
