"""Tells a story: what happens goes into the state, into sentences, and is asked about."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple, TypeVar

from relmem_cli.world import nouns
from relmem_cli.world.answers import UNKNOWN, TrueAnswer, answer
from relmem_cli.world.inflection import plural
from relmem_cli.world.layout import STEPS
from relmem_cli.world.lexicon import Lexicon, Motive
from relmem_cli.world.nouns import Noun
from relmem_cli.world.people import People, Stay
from relmem_cli.world.phrases import Style, contracted, phrased
from relmem_cli.world.state import State
from relmem_cli.world.told_facts import Deed, Record
from relmem_cli.world.traits import Trait

T = TypeVar("T")


class Said(NamedTuple):
    """What is said or asked: a meaning and its nouns, such as move, Mary and the kitchen."""

    meaning: str
    parts: tuple[Noun, ...]


class Line(NamedTuple):
    """A sentence; or a question with its answer and the numbers of the sentences it needs.

    said  what it says: one thing, or two
    """

    text: str
    answer: str | None = None
    supports: tuple[int, ...] = ()
    said: tuple[Said, ...] = ()

    @property
    def facts(self) -> str:
        """What it says, to be read: move(Mary, kitchen)."""
        return ", ".join(
            f"{one.meaning}({', '.join(noun.name for noun in one.parts)})" for one in self.said
        )


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Whose words a story has and how it says things."""

    lexicon: Lexicon
    style: Style


@dataclass(frozen=True, kw_only=True)
class Level:
    """How hard a story of the mixture is; 0 for some of everything.

    sentences    how many there are; then all questions come at the end
    people       how many there are
    facts        how many sentences an answer needs
    distance     how many sentences come after the latest of them, at least
    distractors  how many of the six other kinds of fact are told beside people and things
    again        percent of sentences that tell again where somebody is
    """

    sentences: int = 0
    people: int = 0
    facts: int = 0
    distance: int = 0
    distractors: int = 0
    again: int = 0


_NOW = re.compile(r"\b(is|am|are|has|have)\b|'(s|m|re|ve) |can find")
"""What is only in sentences that tell how things are now."""

_DONE = frozenset(("move", "take", "drop", "drop_at", "give", "carry", "leave"))
"""What may have been done for lunch, or again."""


