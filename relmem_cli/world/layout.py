"""Where things lie to each other: north of, above, to the left of; one step each."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from relmem_cli.world.nouns import Noun


class Step(NamedTuple):
    """How far something lies from another: x to the east or right, y to the north or up."""

    x: int
    y: int


STEPS = {"north": Step(0, 1), "east": Step(1, 0), "south": Step(0, -1), "west": Step(-1, 0)}
RELATIONS = {
    "above": Step(0, 1),
    "right_of": Step(1, 0),
    "below": Step(0, -1),
    "left_of": Step(-1, 0),
}
DIRECTIONS = {step: name for name, step in STEPS.items()}


def back(step: Step) -> Step:
    """The step the other way."""
    return Step(-step.x, -step.y)


class Side(NamedTuple):
    """A neighbour, the step to it, and the sentence that says so."""

    other: Noun
    step: Step
    line: int


class Layout:
    """What the story tells of neighbours."""

    def __init__(self) -> None:
        self.sides: dict[Noun, list[Side]] = {}

    def tell(self, one: Noun, step: Step, other: Noun, line: int) -> None:
        """`one` is a step, such as north, from `other`."""
        self.sides.setdefault(other, []).append(Side(one, step, line))
        self.sides.setdefault(one, []).append(Side(other, back(step), line))

    def neighbour(self, one: Noun, step: Step) -> Side | None:
        """What is told to lie a step from one; None where nothing is."""
        return next((side for side in self.sides.get(one, ()) if side.step == step), None)

    def offset(self, one: Noun, other: Noun) -> tuple[Step, tuple[int, ...]] | None:
        """The way from `one` to `other`, with the sentences; None where none is told."""
        for there, steps in self.ways(one):
            if there is other:
                x = sum(side.step.x for side in steps)
                y = sum(side.step.y for side in steps)
                return Step(x, y), tuple(side.line for side in steps)
        return None

    def ways(self, one: Noun) -> Iterator[tuple[Noun, tuple[Side, ...]]]:
        """Everything that is told to be reached from one, nearest first, with the steps."""
        seen = {one}
        queue: deque[tuple[Noun, tuple[Side, ...]]] = deque([(one, ())])
        while queue:
            here, steps = queue.popleft()
            yield here, steps
            for side in self.sides.get(here, ()):
                if side.other not in seen:
                    seen.add(side.other)
                    queue.append((side.other, (*steps, side)))
