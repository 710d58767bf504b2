from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import nn

from relmem_cli.contract import Variant
from relmem_cli.errors import RelmemError
from relmem_cli.plugins import registry
from relmem_cli.reports.parameters import (
    Count,
    build_on_meta,
    checked_groups,
    count,
    count_rows,
    count_table,
    for_people,
    group_table,
)
from relmem_cli.stories.catalogue import TASKS

ALL = ("entnet", "multi-hop", "relation-slot", "self-memory", "all-relations")


def variant(name: str) -> Variant:
    return registry().variants[name]


@pytest.mark.parametrize("name", ["relation-slot", "self-memory", "all-relations"])
def test_all_counts_equal_those_that_the_paper_prints(name: str) -> None:
    counts = count(variant(name), range(1, 21))
    assert [one.difference for one in counts] == [0] * 20


def test_variants_the_paper_prints_no_count_for_have_null_figures() -> None:
    rows = count_rows(count(variant("entnet"), [1])).rows
    assert rows == [
        {"task": 1, "variant": "entnet", "parameters": 49700, "paper": None, "difference": None}
    ]


@pytest.mark.parametrize("name", ALL)
def test_a_count_is_that_of_the_real_module(name: str) -> None:
    (one,) = count(variant(name), [17])
    model = variant(name).build(TASKS[17].sizes)
    assert one.parameters == sum(parameter.numel() for parameter in model.parameters())


def test_counting_allocates_nothing_and_leaves_the_random_numbers_alone() -> None:
    before = torch.get_rng_state()
    model = build_on_meta(variant("relation-slot"), TASKS[1].sizes, {"dim": 10_000})
    assert {parameter.device.type for parameter in model.parameters()} == {"meta"}
    assert torch.equal(before, torch.get_rng_state())


def test_rows_are_sorted_by_task_whatever_the_order_of_counting() -> None:
    counts = [one for name in ALL for one in count(variant(name), [1, 2])]
    rows = count_rows(counts).rows
    assert [row["task"] for row in rows] == [1] * 5 + [2] * 5
    assert [row["variant"] for row in rows[:5]] == list(ALL)


def test_sum_and_mean_stand_below_one_variant() -> None:
    total, mean = count_table(count(variant("relation-slot"), range(1, 21))).footer
    assert (total["parameters"], total["paper"], total["difference"]) == (1_640_200, 1_640_200, 0)
    assert mean["parameters"] == 82_010


def test_sum_and_mean_stand_below_several_variants() -> None:
    counts = [one for name in ALL for one in count(variant(name), range(1, 21))]
    total, mean = count_table(counts).footer
    assert total["all-relations"] == "2,240,200 ±0"
    assert mean["self-memory"] == "72,010 ±0"
    assert mean["entnet"] == "51,710"


def test_a_difference_from_the_paper_is_shown_with_its_sign() -> None:
    counts = [
        Count(task=1, variant="x", parameters=80_100, paper=80_000),
        Count(task=1, variant="y", parameters=79_000, paper=80_000),
    ]
    (row,) = count_table(counts).rows
    assert (row["x"], row["y"]) == ("80,100 +100", "79,000 -1,000")


@pytest.mark.parametrize("name", ALL)
def test_groups_hold_every_parameter_once_and_sum_to_the_total(name: str) -> None:
    table = group_table(variant(name), TASKS[7].sizes, {}, name)
    (expected,) = count(variant(name), [7])
    *groups, total = table.footer
    assert total["parameters"] == expected.parameters
    assert sum(row["parameters"] for row in groups) == expected.parameters
    assert sum(row["parameters"] for row in table.rows) == expected.parameters


def test_the_groups_of_relation_slot_are_the_papers_parts() -> None:
    table = group_table(variant("relation-slot"), TASKS[1].sizes, {}, "")
    sums = {row["group"]: row["parameters"] for row in table.footer}
    assert sums == {
        "embedding": 2200, "masks": 1100, "keys": 2000, "memory": 30_200,
        "relation": 20_300, "readout": 24_200, "total": 80_000,
    }  # fmt: skip


def test_options_change_the_shapes() -> None:
    table = group_table(variant("entnet"), TASKS[1].sizes, {"slots": 5, "dim": 10}, "")
    shapes = {row["tensor"]: row["shape"] for row in table.rows}
    assert shapes["keys"] == [5, 10]


def test_people_read_shapes_with_crosses_and_each_group_once() -> None:
    shown = for_people(group_table(variant("entnet"), TASKS[1].sizes, {}, ""))
    assert shown.rows[0]["shape"] == "22 x 100"
    groups = [row["group"] for row in shown.rows]
    assert groups.count("memory") == 1


@dataclass(frozen=True, kw_only=True)
class NoOptions:
    """Nothing to set."""


class Grouped(nn.Module):
    """Two parameters in the groups that the test gives."""

    def __init__(self, groups: dict[str, list[str]]) -> None:
        super().__init__()
        self.a = nn.Parameter(torch.zeros(2))
        self.b = nn.Parameter(torch.zeros(3))
        self._groups = groups

    def groups(self) -> dict[str, list[str]]:
        return self._groups


@pytest.mark.parametrize(
    ("groups", "complaint"),
    [
        ({"one": ["a"]}, "in no group: b"),
        ({"one": ["a", "b"], "two": ["b"]}, "in several places: b"),
        ({"one": ["a", "b", "c"]}, "no parameter at all: c"),
    ],
)
def test_groups_that_do_not_fit_the_parameters_are_an_error(
    groups: dict[str, list[str]], complaint: str
) -> None:
    model: Any = Grouped(groups)
    with pytest.raises(RelmemError, match=complaint):
        checked_groups(model, "broken")


class Raises(nn.Module):
    """A module that cannot be built."""

    def __init__(self, *, sizes: object, options: object) -> None:
        raise ZeroDivisionError("on purpose")


def test_a_variant_that_cannot_be_built_is_named() -> None:
    raising = Variant(
        name="raising", summary="", reference="", options=NoOptions, model=f"{__name__}:Raises"
    )
    with pytest.raises(RelmemError, match="raising cannot be built: ZeroDivisionError: on purpose"):
        count(raising, [1])
