"""relation-transformer's fast path computes what its reference path does, whatever the sizes."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from relmem_cli.contract import Kernels
from relmem_cli.stories.batch import IGNORED, StoryBatch
from relmem_variants import fast
from relmem_variants.fast.cpu.functions import below, density, exp
from relmem_variants.fast.cpu.tile import BYTES, Array, compiled
from relmem_variants.fast.cpu.transformer import transformer_pass
from relmem_variants.fast.cpu.transformer.layers import CHOICES
from relmem_variants.fast.cpu.vectors import load, store
from relmem_variants.plugin import RELATION_TRANSFORMER
from relmem_variants.transformer import RelationTransformer
from tests.variants.cases import SIZES, mixed_batch, story_batch
from tests.variants.test_fast import distance, gradients

LANES = BYTES // 8
"""Numbers of a vector in float64, in which these models are unless it is said otherwise."""


def build(*, heads: int = 3, vectors: int = 1, **options: Any) -> RelationTransformer:
    """A float64 model with random parameters, whose heads have so many vectors."""
    settings = {"dim": heads * vectors * LANES, "heads": heads, "steps": 2, "capacity": 9}
    model = RELATION_TRANSFORMER.build(SIZES, settings | {"dropout": 0.0} | options).double()
    generator = torch.Generator().manual_seed(5)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.4, generator=generator)
    assert isinstance(model, RelationTransformer)
    assert model._fast() is not None
    return model


def agree(model: RelationTransformer, batch: StoryBatch, most: float = 1e-10) -> None:
    """Assert that logits and gradients are those of the reference path."""
    found = gradients(model, batch)
    model.kernels = Kernels.reference
    for key, right in gradients(model, batch).items():
        assert distance(found[key], right) < most, key


OPTIONS: list[dict[str, Any]] = [
    {},
    {"heads": 6, "steps": 3},
    {"steps": 1},
    {"vectors": 2},
    {"capacity": 1},
    {"capacity": 2, "steps": 4},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_it_has_the_values_and_gradients_of_the_reference_path(options: dict[str, Any]) -> None:
    agree(build(**options), mixed_batch())


@pytest.mark.parametrize(
    ("lengths", "asked"),
    [
        ([1], [(0, 1), (0, 0)]),
        ([0, 3], [(0, 0), (1, 3), (1, 3), (1, 2)]),
        ([0], [(0, 0)]),
        ([16, 15, 17], [(0, 15), (0, 16), (1, 15), (2, 17), (2, 16), (2, 7)]),
        ([140], [(0, 140), (0, 131), (0, 5)]),
    ],
    ids=["1 sentence", "empty and short", "empty", "about a vector", "140 sentences"],
)
def test_stories_of_any_length_agree(lengths: list[int], asked: list[tuple[int, int]]) -> None:
    agree(build(capacity=130), story_batch(lengths, asked))


def test_in_float32_it_is_within_1e_5_of_the_reference_path_in_float64() -> None:
    torch.manual_seed(3)
    model = RELATION_TRANSFORMER.build(SIZES, {}).eval()
    batch = story_batch([140, 1, 0, 17], [(0, 140), (0, 5), (1, 1), (3, 9), (2, 0)])
    found = gradients(model, batch)
    model.double().kernels = Kernels.reference
    for key, right in gradients(model, batch).items():
        assert distance(found[key], right) < 1e-5, key


def test_extreme_scores_stay_finite_and_right() -> None:
    model = build(vectors=2).float()  # a vector of float32 in each head
    assert model._fast() is not None
    with torch.no_grad():
        for weight in (model.match.weight, model.asked_match.weight, model.closed):
            weight.mul_(300)
    found = gradients(model, mixed_batch())
    model.double().kernels = Kernels.reference
    right = gradients(model, mixed_batch())
    most = max(each.abs().max() for each in right.values())
    for key in right:
        assert found[key].isfinite().all(), key
        small = (
            found[key] - right[key]
        ).abs().max() < 1e-9 * most  # saturated: float32 of it is off
        assert small or distance(found[key], right[key]) < 1e-3, key


class Replayed(nn.Module):
    """Dropout by the bits that the fast path drew, for a batch without gaps."""

    def __init__(self, batch: StoryBatch, drawn: list[tuple[Array, int]]) -> None:
        super().__init__()
        self.position = batch.position.tolist()
        self.ends = np.cumsum([count + 1 for count in self.position])
        self.sums = iter([(bits, keep) for each, keep in drawn for bits in each])

    def forward(self, x: Tensor) -> Tensor:
        """X [questions, rows, d], the question's row first."""
        bits, keep = next(self.sums)
        kept = torch.zeros_like(x)
        for q, (count, end) in enumerate(zip(self.position, self.ends, strict=True)):
            own = bits[[end - 1, *range(end - count - 1, end - 1)]] if x.shape[1] > 1 else bits[[q]]
            kept[q, : len(own)] = torch.from_numpy((own < keep) * (CHOICES / keep))
        return x * kept


