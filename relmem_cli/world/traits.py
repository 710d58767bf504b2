"""What animals are: of which kind, of which colour, and what their kind is afraid of."""

from relmem_cli.world.nouns import Noun

Lines = tuple[int, ...]


class Traits:
    """What the story tells, each with its sentence."""

    def __init__(self) -> None:
        self.kind: dict[Noun, tuple[Noun, int]] = {}
        self.colour: dict[Noun, tuple[Noun, int]] = {}
        self.fear: dict[Noun, tuple[Noun, int]] = {}

    def afraid_of(self, who: Noun) -> tuple[Noun, Lines] | None:
        """The kind that somebody's kind is afraid of; None where the story does not say."""
        if who not in self.kind or self.kind[who][0] not in self.fear:
            return None
        kind, first = self.kind[who]
        feared, second = self.fear[kind]
        return feared, (first, second)

    def colour_of(self, who: Noun) -> tuple[Noun, Lines] | None:
        """Somebody's colour: told, or that of the one of their kind of whom it was told last."""
        if who in self.colour:
            colour, line = self.colour[who]
            return colour, (line,)
        kind, line = self.kind.get(who, (None, -1))
        others = [
            (kind_line, colour, its_line)
            for other, (its_kind, kind_line) in self.kind.items()
            if its_kind is kind and other in self.colour
            for colour, its_line in [self.colour[other]]
        ]
        if not others:
            return None
        kind_line, colour, its_line = max(others, key=lambda one: one[0])
        return colour, (line, kind_line, its_line)