class Teller:
    """One story in the making.

    people, places, things  who and what is in it
    lines                   what has been told and asked
    told                    how many sentences
    """

    def __init__(self, kind: str, voice: Voice, rng: Random, level: Level = Level()) -> None:
        self.rng = rng
        self.level = level
        self.state = State()
        self.lines: list[Line] = []
        self.people: list[Noun] = []
        self.places: list[Noun] = []
        self.things: list[Noun] = []
        self._kind = kind
        self._voice = voice
        self.told = 0
        self._joining = False
        self._record = Record()

    # who and what there is

    def draw(self, role: str, count: int) -> list[Noun]:
        """So many different nouns of a role; people may include who tells the story."""
        drawn = self._voice.lexicon.draw(role, self._kind, count, self.rng)
        if role == "person" and self._often("narrator"):
            drawn[0] = nouns.narrator()
        return drawn

    def knows(self, meaning: str) -> bool:
        """Whether the style can say or ask it."""
        return meaning in self._voice.style.ways

    def spots(self, count: int) -> list[Noun]:
        """So many spots where things are put; none where words or style have none."""
        role = "spot"
        if not self.knows("put") or role not in self._voice.lexicon.roles:
            return []
        return self.draw(role, count)

    def kinds_of_things(self, count: int) -> list[Noun]:
        """So many kinds by their plural, of which the story has no single thing."""
        names = {thing.name for thing in self.things}
        drawn = self.draw("thing", self.most("thing", len(names) + count))
        others = [thing.name for thing in drawn if thing.name not in names]
        return [nouns.several(plural(name), one=name) for name in others[:count]]

    def containers(self, count: int) -> list[Noun]:
        """So many, the smallest first."""
        return self._voice.lexicon.by_size(self.draw("container", count))

    def _often(self, what: str) -> bool:
        """Whether something is so this time that a style has so often."""
        often = self._voice.style.often.get(what, 0)
        return bool(often) and self.chance(often)

    def most(self, role: str, wanted: int) -> int:
        """So many of a role, or as many as there are."""
        return min(wanted, len(self._voice.lexicon.of(role, self._kind)))

    def gather(self, people: int, places: int, things: int = 0) -> None:
        """Put people and things somewhere, untold."""
        self.people = self.draw("person", people)
        self.places = self.draw("place", places)
        self.things = [
            self._owned(thing) for thing in (self.draw("thing", things) if things else ())
        ]
        for who in self.people:
            self.state.people.place_person(who, self.pick(self.places))
        for thing in self.things:
            self.state.people.place_thing(thing, self.pick(self.places))

    def _owned(self, thing: Noun) -> Noun:
        """The thing, which may be somebody's: Tom's bike."""
        if not self._often("owned") or not thing.np.startswith("the "):
            return thing
        (owner,) = self._voice.lexicon.draw("person", self._kind, 1, self.rng)
        names = {who.np for who in self.people}
        return thing if owner.np in names else nouns.thing(thing.name, article=f"{owner.np}'s ")

    def pick(self, some: Sequence[T]) -> T:
        """One of them, each as likely."""
        return some[int(self.rng.random() * len(some))]

    def chance(self, part: float) -> bool:
        """True for so many of all times."""
        return self.rng.random() < part

    def motives(self) -> Sequence[Motive]:
        """All there are."""
        return self._voice.lexicon.motives

    def times(self) -> Sequence[Noun]:
        """Words for the times of this story, in order."""
        self.state.times = self.pick(self._voice.style.times)
        return [nouns.plain(time) for time in self.state.times]

    def directions(self) -> Sequence[Noun]:
        """North, east, south, west."""
        return [nouns.plain(name) for name in STEPS]

    # telling and asking

    def say(
        self,
        meaning: str,
        *parts: Noun,
        before: str = "",
        after: str = "",
        needs: Iterable[int] = (),
        now: bool = False,
    ) -> int:
        """Tell something; returns the sentence's number.

        `before` and `after` are words at its ends, `now` whether they go with how things are;
        `needs` sentences without which it is not understood, as with a pronoun.
        """
        style = self._voice.style
        if meaning not in style.ways:
            meaning = meaning.removesuffix("_there")
        joining, self._joining = self._joining, False
        past = bool(before or after or joining) and not now
        text = phrased(style, meaning, parts, self.rng, past=past, subject_first=joining)
        said: tuple[Said, ...] = (Said(meaning, parts),)
        if joining:
            said = (*self.lines[-1].said, *said)
            text = f"{self.lines.pop().text[:-1]} and{text[len(parts[0].np) :]}"
            self.told -= 1
        elif before:
            text = text if text.startswith(parts[0].np) else text[0].lower() + text[1:]
            text = f"{before[0].upper()}{before[1:]} {text}"
        elif after:
            text = f"{text[:-1]} {after}."
        elif meaning in _DONE and self._often("tail") and not _NOW.search(text):
            text = f"{text[:-1]} {self.pick(style.tails)}.".replace(" ,", ",")
        number = self.told
        self.told = number + 1
        text = contracted(text) if self._often("contracted") else text
        self.lines.append(Line(text, said=said))
        if needs:
            self._record.needs[number] = tuple(needs)
        if not joining:
            self._record.subjects[number] = parts[0].members or parts[:1]
            self.state.people.named[number] = self._record.subjects[number]
        self.state.people.named[number] += parts[1:]
        return number

    def aside(self, who: Noun) -> bool:
        """Tell, as often as the style does, what has nothing to do with any question."""
        if not self._often("aside"):
            return False
        self.say("aside", who)
        return True

    def join(self) -> bool:
        """The next sentence, with the same subject, becomes a part of the last one.

        False where that tells how things are now, and nothing that happened can follow.
        """
        self._joining = not _NOW.search(self.lines[-1].text)
        return self._joining

    def unjoin(self) -> None:
        """It does not."""
        self._joining = False

    def then(self) -> str:
        """Words that begin a sentence which goes on from the one before."""
        return self.pick(self._voice.style.then)

    def ask(self, meaning: str, *parts: Noun, supports: Iterable[int] | None = None) -> bool:
        """Ask, if the story decides the answer; `supports` instead of those that suffice."""
        found = answer(self.state, meaning, *parts)
        if found is None:
            return False
        lines = self._record.understood(found.lines if supports is None else supports)
        self._ask(meaning, parts, TrueAnswer(found.text, lines))
        return True

    def ask_unknown(self, meaning: str, *parts: Noun) -> bool:
        """Ask, if the story does not decide the answer."""
        if answer(self.state, meaning, *parts) is not None:
            return False
        self._ask(meaning, parts, TrueAnswer(UNKNOWN, ()))
        return True

    def _ask(self, meaning: str, parts: Sequence[Noun], found: TrueAnswer) -> None:
        text = phrased(self._voice.style, meaning, parts, self.rng)
        text = contracted(text) if self._often("contracted") else text
        text = f"{text[:-1]}?" if text.endswith(".") else text  # "Tell me where Mary is?"
        text = text.removesuffix("?") if self._often("unmarked") else text
        self.lines.append(Line(text, found.text, found.lines, (Said(meaning, tuple(parts)),)))

    def ask_least(self, meaning: str, *parts: Noun) -> bool:
        """Ask, as `ask` does, naming no sentence without which the others suffice too.

        Only where the answer needs as many sentences, and as far back, as the level wants.
        """
        found = answer(self.state, meaning, *parts)
        if found is None:
            return False
        lines = self._record.least(self.state, found.lines, meaning, parts, found.text)
        far = self.told - 1 - max(lines)
        if self.level.facts not in (0, len(lines)) or far < self.level.distance:
            return False
        self._ask(meaning, parts, TrueAnswer(found.text, lines))
        return True

    def do(self, line: int, method: Callable[..., None], *arguments: Any) -> None:
        """Something happens to people or things, a method of People, as a sentence tells."""
        method(self.state.people, *arguments, line)
        self._record.deeds.setdefault(line, []).append(Deed(method, arguments))

    # what happens to people and things

    def now(self, who: Noun) -> Stay:
        """Where somebody is."""
        return self.state.people.stays[who][-1]

    def elsewhere(self, who: Noun, *others: Noun) -> Noun:
        """A place where somebody is not, and none of others."""
        away = (self.now(who).place, *others)
        while (there := self.pick(self.places)) in away:
            pass
        return there

    def here(self, who: Noun) -> list[Noun]:
        """The things that lie where somebody is."""
        place, things = self.now(who).place, self.state.people.things
        return [
            thing
            for thing in self.things
            if things[thing].holder is None and things[thing].trail[-1].place is place
        ]

    def untold(self) -> list[Noun]:
        """The things that nobody has touched yet, as far as the story tells."""
        things = self.state.people.things
        return [thing for thing in self.things if things[thing].handled < 0]

    def go(
        self, *people: Noun, to: Noun | None = None, subject: Noun | None = None, **how: Any
    ) -> int:
        """Somebody, or several together, go to a place; `subject` is what to call them."""
        place = to or self.elsewhere(people[0])
        both = "both " if len(people) == 2 and self._often("both") else ""
        named = subject or (people[0] if len(people) == 1 else nouns.group(people, both=both))
        line = self.say("move", named, place, **how)
        for who in people:
            self.do(line, People.move, who, place)
        return line

    def go_again(self, *people: Noun, line: int, to: Noun | None = None) -> int:
        """Those whom a sentence names go on, as he, she or they."""
        subject, needs = self._again(people, line)
        return self.go(*people, to=to, subject=subject, before=self.then(), needs=needs)

    def be_again(self, *people: Noun, line: int, place: Noun) -> int:
        """Those whom a sentence names are at a place, as he, she or they."""
        subject, needs = self._again(people, line)
        line = self.say("at", subject, place, needs=needs)
        for who in people:
            self.do(line, People.be_at, who, place)
        return line

    def _again(self, people: Sequence[Noun], line: int) -> tuple[Noun, tuple[int, ...]]:
        """A pronoun for those whom a sentence names, and the sentences that say whom it means."""
        subject = nouns.pronoun(people[0] if len(people) == 1 else nouns.group(people))
        return subject, () if subject.np == "I" else (line,)

    def go_at(self, who: Noun, time: int, word: str, meaning: str = "move") -> int:
        """Somebody goes (or "at", "was_at") somewhere at a time, maybe told out of order."""
        stays = self.state.people.stays[who]
        beside = {stay.place for stay in stays if stay.told >= 0 and abs(stay.time - time) == 1}
        place = self.pick([place for place in self.places if place not in beside])
        first = self.chance(0.5)
        before, after = (word, "") if first else ("", word)
        line = self.say(meaning, who, place, before=before, after=after, now=meaning == "at")
        self.do(line, People.move_at, who, place, time)
        return line

    def tell_trait(self, meaning: str, one: Noun, other: Noun) -> int:
        """What somebody is (is_a, coloured), or a kind is afraid of (afraid)."""
        line = self.say(meaning, one, other)
        traits = self.state.traits
        told = {"is_a": traits.kind, "coloured": traits.colour, "afraid": traits.fear}
        told[meaning][one] = Trait(other, line)
        return line

    def take(self, who: Noun, thing: Noun, meaning: str = "take") -> int:
        """Somebody takes a thing that lies where they are."""
        line = self.say(meaning, who, thing)
        self.do(line, People.take, who, thing)
        return line

    def drop(self, who: Noun, thing: Noun, meaning: str = "drop") -> int:
        """Somebody drops what they hold."""
        line = self.say(meaning, who, thing)
        self.do(line, People.drop, who, thing)
        return line

    def give(self, who: Noun, thing: Noun, whom: Noun) -> int:
        """Somebody gives what they hold to somebody who is there too."""
        line = self.say("give", who, thing, whom)
        self.do(line, People.give, who, thing, whom)
        return line

    def act(self, acts: Mapping[str, float], take_there: float, drop_there: float) -> None:
        """Somebody does something that they can: an act by its weight, another where they can't."""
        while True:
            who = self.pick(self.people)
            (act,) = self.rng.choices(tuple(acts), tuple(acts.values()))
            held = list(self.state.people.held[who])
            if act == "go":
                self.go(who)
            elif act == "take" and (there := self.here(who)):
                self.take(who, self.pick(there), self.there(who, "take", take_there))
            elif act == "drop" and held:
                self.drop(who, self.pick(held), self.there(who, "drop", drop_there))
            elif act == "give" and held and (near := self.near(who)):
                self.give(who, self.pick(held), self.pick(near))
            else:
                continue
            return

    def near(self, who: Noun) -> list[Noun]:
        """The others where somebody is."""
        place = self.now(who).place
        return [one for one in self.people if one is not who and self.now(one).place is place]

    def there(self, who: Noun, meaning: str, part: float) -> str:
        """What to say: with "there" in so many cases; in bAbI also where no place was told."""
        if not self.chance(part):
            return meaning
        told = self.state.people.known(self.now(who)).place is not None
        return f"{meaning}_there" if told or self._voice.style.name == "babi" else meaning
