"""Answers to questions about a story, by rules."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from relmem_cli.stories.story import Story
from relmem_cli.world.lexicon import Lexicon
from relmem_cli.world.solver.grammar import Grammar, Said
from relmem_cli.world.solver.knowledge import RELATIONS, STEPS, Knowledge

_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class UnreadError(ValueError):
    """A sentence or a question that fits no phrase, or several of different meaning."""


class Solver:
    """Reads a story sentence by sentence and answers.

    strict  whether a sentence that contradicts earlier ones is refused
    """

    def __init__(
        self, grammar: Grammar, lexicons: Iterable[Lexicon], *, strict: bool = True
    ) -> None:
        self._grammar = grammar
        self._goals = {
            motive.feeling.name: (motive.place.name, {thing.name for thing in motive.things})
            for lexicon in reversed(list(lexicons))
            for motive in lexicon.motives
        }
        self.knowledge = Knowledge(grammar.order, strict=strict)

    def tell(self, sentence: Sequence[str]) -> None:
        """Take in a sentence; raises UnreadError or Contradiction."""
        said = self._read(sentence, question=False)
        for one in (said, *said.also):
            self.knowledge.learn(one)

    def ask(self, question: Sequence[str]) -> str:
        """The answer, "unknown" where the story does not say; raises UnreadError."""
        said = self._read(question, question=True)
        if said.meaning in _ABOUT_ONE and not self.knowledge.knows(said.parts[0][0]):
            return "unknown"
        found = _ANSWERS[said.meaning](self, *(names[0] for names in said.parts))
        return "unknown" if found is None else found

    def agree(self, question: Sequence[str], one: str, other: str) -> bool:
        """Whether two answers are the same; a list is the same in any order, a path is not."""
        one, other = one.lower(), other.lower()
        if self._read(question, question=True).meaning == "path":
            return one == other
        return sorted(one.split(",")) == sorted(other.split(","))

    def _read(self, tokens: Sequence[str], *, question: bool) -> Said:
        found = [
            said
            for said in self._grammar.read(tuple(tokens))
            if (said.meaning in _ANSWERS) is question
        ]
        if not found:
            raise UnreadError(f"{' '.join(tokens)!r} cannot be read")
        if len(found) > 1:
            meant = " or ".join(f"{one.meaning} {one.parts}" for one in found)
            raise UnreadError(f"{' '.join(tokens)!r} can mean {meant}")
        return found[0]

    # where

    def where(self, what: str) -> str | None:
        k = self.knowledge
        return k.spots.place(k.spot(what))

    def is_at(self, what: str, place: str) -> str | None:
        return self._may(self.knowledge.spot(what), place)

    def _may(self, spot: int, place: str) -> str | None:
        spots = self.knowledge.spots
        if spots.place(spot) is not None:
            return _yes(spots.place(spot) == place)
        if not spots.may_be(spot, place):
            return "no"
        return "maybe" if spots.within(spot) is not None else None

    def beside(self, what: str, place: str, way: int) -> str | None:
        """Where it was in the visit before (-1) or after (1) the latest at a place."""
        k = self.knowledge
        visits: list[int] = []
        for spot in k.track(what):
            named = k.spots.place(spot) is not None
            if not (visits and named and k.spots.same(visits[-1], spot)):
                visits.append(spot)
        for number in range(len(visits) - 1, -1, -1):
            if k.spots.place(visits[number]) == place:
                there = number + way
                return k.spots.place(visits[there]) if 0 <= there < len(visits) else None
            if k.spots.may_be(visits[number], place):
                return None
        return None

    def first(self, what: str) -> str | None:
        k = self.knowledge
        return k.spots.place(k.track(what)[0])

    def where_when(self, who: str, time: str) -> str | None:
        """Where somebody went at a time."""
        k = self.knowledge
        at = self._grammar.order[time]
        spots = [stay.spot for stay in k.people.get(who, ()) if stay.went and stay.time == at]
        return k.spots.place(spots[-1]) if spots else None

    def where_while(self, what: str, who: str, thing: str) -> str | None:
        """Where somebody was when another last took a thing."""
        k = self.knowledge
        if (who, thing) not in k.taken:
            return None
        return k.spots.place(k.spot_at(what, k.taken[who, thing]))

    def did_go(self, who: str, place: str) -> str | None:
        """Whether any move that is told led there, or one that is not told may have."""
        k = self.knowledge
        stays = k.people[who][1:]
        went = [stay.spot for stay in stays if stay.went]
        if any(k.spots.place(spot) == place for spot in went):
            return "yes"
        if any(k.spots.may_be(stay.spot, place) for stay in stays if not stay.went):
            return None
        return "no" if went else None

    def together(self, who: str, whom: str) -> str | None:
        k = self.knowledge
        if not k.knows(whom):
            return None
        one, other = k.spot(who), k.spot(whom)
        if k.spots.same(one, other):
            return "yes"
        return "no" if k.spots.differ(one, other) else None

    def who_at(self, place: str) -> str | None:
        return ",".join(self._at(self.knowledge.people, place)) or None

    def what_at(self, place: str) -> str | None:
        k = self.knowledge
        return ",".join(self._at([t for t, it in k.items.items() if it.told], place)) or None

    def count_at(self, place: str) -> str | None:
        found = self._at(self.knowledge.people, place)
        return _NUMBERS[len(found)] if found else None

    def _at(self, names: Iterable[str], place: str) -> list[str]:
        k = self.knowledge
        return [name for name in names if k.spots.place(k.spot(name)) == place]

    # who has what

    def holder(self, thing: str) -> str | None:
        item = self.knowledge.item(thing)
        return (item.holder or "nobody") if item.told else None

    def has(self, who: str, thing: str) -> str | None:
        item = self.knowledge.item(thing)
        return _yes(item.holder == who) if item.told else None

    def carrying(self, who: str) -> str | None:
        k = self.knowledge
        if who not in k.handled:
            return None
        return ",".join(k.held[who]) or "nothing"

    def how_many(self, who: str) -> str | None:
        k = self.knowledge
        return _NUMBERS[len(k.held[who])] if who in k.handled else None

    def gift(self, wanted: str, **parts: str) -> str | None:
        """The latest gift that has these parts; what is wanted of it."""
        for gift in reversed(self.knowledge.gifts):
            named = dict(zip(("giver", "thing", "receiver"), gift, strict=True))
            if all(named[part] == name for part, name in parts.items()):
                return named[wanted]
        return None

    # places and shapes, sizes

    def neighbour(self, place: str, step: tuple[int, int]) -> str | None:
        return next((o for o, its in self.knowledge.beside[place] if its == step), None)

    def path(self, start: str, end: str) -> str | None:
        """The shortest way over told neighbours."""
        initials = {step: name[0] for name, step in STEPS.items()}
        ways: dict[str, tuple[str, ...]] = {start: ()}
        todo = [start]
        for here in todo:
            for other, step in self.knowledge.beside[here]:
                if other not in ways:
                    ways[other] = (*ways[here], initials[step])
                    todo.append(other)
        return ",".join(ways[end]) if end in ways else None

    def relation(self, step: tuple[int, int], one: str, other: str) -> str | None:
        found = self.knowledge.offset(other, one)
        return None if found is None else _yes(found[0] * step[0] + found[1] * step[1] > 0)

    def is_bigger(self, one: str, other: str) -> str | None:
        if other in self.knowledge.below(one):
            return "yes"
        return "no" if one in self.knowledge.below(other) else None

    # animals, feelings

    def afraid_of(self, who: str) -> str | None:
        k = self.knowledge
        return k.fear.get(k.kind[who][0]) if who in k.kind else None

    def colour(self, who: str) -> str | None:
        k = self.knowledge
        if who in k.colour:
            return k.colour[who][0]
        if who not in k.kind:
            return None
        alike = [o for o in k.colour if o in k.kind and k.kind[o][0] == k.kind[who][0]]
        latest = max(alike, key=lambda o: k.kind[o][1], default=None)
        return None if latest is None else k.colour[latest][0]

    def will_go(self, who: str) -> str | None:
        feeling = self.knowledge.feels.get(who)
        return self._goals[feeling][0] if feeling in self._goals else None

    def why(self, who: str, part: str) -> str | None:
        feeling = self.knowledge.feels.get(who)
        place, things = self._goals.get(feeling or "", ("", set()))
        return feeling if part == place or part in things else None


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


_ABOUT_ONE = (
    "where", "is_at", "where_before", "where_after", "where_first", "where_while", "did_go", "with"
)  # fmt: skip
"""Questions about somebody or something that the story must have named."""

_ANSWERS: dict[str, Callable[..., str | None]] = {
    "where": Solver.where,
    "is_at": Solver.is_at,
    "where_before": lambda self, what, place: self.beside(what, place, -1),
    "where_after": lambda self, what, place: self.beside(what, place, 1),
    "where_first": Solver.first,
    "where_when": Solver.where_when,
    "where_while": Solver.where_while,
    "did_go": Solver.did_go,
    "with": Solver.together,
    "who_at": Solver.who_at,
    "what_at": Solver.what_at,
    "count_at": Solver.count_at,
    "holder": Solver.holder,
    "has": Solver.has,
    "carrying": Solver.carrying,
    "how_many": Solver.how_many,
    "what_given": lambda self, who, whom: self.gift("thing", giver=who, receiver=whom),
    "giver": lambda self, thing: self.gift("giver", thing=thing),
    "giver_to": lambda self, thing, whom: self.gift("giver", thing=thing, receiver=whom),
    "receiver": lambda self, thing: self.gift("receiver", thing=thing),
    "receiver_of": lambda self, who, thing: self.gift("receiver", giver=who, thing=thing),
    "what_heading": lambda self, direction, place: self.neighbour(place, STEPS[direction]),
    "heading_of": lambda self, place, direction: self.neighbour(
        place, (-STEPS[direction][0], -STEPS[direction][1])
    ),
    "path": Solver.path,
    **{
        f"is_{name}": lambda self, one, other, step=step: self.relation(step, one, other)
        for name, step in RELATIONS.items()
    },
    "is_bigger": Solver.is_bigger,
    "does_fit": lambda self, one, other: self.is_bigger(other, one),
    "afraid_of": Solver.afraid_of,
    "which_colour": Solver.colour,
    "where_will": Solver.will_go,
    "why_go": Solver.why,
    "why_get": Solver.why,
}
