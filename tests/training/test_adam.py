import subprocess
import sys
from typing import Any

import pytest
import torch

from relmem_cli.training.adam import Adam


@pytest.mark.parametrize("step_of", [Adam.step, torch.no_grad()(Adam._step_elsewhere)])
@pytest.mark.parametrize("decay", [0.0, 0.5])
def test_steps_are_those_of_torch_whatever_the_rate(decay: float, step_of: Any) -> None:
    """By the kernel of CPU and CUDA, and by those that other devices have."""
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(7, generator=generator, dtype=torch.float64)
    own, other = start.clone(), torch.nn.Parameter(start.clone())
    adam = Adam(own, rate=0.1, decay=decay)
    right = torch.optim.AdamW([other], lr=0.1, weight_decay=decay)
    for step in range(30):
        adam.rate.fill_(0.1 / (step + 1))
        right.param_groups[0]["lr"] = 0.1 / (step + 1)
        gradient = torch.randn(7, generator=generator, dtype=torch.float64) * 10.0 ** (step % 5 - 6)
        step_of(adam, gradient)
        other.grad = gradient
        right.step()
    torch.testing.assert_close(own, other.detach(), rtol=1e-12, atol=1e-12)


def test_it_goes_on_from_what_was_kept() -> None:
    whole, halves = torch.ones(3), torch.ones(3)
    first, adam = Adam(halves, rate=0.1), Adam(whole, rate=0.1)
    gradients = [torch.tensor([1.0, -2.0, 0.1]) * i for i in range(6)]
    for gradient in gradients:
        adam.step(gradient)
    for gradient in gradients[:3]:
        first.step(gradient)
    second = Adam(halves, rate=0.1)
    second.load(first.tensors())
    for gradient in gradients[3:]:
        second.step(gradient)
    assert torch.equal(whole, halves)


def test_training_does_not_import_torchs_compiler() -> None:
    program = (
        "import sys, torch, relmem_cli.runs.seed_run, relmem_variants.entnet\n"
        "from relmem_cli.training.adam import Adam\n"
        "Adam(torch.ones(2), rate=0.1).step(torch.ones(2))\n"
        "print('torch._dynamo' in sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (found.stdout, found.returncode) == ("False\n", 0)
