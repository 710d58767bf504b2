"""Stories in which all kinds of fact occur together, and questions about all that they decide."""

from functools import partial
from typing import NamedTuple

from relmem_cli.world.acts import ACTS
from relmem_cli.world.amounts import amounts
from relmem_cli.world.answers import answer
from relmem_cli.world.events import events, names
from relmem_cli.world.kind import Kind
from relmem_cli.world.nouns import Noun
from relmem_cli.world.other_facts import (
    Facts,
    Question,
    animals,
    ask_meanwhile,
    diary,
    feelings,
    map_of_places,
    picture,
    sizes,
)
from relmem_cli.world.people import People
from relmem_cli.world.spots import GO_ON, Spots
from relmem_cli.world.teller import Teller

_SHARE = 0.3
"""How many of all stories tell each kind of other fact."""

_EVENTS = 0.5
"""How many tell what people do otherwise, and weigh it so much more among what is asked."""

_FOCUS = 0.25
"""How many tell hardly anything but that, or how many of something there are."""

_FACTS = 0.35
"""How often a sentence tells another fact, as long as there are some."""

_IN_FOCUS = 0.8
"""The same where a story tells hardly anything else; and how often it is asked about."""

_ON = 0.3
"""How often whoever did something last does the next thing too."""

_WITH = 0.4
"""How often of two who go together one goes with the other: "Ann went home with Ben"."""

_AGAIN = 0.35
"""How often those of the last sentence go on, as they."""

_BEING = 0.15
"""How often of these it is told that they are somewhere, not that they go there."""

_FEWEST_PLACES = 3
"""So that there is one beside where somebody is and where they were."""

_AT_THE_END = 5
"""Questions where all come at the end."""

_JOINED = 0.12
"""How often somebody does two things in one sentence."""

_HANDS = 0.3
"""How many of all stories tell of things that change hands more than of people who go."""

_JOINABLE = {
    "move": "go",
    "at": "be",
    "take": "take",
    "take_there": "take",
    "drop": "drop",
    "drop_there": "drop",
    "carry": "carry",
}
"""What can have been done before, by what was said."""

_UNKNOWN = 0.15
"""The part of all questions that the story does not decide."""


def tell_mixture(teller: Teller) -> None:
    """One story: sentences of all kinds, questions between them."""
    level = teller.level
    sentences = level.sentences or teller.rng.randint(4, 20)
    people = level.people or max(2, teller.most("person", teller.rng.randint(2, 5)))
    story = _Mixture(teller, people)
    while teller.told < sentences:
        story.tell()
        if not level.sentences and teller.told >= 2 and teller.chance(0.4):
            story.ask()
    for _ in range(_AT_THE_END if level.sentences else 2):
        story.ask()


class _Move(NamedTuple):
    """Those who went somewhere, and the sentence that tells it."""

    people: tuple[Noun, ...]
    line: int


