"""relation-transformer computes what its docstrings say, forgets in order, and learns relations."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from relmem_cli.errors import UsageError
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.testing import check_variant
from relmem_variants.plugin import RELATION_TRANSFORMER
from relmem_variants.stick_breaking import stick_breaking
from relmem_variants.transformer import RelationTransformer
from tests.variants.cases import SIZES, mixed_batch, one_by_one, story_batch, words
from tests.variants.transformer_reference import Transformer


def build(*, heads: int = 3, **options: Any) -> RelationTransformer:
    """A float64 model, not in training, all of whose parameters are random."""
    settings = {"dim": 4 * heads, "heads": heads, "steps": 2, "capacity": 9, **options}
    model = RELATION_TRANSFORMER.build(SIZES, settings).double().eval()
    generator = torch.Generator().manual_seed(5)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.7, generator=generator)
    assert isinstance(model, RelationTransformer)
    return model


def reference(model: RelationTransformer) -> Transformer:
    weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
    return Transformer(weights, heads=model.heads, steps=model.steps)


def told(batch: StoryBatch, row: int) -> list[list[int]]:
    """The sentences before a question, without those of pads."""
    before = batch.sentences[batch.story[row], : batch.position[row]]
    return [sentence.tolist() for sentence in before if sentence.any()]


@pytest.mark.parametrize("options", [{}, {"heads": 6, "steps": 3}, {"steps": 1}], ids=str)
def test_logits_are_those_of_plain_numpy(options: dict[str, Any]) -> None:
    model = build(**options)
    batch = mixed_batch()
    for row, logits in enumerate(model(batch).detach().numpy()):
        expected = reference(model).answer(told(batch, row), batch.questions[row].tolist())
        np.testing.assert_allclose(logits, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("capacity", [9, 2, 1])
def test_a_batch_is_read_as_sentence_after_sentence_is(capacity: int) -> None:
    model = build(capacity=capacity)
    batch = mixed_batch()
    torch.testing.assert_close(model(batch), one_by_one(model, batch), rtol=1e-10, atol=1e-10)


def test_only_the_latest_sentences_count() -> None:
    model = build(capacity=2)
    batch = story_batch([5], [(0, 5)])
    before = model(batch)
    batch.sentences[0, :3] = words(3, SIZES.sentence_length, seed=9)
    assert torch.equal(model(batch), before)
    batch.sentences[0, 3] = words(1, SIZES.sentence_length, seed=11)[0]
    assert not torch.allclose(model(batch), before)


def test_explained_attention_is_the_questions_own_in_every_step() -> None:
    model = build(heads=6, steps=3)
    batch = story_batch([4], [(0, 4)])
    expected = reference(model)
    expected.answer(told(batch, 0), batch.questions[0].tolist())
    state = model.begin(1)
    for sentence in batch.sentences[0]:
        state = model.read(state, sentence[None])
    chart = model.explain(state, batch.questions)["attention"]
    assert (chart.rows, chart.columns) == ("step", "sentence")
    np.testing.assert_allclose(chart.values.detach(), expected.attention, rtol=1e-9, atol=1e-9)


def test_other_names_for_all_words_give_the_other_names_of_the_answers() -> None:
    """With the words' vectors exchanged as well: scores of shared words know no names."""
    model = build()
    batch = mixed_batch()
    before = model(batch)
    order = torch.cat([torch.zeros(1, dtype=torch.int64), 1 + torch.randperm(10)])
    with torch.no_grad():
        for vectors in (model.encoder.words, model.bias):
            vectors.copy_(vectors[order.argsort()])
    renamed = StoryBatch(
        sentences=order[batch.sentences],
        questions=order[batch.questions],
        story=batch.story,
        position=batch.position,
        answers=order[batch.answers],
    )
    torch.testing.assert_close(model(renamed)[:, order], before, rtol=1e-10, atol=1e-10)


