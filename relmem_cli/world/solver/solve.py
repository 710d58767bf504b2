"""Answers to questions about a story, by rules."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from relmem_cli.world.lexicon import Lexicon
from relmem_cli.world.solver.grammar import Grammar, Parsed
from relmem_cli.world.solver.knowledge import RELATIONS, STEPS, Knowledge, Step

_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
"""Larger ones are written in figures."""


class UnreadError(ValueError):
    """A sentence or a question that fits no phrase, or several of different meaning."""


class Goal(NamedTuple):
    """Where a feeling leads, and what is taken there."""

    place: str
    things: set[str]


class Solver:
    """Reads a story sentence by sentence and answers.

    knowledge  what has been read
    goals      by feeling
    order      of words for times
    strict     whether a sentence that contradicts earlier ones is refused
    """

    def __init__(
        self, grammar: Grammar, lexicons: Iterable[Lexicon], *, strict: bool = True
    ) -> None:
        self._grammar = grammar
        self.goals: dict[str, Goal] = {}
        for lexicon in lexicons:
            for motive in lexicon.motives:
                goal = self.goals.setdefault(motive.feeling.name, Goal(motive.place.name, set()))
                goal.things.update(thing.name for thing in motive.things)
        self.order = grammar.order
        self.knowledge = Knowledge(grammar.order, strict=strict)

    def tell(self, sentence: Sequence[str]) -> None:
        """Take in a sentence; raises UnreadError or ContradictionError."""
        said = self._read(sentence, question=False)
        for one in (said, *said.also):
            self.knowledge.learn(one)

    def ask(self, question: Sequence[str]) -> str:
        """The answer, "unknown" where the story does not say; raises UnreadError."""
        said = self._read(question, question=True)
        if said.meaning in _ABOUT_ONE and not self.knowledge.knows(said.nouns[0]):
            return "unknown"
        found = _ANSWERS[said.meaning](self, *said.nouns)
        return "unknown" if found is None else found

    def agree(self, question: Sequence[str], one: str, other: str) -> bool:
        """Whether two answers are the same; a list is the same in any order, a path is not."""
        one, other = one.lower(), other.lower()
        if self._read(question, question=True).meaning == "path":
            return one == other
        return sorted(one.split(",")) == sorted(other.split(","))

    def _fits(self, said: Parsed) -> bool:
        """Whether what a sentence may mean goes with what the story has told of an unknown noun.

        "The guard is in the hut" may be about somebody or something, "Ann left the X" about a
        place or a thing.
        """
        k = self.knowledge
        name = said.nouns[-1 if said.meaning in ("leave", "drop") else 0]
        if said.meaning in ("at", "drop"):
            return name in (k.people if said.meaning == "at" else k.items)
        return name not in (k.people if said.meaning == "lies" else k.items)

    def _read(self, tokens: Sequence[str], *, question: bool) -> Parsed:
        found = [
            said
            for said in self._grammar.read(tuple(tokens))
            if (said.meaning in _ANSWERS) is question
        ]
        if not found:
            raise UnreadError(f"{' '.join(tokens)!r} cannot be read")
        if len(found) > 1:
            found = [one for one in found if self._fits(one)] or found
        if len(found) > 1:
            meant = " or ".join(f"{one.meaning} {one.parts}" for one in found)
            raise UnreadError(f"{' '.join(tokens)!r} can mean {meant}")
        return found[0]


def _yes(truth: bool) -> str:
    return "yes" if truth else "no"


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


# where


def _where(solver: Solver, what: str) -> str | None:
    k = solver.knowledge
    return k.spots.place(k.spot(what))


def _is_at(solver: Solver, what: str, place: str) -> str | None:
    return _may(solver, solver.knowledge.spot(what), place)


def _may(solver: Solver, spot: int, place: str) -> str | None:
    spots = solver.knowledge.spots
    if spots.place(spot) is not None:
        return _yes(spots.place(spot) == place)
    if not spots.may_be(spot, place):
        return "no"
    return "maybe" if spots.within(spot) is not None else None


def _beside(solver: Solver, what: str, place: str, way: int) -> str | None:
    """Where it was in the visit before (-1) or after (1) the latest at a place."""
    k = solver.knowledge
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


def _first(solver: Solver, what: str) -> str | None:
    k = solver.knowledge
    return k.spots.place(k.track(what)[0])


def _where_when(solver: Solver, who: str, time: str) -> str | None:
    """Where somebody went at a time."""
    k = solver.knowledge
    at = solver.order[time]
    spots = [stay.spot for stay in k.people.get(who, ()) if stay.went and stay.time == at]
    return k.spots.place(spots[-1]) if spots else None


def _where_while(solver: Solver, what: str, who: str, thing: str) -> str | None:
    """Where somebody was when another last took a thing."""
    k = solver.knowledge
    if (who, thing) not in k.taken:
        return None
    return k.spots.place(k.spot_at(what, k.taken[who, thing]))


def _did_go(solver: Solver, who: str, place: str) -> str | None:
    """Whether any move that is told led there, or one that is not told may have."""
    k = solver.knowledge
    stays = k.people[who][1:]
    went = [stay.spot for stay in stays if stay.went]
    if any(k.spots.place(spot) == place for spot in went):
        return "yes"
    if any(k.spots.may_be(stay.spot, place) for stay in stays if not stay.went):
        return None
    return "no" if went else None


def _together(solver: Solver, who: str, whom: str) -> str | None:
    k = solver.knowledge
    if not k.knows(whom):
        return None
    one, other = k.spot(who), k.spot(whom)
    if k.spots.same(one, other):
        return "yes"
    return "no" if k.spots.differ(one, other) else None


def _who_at(solver: Solver, place: str) -> str | None:
    return ",".join(_at(solver, solver.knowledge.people, place)) or None


def _what_at(solver: Solver, place: str) -> str | None:
    k = solver.knowledge
    return ",".join(_at(solver, [t for t, it in k.items.items() if it.told], place)) or None


def _count_at(solver: Solver, place: str) -> str | None:
    found = _at(solver, solver.knowledge.people, place)
    return _number(len(found)) if found else None


def _at(solver: Solver, names: Iterable[str], place: str) -> list[str]:
    k = solver.knowledge
    return [name for name in names if k.spots.place(k.spot(name)) == place]


# who has what


def _holder(solver: Solver, thing: str) -> str | None:
    item = solver.knowledge.item(thing)
    return (item.holder or "nobody") if item.told else None


def _has(solver: Solver, who: str, thing: str) -> str | None:
    item = solver.knowledge.item(thing)
    return _yes(item.holder == who) if item.told else None


def _carrying(solver: Solver, who: str) -> str | None:
    k = solver.knowledge
    if who not in k.handled:
        return None
    return ",".join(k.held[who]) or "nothing"


def _how_many(solver: Solver, who: str) -> str | None:
    k = solver.knowledge
    return _number(len(k.held[who])) if who in k.handled else None


def _done(done: Mapping[tuple[str, str], int], who: str = "", thing: str = "") -> str | None:
    """With what somebody did it last, or who did it last with a thing."""
    found = [(at, it if who else by) for (by, it), at in done.items() if who == by or thing == it]
    _, latest = max(found, default=(0, None))
    return latest


def _where_dropped(solver: Solver, who: str, thing: str) -> str | None:
    """Where somebody was when they last put a thing down."""
    k = solver.knowledge
    if (who, thing) not in k.dropped:
        return None
    return k.spots.place(k.spot_at(who, k.dropped[who, thing]))


def _gift(solver: Solver, wanted: str, **parts: str) -> str | None:
    """The latest gift that has these parts; what is wanted of it."""
    for gift in reversed(solver.knowledge.gifts):
        named = gift._asdict()
        if all(named[part] == name for part, name in parts.items()):
            return str(named[wanted])
    return None


# places and shapes, sizes


def _neighbour(solver: Solver, place: str, step: Step) -> str | None:
    return next((o for o, its in solver.knowledge.beside[place] if its == step), None)


def _path(solver: Solver, start: str, end: str) -> str | None:
    """The shortest way over told neighbours."""
    initials = {step: name[:1] for name, step in STEPS.items()}
    ways: dict[str, tuple[str, ...]] = {start: ()}
    todo = [start]
    for here in todo:
        for other, step in solver.knowledge.beside[here]:
            if other not in ways:
                ways[other] = (*ways[here], initials[step])
                todo.append(other)
    return ",".join(ways[end]) if end in ways else None


def _relation(solver: Solver, step: Step, one: str, other: str) -> str | None:
    found = solver.knowledge.offset(other, one)
    return None if found is None else _yes(found.goes(step))


def _is_bigger(solver: Solver, one: str, other: str) -> str | None:
    if other in solver.knowledge.below(one):
        return "yes"
    return "no" if one in solver.knowledge.below(other) else None


def _extreme(solver: Solver, *, big: bool) -> str | None:
    """The one that is told to be bigger, or smaller, than all others."""
    k = solver.knowledge
    below = {one: k.below(one) for one in [one for one, its in k.bigger.items() if its]}
    told = {*below, *(other for its in below.values() for other in its)}
    for one in told:
        above = {other for other, its in below.items() if one in its}
        if told - {one} == (below.get(one, set()) if big else above):
            return one
    return None


# animals, feelings


def _afraid_of(solver: Solver, who: str) -> str | None:
    k = solver.knowledge
    return k.fear.get(k.kind[who].what) if who in k.kind else None


def _colour(solver: Solver, who: str) -> str | None:
    k = solver.knowledge
    if who in k.colour:
        return k.colour[who].what
    if who not in k.kind:
        return None
    alike = [o for o in k.colour if o in k.kind and k.kind[o].what == k.kind[who].what]
    latest = max(alike, key=lambda o: k.kind[o].sentence, default=None)
    return None if latest is None else k.colour[latest].what


def _kind(solver: Solver, who: str) -> str | None:
    known = solver.knowledge.kind
    return known[who].what if who in known else None


def _will_go(solver: Solver, who: str) -> str | None:
    feeling = solver.knowledge.feels.get(who)
    return solver.goals[feeling].place if feeling in solver.goals else None


def _why(solver: Solver, who: str, part: str) -> str | None:
    feeling = solver.knowledge.feels.get(who)
    goal = solver.goals.get(feeling or "", Goal("", set()))
    return feeling if part == goal.place or part in goal.things else None


_ABOUT_ONE = (
    "where", "is_at", "where_before", "where_after", "where_first", "where_while", "did_go", "with"
)  # fmt: skip
"""Questions about somebody or something that the story must have named."""

_ANSWERS: dict[str, Callable[..., str | None]] = {
    "where": _where,
    "is_at": _is_at,
    "where_before": lambda s, what, place: _beside(s, what, place, -1),
    "where_after": lambda s, what, place: _beside(s, what, place, 1),
    "where_first": _first,
    "where_when": _where_when,
    "where_while": _where_while,
    "did_go": _did_go,
    "with": _together,
    "who_at": _who_at,
    "what_at": _what_at,
    "count_at": _count_at,
    "holder": _holder,
    "has": _has,
    "carrying": _carrying,
    "how_many": _how_many,
    "what_taken": lambda s, who: _done(s.knowledge.taken, who=who),
    "who_took": lambda s, thing: _done(s.knowledge.taken, thing=thing),
    "what_dropped": lambda s, who: _done(s.knowledge.dropped, who=who),
    "who_dropped": lambda s, thing: _done(s.knowledge.dropped, thing=thing),
    "where_dropped": _where_dropped,
    "what_given": lambda s, who, whom: _gift(s, "thing", giver=who, receiver=whom),
    "giver": lambda s, thing: _gift(s, "giver", thing=thing),
    "giver_to": lambda s, thing, whom: _gift(s, "giver", thing=thing, receiver=whom),
    "receiver": lambda s, thing: _gift(s, "receiver", thing=thing),
    "receiver_of": lambda s, who, thing: _gift(s, "receiver", giver=who, thing=thing),
    "what_heading": lambda s, direction, place: _neighbour(s, place, STEPS[direction]),
    "heading_of": lambda s, place, direction: _neighbour(s, place, STEPS[direction].reversed()),
    "path": _path,
    **{
        f"is_{name}": lambda s, one, other, step=step: _relation(s, step, one, other)
        for name, step in RELATIONS.items()
    },
    **{
        f"what_{name}": lambda s, one, step=step: _neighbour(s, one, step)
        for name, step in RELATIONS.items()
    },
    "biggest": lambda s: _extreme(s, big=True),
    "smallest": lambda s: _extreme(s, big=False),
    "is_bigger": _is_bigger,
    "does_fit": lambda s, one, other: _is_bigger(s, other, one),
    "afraid_of": _afraid_of,
    "which_colour": _colour,
    "what_kind": _kind,
    "where_will": _will_go,
    "why_go": _why,
    "why_get": _why,
}
