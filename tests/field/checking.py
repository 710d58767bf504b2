"""What every system's equations are checked with."""

import torch
from torch import nn

from relmem_cli.contract.model import StoryModel, total
from relmem_cli.stories.batch import StoryBatch


class LossOf(nn.Module):
    def __init__(self, model: StoryModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: StoryBatch) -> torch.Tensor:
        return total(self.model.loss(batch))


def check_gradients(model: StoryModel, batch: StoryBatch) -> None:
    """The gradient of the loss is what finite differences give; a pad's vector stays zero."""
    loss = LossOf(model.double().eval())
    pads = {
        f"{name}.weight"
        for name, module in loss.named_modules()
        if isinstance(module, nn.Embedding) and module.padding_idx == 0
    }
    names = [name for name, _ in loss.named_parameters()]
    values = tuple(p.detach().clone().requires_grad_() for p in loss.parameters())

    def at(*weights: torch.Tensor) -> torch.Tensor:
        named = {
            name: torch.cat([weight[:1] * 0, weight[1:]]) if name in pads else weight
            for name, weight in zip(names, weights, strict=True)
        }
        found = torch.func.functional_call(loss, named, (batch,))
        assert isinstance(found, torch.Tensor)
        return found

    assert torch.autograd.gradcheck(at, values)