def test_what_is_dropped_is_dropped_from_the_gradients_too(monkeypatch: pytest.MonkeyPatch) -> None:
    model = build(dropout=0.3, steps=3)
    batch = story_batch([4, 2, 6], [(0, 4), (2, 1), (1, 2), (2, 6), (0, 0)])
    drawn: list[Any] = []
    draw = transformer_pass.draw
    monkeypatch.setattr(
        transformer_pass, "draw", lambda *given: drawn.append(draw(*given)) or drawn[-1]
    )
    found = gradients(model, batch)
    model.kernels, model.drop = Kernels.reference, Replayed(batch, drawn[0])
    for key, right in gradients(model, batch).items():
        assert distance(found[key], right) < 1e-10, key


def test_dropout_drops_as_much_as_it_is_told_and_draws_anew() -> None:
    torch.manual_seed(1)
    ((first, keep),), ((second, _),) = (transformer_pass.draw([500], 48, 0.1) for _ in range(2))
    assert abs((first >= keep).mean() - 0.1) < 0.005
    assert not np.array_equal(first, second)
    torch.manual_seed(1)
    assert np.array_equal(transformer_pass.draw([500], 48, 0.1)[0][0], first)


def test_a_batch_is_learned_as_by_autograd_and_added_to_earlier_gradients() -> None:
    model, batch = build(), mixed_batch()
    batch.answers[3] = IGNORED
    model.kernels = Kernels.reference
    loss = cross_entropy(model(batch), batch.answers, ignore_index=IGNORED)
    right = torch.autograd.grad(loss, list(model.parameters()))
    model.kernels = Kernels.auto
    model.zero_grad()
    learn = model.learner()
    for times in (1, 2):
        assert abs(learn(batch) - loss) < 1e-10
        for parameter, gradient in zip(model.parameters(), right, strict=True):
            assert parameter.grad is not None
            assert distance(parameter.grad, times * gradient) < 1e-10
    assert abs(model.learn(batch) - loss) < 1e-10


def test_parameters_that_lie_otherwise_in_memory_take_the_reference_path() -> None:
    model, batch = build(), mixed_batch()
    right = gradients(model, batch)
    model.query.weight = nn.Parameter(model.query.weight.detach().T.contiguous().T)
    assert model._fast() is None
    for key, found in gradients(model, batch).items():
        assert distance(found, right[key]) < 1e-10, key


@pytest.mark.parametrize("field", ["sentences", "questions"])
def test_a_batch_of_another_width_is_refused(field: str) -> None:
    batch = mixed_batch()
    narrow = replace(batch, **{field: getattr(batch, field)[..., :-1].contiguous()})
    with pytest.raises(ValueError, match="places; the model has"):
        build()(narrow)


def test_a_batch_without_questions_has_no_logits() -> None:
    assert build()(story_batch([3], [])).shape == (0, SIZES.vocabulary)


def test_parameters_that_change_before_the_way_back_are_refused() -> None:
    model, batch = build(), mixed_batch()
    loss = cross_entropy(model(batch), batch.answers)
    with torch.no_grad():
        model.say.weight.add_(1)
    with pytest.raises(RuntimeError, match="inplace"):
        loss.backward()


@pytest.mark.parametrize("number", [torch.float32, torch.float64], ids=str)
def test_scores_that_are_no_numbers_stay_visible(number: torch.dtype) -> None:
    model = build(vectors=2).to(number)
    with torch.no_grad():
        model.asked_match.weight.fill_(torch.nan)
        model.closed.fill_(torch.nan)
    assert model._fast() is not None
    assert model(mixed_batch()).isnan().any()


def test_scores_beyond_what_a_power_can_be_stay_numbers_in_float64() -> None:
    model = build()
    with torch.no_grad():
        model.closed.fill_(-5000.0)
    agree(model, mixed_batch())


