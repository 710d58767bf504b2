"""Optimizers on one vector of parameters, by torch's own functions."""

from abc import ABC, abstractmethod
from typing import Protocol

import torch
from torch import Tensor
from torch.optim.adagrad import adagrad
from torch.optim.adamax import adamax
from torch.optim.sgd import sgd

from relmem_cli.training.adam import Adam
from relmem_cli.training.settings import Settings


class Optimizer(Protocol):
    """Changes the vector that it was made with.

    rate  the learning rate, to be filled anew at will; a tensor on the vector's device
    """

    rate: Tensor

    def step(self, gradient: Tensor) -> None:
        """One step down the gradient [n]."""

    def tensors(self) -> dict[str, Tensor]:
        """What `load` needs to go on from here; not copied."""

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Put back what `tensors` returned."""


def optimizer(settings: Settings, vector: Tensor) -> Optimizer:
    """The one that the settings name, for the parameters [n]."""
    rate, decay = settings.learning_rate, settings.weight_decay
    if settings.optimizer in ("adam", "adamw"):
        return Adam(vector, rate=rate, decay=decay)
    if settings.optimizer == "sgd":
        return Sgd(vector, rate=rate, decay=decay, momentum=settings.momentum)
    kinds = {"adagrad": Adagrad, "adamax": Adamax}
    return kinds[settings.optimizer](vector, rate=rate, decay=decay)


class _Plain(ABC):
    """What the others have in common: a rate, state vectors, and a decay apart from the gradient.

    It reads the rate back from the vector's device, so that its steps are not recordable.
    """

    def __init__(self, vector: Tensor, *, rate: float, decay: float = 0) -> None:
        self.vector = vector
        self.rate = vector.new_tensor(rate)
        self._decay = decay
        self._first, self._second = torch.zeros_like(vector), torch.zeros_like(vector)
        self._steps = torch.zeros(())

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """One step down the gradient [n]."""
        rate = self.rate.item()
        if self._decay:
            self.vector.mul_(1 - rate * self._decay)
        self._take(gradient, rate)

    @abstractmethod
    def _take(self, gradient: Tensor, rate: float) -> None:
        """The step itself."""

    def tensors(self) -> dict[str, Tensor]:
        """What `load` needs to go on from here; not copied."""
        return {"first": self._first, "second": self._second, "steps": self._steps}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Put back what `tensors` returned."""
        for name, tensor in self.tensors().items():
            tensor.copy_(tensors[name])


class Sgd(_Plain):
    """Stochastic gradient descent, with momentum where that is not 0."""

    def __init__(
        self, vector: Tensor, *, rate: float, decay: float = 0, momentum: float = 0
    ) -> None:
        super().__init__(vector, rate=rate, decay=decay)
        self._momentum = momentum

    def _take(self, gradient: Tensor, rate: float) -> None:
        sgd(
            [self.vector],
            [gradient],
            [self._first],
            foreach=False,
            weight_decay=0.0,
            momentum=self._momentum,
            lr=rate,
            dampening=0.0,
            nesterov=False,
            maximize=False,
        )


class Adagrad(_Plain):
    """Adagrad (Duchi et al. 2011, JMLR 12:2121), its sums of squares from 0.1 on.

    That is TensorFlow's beginning, with which published rates were chosen. From 0 on, as torch has
    it, a first step changes every parameter by the whole rate.
    """

    def __init__(self, vector: Tensor, *, rate: float, decay: float = 0) -> None:
        super().__init__(vector, rate=rate, decay=decay)
        self._first.fill_(0.1)

    def _take(self, gradient: Tensor, rate: float) -> None:
        adagrad(
            [self.vector],
            [gradient],
            [self._first],
            [self._steps],
            foreach=False,
            lr=rate,
            weight_decay=0.0,
            lr_decay=0.0,
            eps=1e-10,
            maximize=False,
        )


class Adamax(_Plain):
    """Adamax (Kingma and Ba 2015, arXiv 1412.6980) with its usual betas."""

    def _take(self, gradient: Tensor, rate: float) -> None:
        adamax(
            [self.vector],
            [gradient],
            [self._first],
            [self._second],
            [self._steps],
            foreach=False,
            eps=1e-8,
            beta1=0.9,
            beta2=0.999,
            lr=rate,
            weight_decay=0.0,
            maximize=False,
        )
