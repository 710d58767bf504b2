import pytest
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from relmem_cli.errors import RelmemError
from relmem_cli.training.adam import Adam
from relmem_cli.training.flat import FlatParameters


def network() -> nn.Module:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.PReLU(), nn.Linear(4, 2))
    model[0].bias.requires_grad_(False)
    return model


def loss(model: nn.Module) -> torch.Tensor:
    return model(torch.arange(6.0).reshape(2, 3)).square().sum()


@pytest.mark.parametrize("clip", [0.0, 0.5, 1e6])
def test_steps_are_those_of_torch_on_separate_parameters(clip: float) -> None:
    apart, flat = network(), network()
    parameters = FlatParameters(flat)
    one = torch.optim.Adam(apart.parameters(), lr=0.1)
    other = Adam(parameters.vector, rate=0.1)
    for _ in range(5):
        one.zero_grad()
        loss(apart).backward()
        parameters.zero_gradient()
        loss(flat).backward()
        if clip:
            clip_grad_norm_(apart.parameters(), clip)
            parameters.clip_gradient(clip)
        one.step()
        other.step(parameters.gradient)
    for expected, found in zip(apart.parameters(), flat.parameters(), strict=True):
        torch.testing.assert_close(found, expected)


def test_loading_weights_changes_the_vector() -> None:
    model = network()
    parameters = FlatParameters(model)
    model.load_state_dict({name: torch.ones_like(t) for name, t in model.state_dict().items()})
    assert parameters.vector.eq(1).all()
    assert len(parameters.vector) == 3 * 4 + 1 + 4 * 2 + 2


def test_parameters_of_two_types_are_refused_in_a_sentence() -> None:
    model = network()
    model[2].double()
    with pytest.raises(RelmemError, match=r"type torch.float32 and torch.float64; training needs"):
        FlatParameters(model)
