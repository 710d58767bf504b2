"""Options outside their range are refused in one sentence."""

import pytest

from relmem_cli.errors import UsageError
from tests.variants.cases import NAMES, SIZES, build


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("option", ["slots", "dim"])
def test_nothing_below_one_is_accepted(name: str, option: str) -> None:
    with pytest.raises(UsageError, match=f"{name}: {option} is 0; it must be at least 1"):
        build(name, **{option: 0})


@pytest.mark.parametrize("name", ["multi-hop", "relation-slot", "all-relations"])
def test_no_hops_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="hops is 0; it must be at least 1"):
        build(name, hops=0)


@pytest.mark.parametrize("name", ["relation-slot", "all-relations"])
def test_relations_need_two_slots(name: str) -> None:
    with pytest.raises(UsageError, match="slots is 1; relations need at least 2"):
        build(name, slots=1)


@pytest.mark.parametrize("name", ["relation-slot", "all-relations"])
@pytest.mark.parametrize("limit", [-0.5, float("nan"), float("inf")])
def test_relations_are_limited_by_a_length_and_nothing_else(name: str, limit: float) -> None:
    with pytest.raises(UsageError, match=f"relation_limit is {limit}; it must be a number"):
        build(name, relation_limit=limit)


@pytest.mark.parametrize("name", NAMES)
def test_model_knows_its_sizes(name: str) -> None:
    assert build(name, slots=2).sizes == SIZES
