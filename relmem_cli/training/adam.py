"""Adam on one vector of parameters.

`torch.optim` does the same; its first use imports torch's compiler, four seconds for every process
that trains.
"""

import torch
from torch import Tensor


class Adam:
    """Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1, in the order of its section 2).

    vector   the parameters [n], changed in place by `step`
    rate     the learning rate, a tensor on the vector's device, to be filled anew at will
    """

    def __init__(
        self, vector: Tensor, *, rate: float, betas: tuple[float, float] = (0.9, 0.999)
    ) -> None:
        self.vector = vector
        self.rate = vector.new_tensor(rate)
        self._betas = betas
        self._mean = torch.zeros_like(vector)
        self._square = torch.zeros_like(vector)
        self._powers = vector.new_ones(2)  # of the betas
        self._decay = vector.new_tensor(betas)

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """One step down the gradient [n]."""
        first, second = self._betas
        self._mean.lerp_(gradient, 1 - first)
        self._square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        self._powers.mul_(self._decay)
        left = 1 - self._powers
        length = self.rate * left[1].sqrt() / left[0]
        # epsilon 1e-8 belongs to the root of the corrected square
        root = self._square.sqrt().add_(1e-8 * left[1].sqrt())
        self.vector.sub_(self._mean.div(root).mul_(length))

    def tensors(self) -> dict[str, Tensor]:
        """What `load` needs to go on from here; not copied."""
        return {"mean": self._mean, "square": self._square, "powers": self._powers}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Put back what `tensors` returned."""
        for name, tensor in self.tensors().items():
            tensor.copy_(tensors[name])
