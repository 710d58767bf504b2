"""Relations among groups of slots: the sums over all groups, written out."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from relmem_cli.contract import Kernels
from relmem_cli.contract.model import StoryModel
from relmem_field.group_relations import of_others
from relmem_field.plugin import GROUP_RELATIONS
from tests.variants.cases import SIZES, build, mixed_batch, story_batch, words
from tests.variants.reference import RelationSlot
from tests.variants.test_gradients import TINY

CASES: list[dict[str, Any]] = [
    {"slots": 2, "group": 2},
    {"slots": 4, "group": 3, "hops": 2},
    {"slots": 5, "group": 4, "relation_limit": 0.5},
    {"slots": 5, "group": 4, "least": 2, "relation_limit": 0.0},
    {"slots": 4, "group": 4, "least": 3},
]


def made(*, sizes: Any = SIZES, dim: int = 7, **options: Any) -> StoryModel[Any]:
    """A float64 model whose weights are random, as `cases.build` makes the built-in ones."""
    model = GROUP_RELATIONS.build(sizes, {"dim": dim, **options}).double()
    generator = torch.Generator().manual_seed(5)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.7, generator=generator)
    return model


class Groups(RelationSlot):
    """Relation slots whose gates are sums over groups, one group after another."""

    def __init__(self, model: Any, options: dict[str, Any]) -> None:
        weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
        limit = options.get("relation_limit", 10.0)
        hops = options.get("hops", 1)
        super().__init__(weights, vocabulary=SIZES.vocabulary, hops=hops, relation_limit=limit)
        least = options.get("least", options["group"])
        self.groups = [
            group
            for size in range(least, options["group"] + 1)
            for group in combinations(range(self.m), size)
        ]

    def product(self, group: tuple[int, ...]) -> float:
        return float(np.prod([self.g[j] for j in group]))

    def gr(self, i: int) -> float:
        return sum(self.product(group) for group in self.groups if i in group)

    def pairs_of_a_gate(self) -> int:
        return sum(1 for group in self.groups if 0 in group)


@pytest.mark.parametrize("options", CASES, ids=str)
def test_answers_are_those_of_sums_over_all_groups(options: dict[str, Any]) -> None:
    model, batch = made(**options), mixed_batch()
    logits = model(batch).detach().numpy()
    for row, (story, position) in enumerate(
        zip(batch.story.tolist(), batch.position.tolist(), strict=True)
    ):
        expected = Groups(model, options)
        for tokens in batch.sentences[story, :position].tolist():
            expected.read(tokens)
        answer = expected.answer(batch.questions[row].tolist())
        np.testing.assert_allclose(logits[row], answer, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("options", [{"slots": 2}, {"slots": 6, "hops": 2, "relation_limit": 1.0}])
def test_groups_of_two_are_relation_slot(options: dict[str, Any]) -> None:
    groups, slots = made(group=2, **options), build("relation-slot", **options)
    slots.kernels = Kernels.reference  # its kernels compute in float32
    slots.load_state_dict(groups.state_dict())
    batch = mixed_batch()
    torch.testing.assert_close(groups(batch), slots(batch), rtol=1e-9, atol=1e-9)


def test_small_gates_keep_their_digits() -> None:
    """What is found by taking g_i away from a sum, or by dividing, has none left."""
    g = torch.tensor([1.0, 1e-9, 2e-9, 3e-9, 4e-9], dtype=torch.float64)
    for count in range(1, 5):
        expected = [
            sum(np.prod([g[j] for j in some]) for some in combinations(set(range(5)) - {i}, count))
            for i in range(5)
        ]
        found = of_others(g, range(count, count + 1)).numpy()
        np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize("options", CASES, ids=str)
def test_explained_relations_are_of_the_groups_that_both_slots_are_in(
    options: dict[str, Any],
) -> None:
    model, sentence = made(**options), words(1, SIZES.sentence_length)
    state = model.read(model.begin(1), sentence)
    expected = Groups(model, options)
    expected.read(sentence[0].tolist())
    pairs = [
        [
            sum(expected.product(group) for group in expected.groups if {i, j} <= set(group))
            * (i != j)
            for j in range(expected.m)
        ]
        for i in range(expected.m)
    ]
    shown = model.explain(state, words(1, SIZES.question_length))["relations"].values
    np.testing.assert_allclose(shown.detach().numpy(), pairs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "options", [{"slots": 3, "group": 3}, {"slots": 4, "group": 4, "least": 2}], ids=str
)
def test_gradients_are_those_of_finite_differences(options: dict[str, Any]) -> None:
    model = made(sizes=TINY, dim=2, **options)
    batch = story_batch([3, 1], [(0, 3), (1, 0), (0, 2)], gaps=[(0, 1)], sizes=TINY)
    names = [name for name, _ in model.named_parameters()]

    def loss(*values: Tensor) -> Tensor:
        logits: Tensor = functional_call(model, dict(zip(names, values, strict=True)), (batch,))
        return logits.logsumexp(dim=1).sum()

    assert torch.autograd.gradcheck(loss, tuple(model.parameters()))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"group": 1}, "group is 1"),
        ({"slots": 3, "group": 4}, "from 2 to slots, 3"),
        ({"group": 3, "least": 4}, "least is 4"),
        ({"relation_limit": -1.0}, "relation_limit is -1.0"),
    ],
)
def test_groups_that_cannot_be_are_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        GROUP_RELATIONS.options(**options)
