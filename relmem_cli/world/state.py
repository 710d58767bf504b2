"""All that a story has told so far, of every kind of fact."""

from typing import TYPE_CHECKING, NamedTuple

from relmem_cli.world.layout import Layout
from relmem_cli.world.order import Order
from relmem_cli.world.people import People
from relmem_cli.world.traits import Traits

if TYPE_CHECKING:
    from relmem_cli.world.lexicon import Motive
    from relmem_cli.world.nouns import Noun
    from relmem_cli.world.traits import Trait


class Felt(NamedTuple):
    """Why somebody does what they do, and the sentence that says how they feel."""

    motive: "Motive"
    line: int


class Event(NamedTuple):
    """Who did what to what or whom, or did not, and the sentence that says so.

    where, when, why  as far as that sentence tells
    """

    who: "Noun"
    verb: "Noun"
    what: "Noun"
    line: int
    happened: bool = True
    where: "Noun | None" = None
    when: "Noun | None" = None
    why: "Noun | None" = None


class Amount(NamedTuple):
    """How many of a kind there are somewhere or somebody has, and the sentences that say so."""

    number: int
    lines: tuple[int, ...]


class State:
    """People and things, a map of places, a picture of shapes, sizes, animals, motives.

    feels    by person: their motive
    amounts  by kind of things and whoever has them, or where they are: how many
    events   what was done otherwise, one after another
    called   by owner and kind of animal: what theirs is called
    times    words for times, in order
    """

    def __init__(self) -> None:
        self.people = People()
        self.map = Layout()
        self.picture = Layout()
        self.sizes = Order()
        self.traits = Traits()
        self.times: tuple[str, ...] = ()
        self.feels: dict[Noun, Felt] = {}
        self.amounts: dict[tuple[Noun, Noun], Amount] = {}
        self.events: list[Event] = []
        self.called: dict[tuple[Noun, Noun], Trait] = {}
