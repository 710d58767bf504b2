"""Which of two is bigger; what is smaller fits inside."""

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from relmem_cli.world.nouns import Noun

Lines = tuple[int, ...]


class Chain(NamedTuple):
    """What two sentences together say of sizes: the biggest, the smallest, and the sentences."""

    biggest: Noun
    smallest: Noun
    lines: Lines


class Order:
    """What the story tells of sizes."""

    def __init__(self) -> None:
        self.smaller: dict[Noun, dict[Noun, int]] = {}

    def tell(self, bigger: Noun, smaller: Noun, line: int) -> None:
        """One is bigger than another, as a sentence says."""
        self.smaller.setdefault(bigger, {})[smaller] = line

    def told(self) -> set[Noun]:
        """All whose size something is told of."""
        return {*self.smaller, *(other for its in self.smaller.values() for other in its)}

    def chains(self) -> list[Chain]:
        """All that follow from two sentences."""
        return [
            Chain(one, other, (first, second))
            for one, its in self.smaller.items()
            for middle, first in its.items()
            for other, second in self.smaller.get(middle, {}).items()
        ]

    def bigger(self, one: Noun, other: Noun) -> tuple[bool, Lines] | None:
        """Whether one is bigger, with the sentences; None where the story does not say."""
        below = self.below(one)
        if other in below:
            return True, below[other]
        above = self.below(other)
        return (False, above[one]) if one in above else None

    def below(self, one: Noun) -> Mapping[Noun, Lines]:
        """All that is told to be smaller, with the fewest sentences that say so."""
        return _beyond(one, self.smaller)

    def above(self, one: Noun) -> Mapping[Noun, Lines]:
        """All that is told to be bigger, likewise."""
        bigger: dict[Noun, dict[Noun, int]] = {}
        for large, its in self.smaller.items():
            for small, line in its.items():
                bigger.setdefault(small, {})[large] = line
        return _beyond(one, bigger)


def _beyond(one: Noun, next_to: Mapping[Noun, Mapping[Noun, int]]) -> Mapping[Noun, Lines]:
    found: dict[Noun, Lines] = {one: ()}
    queue = deque([one])
    while queue:
        here = queue.popleft()
        for other, line in next_to.get(here, {}).items():
            if other not in found:
                found[other] = (*found[here], line)
                queue.append(other)
    del found[one]
    return found
