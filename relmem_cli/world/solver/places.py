"""Where things are as far as sentences say, by joining what must be at one place."""

from dataclasses import dataclass, field


class ContradictionError(Exception):
    """A sentence that cannot be true after those before it; the text says why."""


@dataclass
class _Spot:
    place: str | None = None
    within: frozenset[str] | None = None
    barred: set[str] = field(default_factory=set)


class Spots:
    """Unknown places, told to be one, to be among some, or not to be some (union-find).

    strict  whether what cannot be is refused, and not passed over
    """

    def __init__(self, *, strict: bool = True) -> None:
        self._strict = strict
        self._parents: list[int] = []
        self._spots: list[_Spot] = []

    def new(self) -> int:
        """A place of which nothing is known."""
        self._parents.append(len(self._parents))
        self._spots.append(_Spot())
        return len(self._parents) - 1

    def root(self, spot: int) -> int:
        """The one that stands for all that were joined to it."""
        while self._parents[spot] != spot:
            self._parents[spot] = self._parents[self._parents[spot]]
            spot = self._parents[spot]
        return spot

    def join(self, one: int, other: int) -> None:
        """Both are the same place."""
        one, other = self.root(one), self.root(other)
        if one == other:
            return
        mine, its = self._spots[one], self._spots[other]
        self._parents[other] = one
        mine.barred |= its.barred
        if its.within is not None:
            self._narrow(mine, its.within)
        if its.place is not None:
            self.name(one, its.place)
        self._settle(mine)

    def name(self, spot: int, place: str) -> None:
        """It is this place."""
        it = self._spots[self.root(spot)]
        if self._strict and not self.may_be(spot, place):
            where = it.place or "elsewhere"
            raise ContradictionError(f"what is told to be in the {place} is in the {where}")
        it.place = place

    def among(self, spot: int, places: frozenset[str]) -> None:
        """It is one of these."""
        it = self._spots[self.root(spot)]
        self._narrow(it, places)
        self._settle(it)

    def bar(self, spot: int, place: str) -> None:
        """It is not this place."""
        it = self._spots[self.root(spot)]
        it.barred.add(place)
        self._settle(it)

    def place(self, spot: int) -> str | None:
        """Which place it is; None where that is not decided."""
        return self._spots[self.root(spot)].place

    def within(self, spot: int) -> frozenset[str] | None:
        """The places that it is one of; None where none are named."""
        it = self._spots[self.root(spot)]
        return None if it.within is None else it.within - it.barred

    def may_be(self, spot: int, place: str) -> bool:
        """Whether nothing speaks against it."""
        it = self._spots[self.root(spot)]
        if it.place is not None:
            return it.place == place
        return place not in it.barred and (it.within is None or place in it.within)

    def differ(self, one: int, other: int) -> bool:
        """Whether two cannot be the same place."""
        a, b = self.place(one), self.place(other)
        if a is not None:
            return not self.may_be(other, a)
        if b is not None:
            return not self.may_be(one, b)
        here, there = self.within(one), self.within(other)
        return here is not None and there is not None and not here & there

    def same(self, one: int, other: int) -> bool:
        """Whether two must be the same place."""
        if self.root(one) == self.root(other):
            return True
        return self.place(one) is not None and self.place(one) == self.place(other)

    @staticmethod
    def _narrow(it: _Spot, places: frozenset[str]) -> None:
        it.within = places if it.within is None else it.within & places

    def _settle(self, it: _Spot) -> None:
        """One of several places from which all others are barred is decided."""
        if it.place is not None or it.within is None:
            return
        left = it.within - it.barred
        if self._strict and not left:
            raise ContradictionError("no place is left where it can be")
        if len(left) == 1:
            (it.place,) = left