def test_heads_begin_by_the_same_word_at_the_same_place() -> None:
    chance, alike = (
        RELATION_TRANSFORMER.build(SIZES, {"alike": value}).match.weight.detach().reshape(5, 5, 6)
        for value in (0.0, 5.0)
    )
    apart = ~torch.eye(5, dtype=torch.bool)
    assert abs(chance.diagonal().mean()) < 0.5
    assert alike.diagonal().mean() > 1.5
    assert abs(alike[apart].mean()) < 0.5


@pytest.mark.parametrize("still", ["output", "narrow"])
def test_dropout_draws_anew_in_training_and_never_after(still: str) -> None:
    """At both of its places: the branch of the other one is made to say nothing."""
    model, batch = build(dropout=0.5), mixed_batch()
    for parameter in getattr(model, still).parameters():
        nn.init.zeros_(parameter)
    assert torch.equal(model(batch), model(batch))
    model.train()
    torch.manual_seed(1)
    drawn = model(batch)
    assert not torch.allclose(drawn, model(batch))
    torch.manual_seed(1)
    assert torch.equal(drawn, model(batch))


def test_without_dropout_training_draws_nothing() -> None:
    model, batch = build(dropout=0.0), mixed_batch()
    before = model(batch)
    assert torch.equal(model.train()(batch), before)


def test_heads_begin_by_looking_for_what_is_alike_and_else_nearly_closed() -> None:
    model = RELATION_TRANSFORMER.build(SIZES, {})
    assert torch.equal(model.key.weight, model.query.weight)
    assert torch.equal(model.closed, torch.full_like(model.closed, -2))


def test_the_contract_is_kept() -> None:
    check_variant(RELATION_TRANSFORMER, {"dim": 12, "capacity": 4})


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"heads": 4}, "heads is 4; it must be a multiple of 3"),
        ({"dim": 100}, "dim is 100; it must be a multiple of heads, 6"),
        ({"capacity": 0}, "capacity is 0; it must be at least 1"),
        ({"dropout": 1.0}, "dropout is 1.0; it must be at least 0 and below 1"),
        ({"alike": -1.0}, "alike is -1.0; it must be a number, 0 or more"),
    ],
    ids=str,
)
def test_options_out_of_range_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        RELATION_TRANSFORMER.build(SIZES, options)


def _stick() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    scores = torch.randn(2, 3, 4, 5, generator=generator, dtype=torch.float64)
    allowed = torch.rand(2, 1, 4, 5, generator=generator) > 0.3
    later_first = torch.rand(3, 4, 1, generator=generator) > 0.5
    return scores, allowed, later_first


def test_a_stick_is_broken_where_it_matches_first() -> None:
    scores, allowed, later_first = _stick()
    weights = stick_breaking(scores, allowed, later_first)
    for batch, head, row in np.ndindex(2, 3, 4):
        left = 1.0
        order = range(4, -1, -1) if later_first[head, row, 0] else range(5)
        for j in order:
            share = 0.0
            if allowed[batch, 0, row, j]:
                share = left / (1 + np.exp(-scores[batch, head, row, j].item()))
                left -= share
            assert weights[batch, head, row, j].item() == pytest.approx(share, abs=1e-12)


def test_a_sticks_gradient_is_that_of_differences() -> None:
    scores, allowed, later_first = _stick()
    scores.requires_grad_(requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda a: stick_breaking(a, allowed, later_first), (scores,), raise_exception=True
    )


def test_extreme_scores_stay_finite() -> None:
    scores = torch.tensor([[-1e4, 1e4, 0.0, 1e4, -1e4]], requires_grad=True)
    yes = torch.ones(1, 5, dtype=torch.bool)
    weights = stick_breaking(scores, yes, yes[:, :1])
    weights.sum().backward()
    assert weights.tolist() == [[0, 0, 0, 1, 0]]
    assert scores.grad is not None
    assert scores.grad.isfinite().all()
