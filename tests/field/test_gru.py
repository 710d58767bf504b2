"""The GRU of the field is torch's, step by step."""

import torch
from torch import nn

from relmem_field.gru import Gru


def test_states_and_gradients_are_those_of_torch() -> None:
    torch.manual_seed(0)
    ours, theirs = Gru(3, 4).double(), nn.GRU(3, 4, batch_first=True).double()
    theirs.load_state_dict(ours.state_dict())
    vectors = torch.randn(2, 5, 3, dtype=torch.double, requires_grad=True)
    weigh = torch.randn(2, 5, 4, dtype=torch.double)
    found = []
    for gru in (ours, theirs):
        states, last = gru(vectors)
        total = (states * weigh).sum() + last.sin().sum()
        found.append([states, last, *torch.autograd.grad(total, [vectors, *gru.parameters()])])
    for mine, right in zip(*found, strict=True):
        torch.testing.assert_close(mine, right, atol=1e-12, rtol=0)


def test_gradients_pass_a_numerical_check() -> None:
    torch.manual_seed(0)
    gru = Gru(2, 3).double()
    vectors = torch.randn(2, 4, 2, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: gru(x)[0], vectors)
