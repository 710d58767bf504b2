"""What animals are: of which kind, of which colour, and what their kind is afraid of."""

from typing import NamedTuple

from relmem_cli.world.nouns import Noun

Lines = tuple[int, ...]


class Trait(NamedTuple):
    """A kind, a colour or what a kind is afraid of, and the sentence that says so."""

    what: Noun
    line: int


class Traits:
    """What the story tells, each with its sentence."""

    def __init__(self) -> None:
        self.kind: dict[Noun, Trait] = {}
        self.colour: dict[Noun, Trait] = {}
        self.fear: dict[Noun, Trait] = {}

    def afraid_of(self, who: Noun) -> tuple[Noun, Lines] | None:
        """The kind that somebody's kind is afraid of; None where the story does not say."""
        kind = self.kind.get(who)
        if kind is None or kind.what not in self.fear:
            return None
        feared = self.fear[kind.what]
        return feared.what, (kind.line, feared.line)

    def colour_of(self, who: Noun) -> tuple[Noun, Lines] | None:
        """Somebody's colour: told, or that of the one of their kind of whom it was told last."""
        if who in self.colour:
            colour = self.colour[who]
            return colour.what, (colour.line,)
        if who not in self.kind:
            return None
        kind = self.kind[who]
        alike = [
            other
            for other, its in self.kind.items()
            if its.what is kind.what and other in self.colour
        ]
        if not alike:
            return None
        latest = max(alike, key=lambda other: self.kind[other].line)
        colour = self.colour[latest]
        return colour.what, (kind.line, self.kind[latest].line, colour.line)
