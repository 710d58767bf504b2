"""Adam on one vector of parameters, by torch's own kernel.

`torch.optim.AdamW` would call the same kernel, but its first use imports torch's compiler, four
seconds for every process that trains, and what it does around each call takes as long as the call.
"""

import torch
from torch import Tensor
from torch.optim.adam import adam


class Adam:
    """Adam (Kingma and Ba 2015, arXiv 1412.6980) with its usual betas.

    vector   the parameters [n], changed in place by `step`
    rate     the learning rate, to be filled anew at will; a tensor on the vector's device
    decay    every step takes rate * decay of each parameter away (Loshchilov and Hutter 2019,
             arXiv 1711.05101)
    """

    def __init__(self, vector: Tensor, *, rate: float, decay: float = 0) -> None:
        self.vector = vector
        self.rate = vector.new_tensor(rate)
        self._decay = decay
        self._mean = torch.zeros_like(vector)
        self._square = torch.zeros_like(vector)
        self._steps = torch.zeros((), device=vector.device)

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """One step down the gradient [n]."""
        if self.vector.device.type not in ("cpu", "cuda"):
            self._step_elsewhere(gradient)
            return
        self._steps += 1
        torch._fused_adamw_(
            [self.vector],
            [gradient],
            [self._mean],
            [self._square],
            [],
            [self._steps],
            lr=self.rate,
            beta1=0.9,
            beta2=0.999,
            weight_decay=self._decay,
            eps=1e-8,
            amsgrad=False,
            maximize=False,
        )

    def _step_elsewhere(self, gradient: Tensor) -> None:
        """The same by several kernels."""
        if self._decay:
            self.vector.mul_(1 - self.rate * self._decay)
        adam(
            [self.vector],
            [gradient],
            [self._mean],
            [self._square],
            [],
            [self._steps],
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self.rate,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )

    def tensors(self) -> dict[str, Tensor]:
        """What `load` needs to go on from here; not copied."""
        return {"mean": self._mean, "square": self._square, "steps": self._steps}

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Put back what `tensors` returned."""
        for name, tensor in self.tensors().items():
            tensor.copy_(tensors[name])
