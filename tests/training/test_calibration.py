"""A temperature undoes logits that are too large, on stories with verbs that a model lacks."""

import pytest
import torch

from relmem_cli.contract.model import StoryModel
from relmem_cli.plugins import registry
from relmem_cli.stories.sources import open_source
from relmem_cli.stories.tasks import TaskData, load_training
from relmem_cli.training.calibration import temperature
from relmem_cli.world.naming import open_words


@pytest.fixture(scope="module")
def data() -> TaskData:
    source = open_source("world:1,questions=80", roots=[], others=registry().sources.values())
    return load_training(source, "1", names=open_words(), extra=30)


def model(data: TaskData, scale: float) -> StoryModel[object]:
    """A model that knows nothing and whose logits are `scale` times as large."""
    torch.manual_seed(0)
    built = registry().variants["open-transformer"].build(data.sizes, {"dim": 24, "heads": 3})
    with torch.no_grad():
        for parameter in (built.say.weight, built.say.bias, built.bias):  # type: ignore[union-attr]
            parameter.mul_(scale)  # type: ignore[operator]
    return built.eval()


def test_a_temperature_is_as_many_times_higher_as_logits_are(data: TaskData) -> None:
    found = [temperature(model(data, k), data.validation, data.vocabulary) for k in (1.0, 2.0)]
    highest = 5.0
    assert found[1] == pytest.approx(min(2 * found[0], highest), rel=0.06)
    assert found[1] > 0.5


def test_the_same_model_has_the_same_temperature_and_is_left_as_it_was(data: TaskData) -> None:
    built = model(data, 1.0)
    before = {name: value.clone() for name, value in built.state_dict().items()}
    once, again = (temperature(built, data.validation, data.vocabulary) for _ in range(2))
    assert once == again
    assert all(torch.equal(before[name], value) for name, value in built.state_dict().items())


def test_without_an_answer_nothing_is_changed(data: TaskData) -> None:
    assert temperature(model(data, 1.0), [], data.vocabulary) == 1.0
