import pytest
import torch

from relmem_cli.errors import RelmemError
from relmem_cli.stories.tasks import load_training
from relmem_cli.training.evaluation import Score, samples, score_stories


@pytest.fixture
def trained(entnet, source):
    data = load_training(source, "1")
    torch.manual_seed(0)
    return entnet.build(data.sizes, {"slots": 3, "dim": 8}), data


def test_a_score_counts_what_the_samples_get_wrong(trained) -> None:
    model, data = trained
    answered = list(samples(model, data.train, data.vocabulary, best=3))
    wrong = sum(s.answers[0][0] != s.story.questions[s.question].answer for s in answered)
    score = score_stories(model, data.train, data.vocabulary, batch=7)
    assert (score.errors, score.n) == (wrong, len(answered))


def test_samples_come_in_order_with_falling_probabilities(trained) -> None:
    model, data = trained
    answered = list(samples(model, data.train, data.vocabulary, best=3))
    asked = [(story, i) for story in data.train for i in range(len(story.questions))]
    assert [(s.story, s.question) for s in answered] == asked
    for sample in answered:
        probabilities = [p for _, p in sample.answers]
        assert len(probabilities) == 3
        assert probabilities == sorted(probabilities, reverse=True)
        assert 0 < sum(probabilities) <= 1 + 1e-6


def test_an_answer_outside_the_vocabulary_is_an_error(trained) -> None:
    model, data = trained
    story = data.train[0]
    with torch.no_grad():
        model.readout.R.zero_()
        model.readout.R[0] = 1000.0 * torch.ones(8)
    unknown = type(data.vocabulary)(("<pad>", *(f"x{i}" for i in range(len(data.vocabulary) - 1))))
    score = score_stories(model, [story], unknown)
    assert score.errors == score.n == len(story.questions)


@pytest.mark.parametrize("number", [torch.nan, torch.inf])
def test_answers_that_are_no_numbers_are_counted_and_have_no_error(trained, number: float) -> None:
    model, data = trained
    batches = data.train[:4]
    count = sum(len(story.questions) for story in batches)
    model.forward = spoil_first(model.forward, number)
    said = f"^1 of {count} answers of variant toy are no numbers"
    with pytest.raises(RelmemError, match=said):
        score_stories(model, batches, data.vocabulary, name="variant toy")


def spoil_first(forward, number: float):
    """The same, with one logit of the first question that is no number."""

    def spoiled(batch):
        logits = forward(batch)
        logits[0, 1] = number
        return logits

    return spoiled


def test_the_interval_is_wilsons() -> None:
    low, high = Score(errors=10, n=100, loss=0.0).interval()
    assert (low, high) == (pytest.approx(0.05523, abs=1e-5), pytest.approx(0.17437, abs=1e-5))
    assert Score(errors=0, n=1000, loss=0.0).interval()[0] == 0.0
    assert Score(errors=1000, n=1000, loss=0.0).interval()[1] == 1.0