class _Mixture:
    """The facts that a story may tell, each once, beside what people do."""

    def __init__(self, teller: Teller, people: int) -> None:
        self._teller = teller
        self._last: _Move | None = None
        self._actor: Noun | None = None
        self._goals: dict[Noun, Noun] = {}
        self._deeds = _HANDLING if teller.chance(_HANDS) else _DEEDS
        kinds: tuple[Facts, ...] = (
            map_of_places,
            picture,
            sizes,
            animals,
            partial(feelings, goals=self._goals),
            diary,
            *((amounts,) if teller.knows("has_many") else ()),
        )
        chosen = [kind for kind in kinds if teller.chance(_SHARE)]
        if teller.level.distractors:
            chosen = teller.rng.sample(kinds, min(teller.level.distractors, len(kinds)))
        self._focused = False
        if teller.knows("did") and not teller.level.distractors:
            chosen += [events] * teller.chance(_EVENTS)
            chosen += [names] * (animals not in chosen and teller.chance(_SHARE))
            self._focused = teller.chance(_FOCUS)
            chosen = [teller.pick((events, amounts))] if self._focused else chosen
        things = teller.most("thing", max(2, min(people, 6)))
        places = teller.most("place", teller.rng.randint(4, 6))
        teller.gather(people, places=max(places, _FEWEST_PLACES), things=things)
        self._spots = Spots(teller)
        if self._spots.deeds:
            self._deeds = (*self._deeds, *self._spots.deeds)
        groups = [kind(teller) for kind in chosen]
        self._questions = [group.question for group in groups if group.question]
        self._questions += [
            group.question
            for kind, group in zip(chosen, groups, strict=True)
            for _ in range(3)
            if kind in (events, amounts) and group.question and teller.knows("did")
        ]
        self._facts = [fact for group in groups for fact in group.facts]
        teller.rng.shuffle(self._facts)

    # what is told

    def tell(self) -> None:
        """One sentence."""
        teller = self._teller
        if self._facts and teller.chance(_IN_FOCUS if self._focused else _FACTS):
            self._last = None
            self._facts.pop()()
            return
        last, self._last = self._last, None
        if teller.aside(teller.pick(teller.people)):
            return
        if teller.level.again and teller.chance(teller.level.again / 100) and self._tell_again():
            return
        if last is not None and teller.chance(_AGAIN):
            there = teller.state.people.named[last.line][-1]
            place = teller.elsewhere(last.people[0], there)
            if teller.chance(_BEING):
                teller.be_again(*last.people, line=last.line, place=place)
            else:
                teller.go_again(*last.people, line=last.line, to=place)
                self._last = last
            return
        while not self._act(teller.pick(self._deeds)):
            pass
        if teller.chance(_JOINED):
            self._join()

    def _tell_again(self) -> bool:
        """Where somebody is, of whom that is told already; False where it is of nobody."""
        teller = self._teller
        people = teller.state.people
        known = [who for who in teller.people if people.known(teller.now(who)).place]
        if known:
            who = teller.pick(known)
            place = teller.now(who).place
            teller.do(teller.say("at", who, place), People.be_at, who, place)
        return bool(known)

    def _join(self) -> None:
        """Whoever did something alone does something else in the same sentence."""
        teller = self._teller
        last, deed = teller.lines[-1], teller.pick(("take", "drop", "give", "go"))
        first = last.said[0]
        done, who = _JOINABLE.get(first.meaning), first.parts[0]
        if last.answer is not None or done in (None, deed) or who.members or who in self._goals:
            return
        if not teller.join():
            return
        self._last = None
        if not self._do(deed, who):
            teller.unjoin()

    def _act(self, deed: str) -> bool:
        """Somebody does it, if they can."""
        teller = self._teller
        who = teller.pick(teller.people)
        if self._actor and teller.chance(_ON):
            who = self._actor
        self._actor = who if teller.knows("did") else None
        if who in self._goals and deed != "go":
            return False
        if deed in self._spots.deeds:
            line = self._spots.tell(deed, who)
            if line is not None and deed in GO_ON:
                self._last = _Move((who,), line)
            return line is not None
        return self._do(deed, who)

    def _do(self, deed: str, who: Noun) -> bool:
        if deed in ACTS:
            return ACTS[deed](self._teller, who)
        return self._go(who) if deed == "go" else self._go_together(who)

    def _go(self, who: Noun) -> bool:
        teller = self._teller
        place = self._goals.pop(who, None)
        self._last = _Move((who,), teller.go(who, to=place))
        if place is not None:
            ask_meanwhile(teller, "why_go", who, place)
        return True

    def _go_together(self, who: Noun) -> bool:
        teller = self._teller
        others = [one for one in teller.people if one is not who and one not in self._goals]
        if not others:
            return False
        if teller.knows("move_with") and teller.chance(_WITH):
            return self._go_with(who, teller.pick(others))
        people = (who, *teller.rng.sample(others, 1 + (len(others) > 2 and teller.chance(0.2))))
        self._last = _Move(people, teller.go(*people))
        return True

    def _go_with(self, who: Noun, whom: Noun) -> bool:
        """Somebody goes somewhere with another."""
        teller = self._teller
        place = teller.elsewhere(who, teller.now(whom).place)
        line = teller.say("move_with", who, whom, place)
        for one in (who, whom):
            teller.do(line, People.move, one, place)
        self._last = _Move((who, whom), line)
        return True

    # what is asked

    def ask(self) -> None:
        """One question, of any kind, about anybody and anything, if one is found."""
        teller = self._teller
        wanted = teller.level.facts or teller.level.distance
        unknown = not wanted and teller.chance(_UNKNOWN)
        for _ in range(60):
            meaning, *parts = self._question()
            found = answer(teller.state, meaning, *parts)
            if found is None:
                if unknown and teller.ask_unknown(meaning, *parts):
                    return
            elif not unknown and teller.ask_least(meaning, *parts):
                return

    def _question(self) -> Question:
        teller = self._teller
        who, whom = teller.rng.sample(teller.people, 2)
        at_spots = self._spots.lying()
        others = [thing for thing in teller.things if thing not in at_spots]
        if at_spots and (not others or teller.chance(0.5)):
            return self._spots.question(who, teller.pick(at_spots))
        thing, place = teller.pick(others), teller.pick(teller.places)
        what = who if teller.chance(0.5) else thing
        if teller.chance(0.4):  # a place that leads to yes
            place = teller.state.people.where(what).stay.place
        about: list[Question] = [
            ("where", who),
            ("where", thing),
            ("where_before", what, place),
            ("is_at", what, place),
            ("where_after", what, place),
            ("where_first", what),
            ("where_while", whom, who, thing),
            ("did_go", who, place),
            ("with", who, whom),
            ("has", who, thing),
            ("holder", thing),
            ("who_at", place),
            ("who_at" if at_spots else "what_at", place),
            ("count_at", place),
            ("carrying", who),
            ("how_many", who),
            ("what_taken", who),
            ("who_took", thing),
            ("what_dropped", who),
            ("who_dropped", thing),
            ("where_dropped", who, thing),
            ("what_given", who, whom),
            ("giver", thing),
            ("giver_to", thing, whom),
            ("receiver", thing),
            ("receiver_of", who, thing),
        ]
        if teller.knows("company"):
            about += [
                ("where_was", what),
                ("company", who),
                ("went_with", who, place),
                *(("other", what),) * 8,
            ]
        if any(one in (who, whom) for _, one in teller.state.amounts):
            about = [one for one in about if one[0] not in _OF_ALL_THINGS]
        if self._deeds is _HANDLING and teller.chance(0.5):
            return teller.pick(about[:4])
        if self._questions and teller.chance(_IN_FOCUS if self._focused else 0.5):
            return teller.pick(self._questions)()
        return teller.pick(about)


_OF_ALL_THINGS = frozenset(
    ("carrying", "how_many", "what_taken", "what_dropped", "what_given", "has")
)
"""What may be about so many of a kind too, where somebody has or gets some."""

_DEEDS = (
    *("go",) * 6,
    *("go_together",) * 2,
    *("be", "be_away", "leave", "be_either"),
    *("take",) * 5,
    *("drop",) * 2,
    "drop_at",
    *("give",) * 4,
    *("carry",) * 2,
    "lie",
)
"""What people do, as often as it stands here."""

_HANDLING = (
    *("go",) * 4,
    *("go_together", "be", "be_away", "leave", "be_either"),
    *("take",) * 9,
    *("drop",) * 7,
    *("give",) * 4,
    *("drop_at", "carry", "lie"),
)
"""The same where things change hands: somebody is where the thing was that they took."""

MIXTURE = Kind(name="mixture", title="All kinds of fact together", tell=tell_mixture)
