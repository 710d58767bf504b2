"""Short stories of each kind, told anew, to be tried in chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from relmem_cli.world.kinds import KINDS
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.mixture import MIXTURE
from relmem_cli.world.phrases import load_style
from relmem_cli.world.teller import Level, Line, Teller, Voice

_TRIES = 40
"""Stories that are told for an example, of which the shortest is shown."""

_SHORT = Level(sentences=4, people=2, distractors=1)


@dataclass(frozen=True, kw_only=True)
class Example:
    """A short story of a kind, with its questions and their answers."""

    kind: str
    title: str
    lines: tuple[Line, ...]


def kinds_to_try() -> tuple[str, ...]:
    """The kinds that there are examples of: 1 to 20, and the mixture."""
    return (*KINDS, MIXTURE.name)


def tell_example(kind: str, *, style: str, rng: Random) -> Example:
    """A short story of a kind, in other words each time.

    style  babi or everyday: whose words, and how it is said
    """
    found = MIXTURE if kind == MIXTURE.name else KINDS[kind]
    voice = Voice(lexicon=load_lexicon(style), style=load_style(style))
    level = _SHORT if kind == MIXTURE.name else Level()
    stories = []
    for _ in range(_TRIES):
        teller = Teller(found.name, voice, rng, level)
        found.tell(teller)
        stories.append(_to_first_question(teller.lines))
    return Example(kind=kind, title=found.title, lines=min(filter(None, stories), key=len))


def _to_first_question(lines: Sequence[Line]) -> tuple[Line, ...]:
    asked = next((n for n, line in enumerate(lines) if line.answer is not None), None)
    return () if asked is None else tuple(lines[: asked + 1])