class Louder(RelationTransformer):
    """Answers in a way of its own."""

    def _answer(self, batch: StoryBatch) -> tuple[Tensor, list[Tensor]]:
        logits, looked = super()._answer(batch)
        return 2 * logits, looked


def test_a_subclass_that_answers_in_its_own_way_is_asked_and_learns_by_autograd() -> None:
    model, batch = build(), mixed_batch()
    before = model(batch)
    model.__class__ = Louder
    torch.testing.assert_close(model(batch), 2 * before)
    loss = cross_entropy(2 * before, batch.answers)
    torch.testing.assert_close(model.learner()(batch), loss.detach())


def test_a_parameter_that_is_frozen_gets_no_gradient() -> None:
    model = build()
    model.say.weight.requires_grad_(requires_grad=False)
    model.learn(mixed_batch())
    assert model.say.weight.grad is None
    assert model.say.bias.grad is not None


def test_it_gives_the_same_bits_twice() -> None:
    model, batch = build(), mixed_batch()
    first, second = gradients(model, batch), gradients(model, batch)
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_later_batch_leaves_an_earlier_ones_gradients_as_they_are() -> None:
    model, batch = build(), mixed_batch()
    parameters = list(model.parameters())
    loss = cross_entropy(model(batch), batch.answers)
    right = torch.autograd.grad(cross_entropy(model(batch), batch.answers), parameters)
    gradients(model, story_batch([3], [(0, 2)]))
    for one, other in zip(torch.autograd.grad(loss, parameters), right, strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("kernels", [Kernels.auto, Kernels.reference])
def test_the_reference_path_is_used_only_when_it_is_asked_for(
    kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = build()
    model.kernels = kernels
    used = []
    monkeypatch.setattr(
        RelationTransformer,
        "_read",
        lambda *given, read=model._read: used.append(1) or read(*given[1:]),
    )
    model(mixed_batch())
    assert bool(used) == (kernels is Kernels.reference)


@pytest.mark.parametrize(
    ("weights", "part"),
    [
        (torch.empty(1, device="meta"), 16),
        (torch.empty(1, dtype=torch.bfloat16), 16),
        (torch.empty(1), 3),
    ],
    ids=["device", "type", "columns"],
)
def test_what_no_kernel_is_for_uses_the_reference_path(weights: Tensor, part: int) -> None:
    assert fast.transformer_backend(Kernels.auto, weights, part) is None


@compiled
def _tabulate(x: Array, powers: Array, densities: Array, shares: Array) -> None:
    for column in range(0, x.shape[1], BYTES // x.itemsize):
        value = load(x, 0, column)
        phi = density(value)
        store(powers, 0, column, exp(value))
        store(densities, 0, column, phi)
        store(shares, 0, column, below(value, phi))


@pytest.mark.parametrize(("number", "most"), [(np.float32, 2e-7), (np.float64, 1e-15)], ids=str)
def test_functions_of_vectors_are_as_exact_as_they_say(number: Any, most: float) -> None:
    x = np.linspace(-87, 87, 1 << 12).astype(number)[None]
    small = (x / 12).astype(number)
    powers, densities, shares = np.zeros((3, *x.shape), number)
    _tabulate(x, powers, densities, shares)
    right = np.array([math.exp(value) for value in x[0]])
    np.testing.assert_allclose(powers[0] / right, 1, atol=2 * most)
    _tabulate(small, powers, densities, shares)
    normal = [math.exp(-value * value / 2) / math.sqrt(2 * math.pi) for value in small[0].tolist()]
    np.testing.assert_allclose(densities[0], normal, atol=most)
    right = np.array([math.erfc(-value / math.sqrt(2)) / 2 for value in small[0].tolist()])
    np.testing.assert_allclose(shares[0], right, atol=most)


def test_powers_that_float32_cannot_hold_are_large_or_small_and_finite() -> None:
    x = np.array([[-1e30, -100, 100, 1e30] * 4], np.float32)
    powers, densities, shares = np.zeros((3, *x.shape), np.float32)
    _tabulate(x, powers, densities, shares)
    low, high = math.exp(-87), math.exp(87)
    np.testing.assert_allclose(powers[0, :4], [low, low, high, high], rtol=1e-6)
    np.testing.assert_allclose(shares[0, :4], [0, 0, 1, 1], atol=1e-6)
