"""How many of something people have: "Tom has three apples. Ann gave Tom two apples."""

import math
from functools import partial

from relmem_cli.world import nouns
from relmem_cli.world.answers import NUMBERS
from relmem_cli.world.nouns import Noun
from relmem_cli.world.other_facts import FactGroup, Question
from relmem_cli.world.state import Amount
from relmem_cli.world.teller import Teller

_MOST = 10
"""Of what somebody has: so many have a word."""

_MOST_FIRST = 6
_MOST_MORE = 3
_TWO_KINDS = 0.3
_MORE = 0.4
"""How often somebody gets more, not fewer."""

_AT = 0.3
"""How often it is told how many there are at places, not how many people have."""

_FIGURES = 0.3
"""How often a number is written in figures."""

_BOTH = 0.3
"""How often it is asked how many two people have together."""


def amounts(teller: Teller) -> FactGroup:
    """How many of something some people have, get, lose and give each other, or places have."""
    told = _Amounts(teller)
    return FactGroup([partial(told.tell)] * teller.rng.randint(2, 7), told.question)


class _Amounts:
    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._at_places = teller.knows("are_many") and teller.chance(_AT)
        self._owners = teller.rng.sample(teller.places if self._at_places else teller.people, 2)
        self._kinds = self._drawn(2 if teller.chance(_TWO_KINDS) else 1)
        self._has_many, self._gets_many, self._loses_many, self._how_many = (
            ("are_many", "come_many", "go_many", "how_many_at")
            if self._at_places
            else ("has_many", "gets_many", "loses_many", "how_many_of")
        )
        self._told = teller.state.amounts

    def _drawn(self, count: int) -> list[Noun]:
        """Kinds of things; at places also of animals."""
        if self._at_places and self._teller.chance(0.5):
            animals = self._teller.draw("animal", count)
            return [nouns.several(one.all, one=one.name) for one in animals]
        return self._teller.kinds_of_things(count)

    def tell(self) -> None:
        """Somebody has some, or more or fewer than before."""
        teller = self._teller
        kind, who, whom = (teller.pick(some) for some in (self._kinds, self._owners, self._owners))
        if (kind, who) not in self._told:
            number = teller.rng.randint(1, _MOST_FIRST)
            line = teller.say(self._has_many, who, self._some(kind, number))
            self._told[kind, who] = Amount(number, (line,))
            return
        has, more = self._told[kind, who].number, teller.rng.randint(1, _MOST_MORE)
        fewer = min(more, has)
        if has + more <= _MOST and (not has or teller.chance(_MORE)):
            line = teller.say(self._gets_many, who, self._some(kind, more))
            self._change(kind, who, more, line)
        elif whom is who or self._at_places or not 0 <= self._has(kind, whom) + fewer <= _MOST:
            line = teller.say(self._loses_many, who, self._some(kind, fewer))
            self._change(kind, who, -fewer, line)
        else:
            line = teller.say("give", who, self._some(kind, fewer), whom)
            self._change(kind, who, -fewer, line)
            self._change(kind, whom, fewer, line)

    def question(self) -> Question:
        """How many one has, or two together where that has a word."""
        teller = self._teller
        kind, who, whom = (teller.pick(some) for some in (self._kinds, self._owners, self._owners))
        both = self._has(kind, who) + self._has(kind, whom)
        together = whom is not who and not self._at_places and not both > _MOST
        if together and teller.chance(_BOTH):
            return "how_many_both", who, whom, kind
        return self._how_many, who, kind

    def _has(self, kind: Noun, who: Noun) -> float:
        """How many somebody has; nan where that is untold."""
        found = self._told.get((kind, who))
        return found.number if found else math.nan

    def _change(self, kind: Noun, who: Noun, more: int, line: int) -> None:
        if (kind, who) in self._told:
            number, lines = self._told[kind, who]
            self._told[kind, who] = Amount(number + more, (*lines, line))

    def _some(self, kind: Noun, number: int) -> Noun:
        """So many of a kind, in words or figures."""
        figures = number > 1 and self._teller.chance(_FIGURES)
        name = kind.a if number == 1 else kind.name
        return nouns.several(name, str(number) if figures else NUMBERS[number])
