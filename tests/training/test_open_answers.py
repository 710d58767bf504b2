"""The loss of questions with candidates, or whose answers may have no id."""

from dataclasses import replace

import pytest
import torch
from torch.nn.functional import cross_entropy

from relmem_cli.contract.model import restrict
from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_cli.training.evaluation import score
from tests.training.toy import Adding, Options

SIZES = Sizes(vocabulary=6, sentence_length=2, question_length=1)


def model(extra: int = 0) -> Adding:
    torch.manual_seed(0)
    sizes = replace(SIZES, extra=extra)
    return Adding(sizes=replace(sizes, vocabulary=6 + extra), options=Options())


def batch(answers: list[int], candidates: list[list[int]]) -> StoryBatch:
    return StoryBatch(
        sentences=torch.tensor([[[1, 2]]]),
        questions=torch.tensor([[3], [4], [5]]),
        story=torch.zeros(3, dtype=torch.int64),
        position=torch.ones(3, dtype=torch.int64),
        answers=torch.tensor(answers),
        candidates=torch.tensor(candidates),
    )


def test_candidates_alone_are_scored_and_questions_without_take_any_answer() -> None:
    logits = torch.arange(12.0).view(2, 6)
    found = restrict(logits, torch.tensor([[2, 4, 0], [0, 0, 0]]))
    assert found[0].isfinite().tolist() == [False, False, True, False, True, False]
    assert torch.equal(found[1], logits[1])


def test_the_loss_is_that_among_the_candidates() -> None:
    toy, asked = model(), batch([2, 4, 1], [[2, 3], [4, 5], [0, 0]])
    logits = toy(asked)
    parts = [logits[0, [2, 3]], logits[1, [4, 5]], logits[2]]
    right = [cross_entropy(one, torch.tensor(t)) for one, t in zip(parts, (0, 0, 1), strict=True)]
    assert toy.loss(asked).item() == pytest.approx(sum(r.item() for r in right) / 3)


@pytest.mark.parametrize("unknown", [0, IGNORED])
def test_an_answer_without_an_id_is_left_out(unknown: int) -> None:
    toy = model()
    some = toy.loss(batch([2, unknown, 1], [[2, 3], [4, 5], [0, 0]]))
    asked = batch([2, 1, 1], [[2, 3], [0, 0], [0, 0]])
    logits = restrict(toy(asked), asked.candidates)[[0, 2]]
    right = cross_entropy(logits, torch.tensor([2, 1]))
    assert some.item() == pytest.approx(right.item())


def test_a_batch_without_any_known_answer_teaches_nothing() -> None:
    toy = model()
    assert float(toy.learn(batch([0, 0, 0], [[2, 3], [4, 5], [1, 2]]))) == 0
    assert all(float(p.grad.abs().sum()) == 0 for p in toy.parameters() if p.grad is not None)


def test_only_candidates_are_answered_in_tests() -> None:
    toy = model()
    with torch.no_grad():
        toy.out.bias.zero_()
        toy.out.weight.zero_()
        toy.out.bias[1] = 5.0
    assert score(toy, [batch([2, 4, 1], [[2, 3], [5, 4], [0, 0]])]).errors == 0
    assert score(toy, [batch([3, 4, 1], [[2, 3], [5, 4], [0, 0]])]).errors == 1
