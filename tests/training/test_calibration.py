"""A temperature undoes logits that are too large."""

import pytest
import torch

from relmem_cli.contract.model import StoryModel
from relmem_cli.plugins import registry
from relmem_cli.stories.batch import EncodedStory, encode_story
from relmem_cli.stories.sources import open_source
from relmem_cli.stories.tasks import TaskData, load_training
from relmem_cli.training.calibration import (
    Predictions,
    answered,
    cross_entropy_at,
    sure,
    temperature,
)
from relmem_cli.world.open_vocabulary import open_words


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


def encoded(data: TaskData) -> list[EncodedStory]:
    return [encode_story(story, data.vocabulary, data.sizes) for story in data.validation]


def answers(data: TaskData, scale: float) -> list[Predictions]:
    return answered(model(data, scale), encoded(data))


def test_a_temperature_is_as_many_times_higher_as_logits_are(data: TaskData) -> None:
    found = [temperature(answers(data, scale)) for scale in (1.0, 2.0)]
    highest = 5.0
    assert found[1] == pytest.approx(min(2 * found[0], highest), rel=0.06)
    assert found[1] > 0.5


def test_the_same_model_has_the_same_temperature_and_is_left_as_it_was(data: TaskData) -> None:
    built = model(data, 1.0)
    before = {name: value.clone() for name, value in built.state_dict().items()}
    once, again = (temperature(answered(built, encoded(data))) for _ in range(2))
    assert once == again
    assert all(torch.equal(before[name], value) for name, value in built.state_dict().items())


def test_without_an_answer_nothing_is_changed(data: TaskData) -> None:
    assert temperature(answered(model(data, 1.0), [])) == 1.0


def test_a_temperature_makes_answers_likelier_and_fewer_of_the_wrong_ones_certain(
    data: TaskData,
) -> None:
    found = answers(data, 20.0)
    heat = temperature(found)
    assert heat > 1
    assert cross_entropy_at(found, heat) < cross_entropy_at(found, 1.0)
    assert sure(found, heat).wrong < sure(found, 1.0).wrong


def test_answers_are_certain_from_nine_tenths_on() -> None:
    logits = torch.tensor([[3.0, 0.0], [3.0, 0.0], [1.0, 0.0]])
    found = [Predictions(logits, torch.tensor([0, 1, 1]))]
    assert sure(found, 1.0) == (2, 1)
    assert sure(found, 3.0) == (0, 0)
