"""DropConnect: in every batch another part of some weights is taken for zero."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from relmem_cli.contract.model import StoryModel
from relmem_cli.errors import UsageError


class DropConnect:
    """Takes each number of some parameters for zero with probability `share`, else over 1 - share.

    One mask serves the whole batch (Wan et al. 2013, PMLR 28:1058). It is drawn from torch's
    random numbers on the parameters' device, as a variant's own dropout is.
    """

    def __init__(self, parameters: Sequence[nn.Parameter], share: float) -> None:
        self._parameters = list(parameters)
        self._keep = 1 - share

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Compute a batch's gradients in here: afterwards the parameters are as they were.

        What their `grad`, which has to be there, holds by then is masked alike.
        """
        with torch.no_grad():
            whole = [parameter.clone() for parameter in self._parameters]
            masks = [torch.empty_like(some).bernoulli_(self._keep) / self._keep for some in whole]
            for parameter, mask in zip(self._parameters, masks, strict=True):
                parameter.mul_(mask)
        try:
            yield
        finally:
            with torch.no_grad():
                for parameter, before, mask in zip(self._parameters, whole, masks, strict=True):
                    parameter.copy_(before)
                    if parameter.grad is not None:
                        parameter.grad.mul_(mask)


def named_parameters(model: StoryModel[Any], names: str) -> list[nn.Parameter]:
    """A model's parameters by their names, with commas between; raises UsageError for others."""
    known = dict(model.named_parameters())
    wanted = [name.strip() for name in names.split(",")]
    for name in wanted:
        if name not in known:
            raise UsageError(
                f"drop_from: the model has no weights {name!r}; it has {', '.join(known)}."
            )
    return [known[name] for name in wanted]
