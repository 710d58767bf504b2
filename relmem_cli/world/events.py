"""What people and animals do otherwise: "Ann painted the fence in the park on Monday"."""

from functools import partial

from relmem_cli.world import nouns
from relmem_cli.world.nouns import Noun, Verb
from relmem_cli.world.other_facts import FactGroup, Question
from relmem_cli.world.people import People
from relmem_cli.world.state import Event
from relmem_cli.world.teller import Teller
from relmem_cli.world.traits import Trait

_MOST = 6
_OTHERS = 2
"""People who do nothing else in the story."""

_NEW = 0.3
"""How often what is bought or found is a thing of the story that nobody has touched yet."""

_ALIKE = 0.3
"""How often somebody does what another did too, to something else."""

_NOT = 0.12
_WHERE = 0.25
_WHEN = 0.12
_WHY = 0.15
_FEELING = 0.4
"""How many of the reasons are how somebody feels; the others are things."""

_TIMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "yesterday")


def events(teller: Teller) -> FactGroup:
    """Some things done, each once: by whom, to what or whom, and maybe where, when and why."""
    told = _Events(teller)
    return FactGroup([partial(told.tell)] * teller.rng.randint(2, _MOST), told.question)


class _Events:
    def __init__(self, teller: Teller) -> None:
        self._teller = teller
        self._told = teller.state.events
        self._verbs: list[Verb] = [
            one for one in teller.draw("verb", 2 * _MOST) if isinstance(one, Verb)
        ]
        names = {who.np for who in teller.people}
        drawn = teller.draw("person", teller.most("person", len(names) + _OTHERS))
        others = [one for one in drawn if one.np not in (*names, "I")][:_OTHERS]
        for one in others:
            teller.state.people.place_person(one, teller.pick(teller.places))
        animals, relatives = teller.draw("animal", 2), teller.draw("relative", 2)
        relatives = [nouns.relative(one, teller.pick(others)) for one in relatives if others]
        self._people = [*teller.people, *others]
        self._who = [*teller.people, *others, *others, *animals, *relatives]
        self._things = self._other_things()

    def _other_things(self) -> list[Noun]:
        """What is done to: nothing that the story tells the place or the holder of."""
        teller = self._teller
        names = {thing.name for thing in teller.things}
        drawn = teller.draw("thing", teller.most("thing", len(names) + _MOST))
        things = [thing for thing in drawn if thing.name not in names]
        return [*things, *teller.draw("container", 2), *teller.draw("shape", 1)]

    def tell(self) -> None:
        """Somebody does something to a thing or to somebody."""
        teller = self._teller
        who, verb = teller.pick(self._who), self._verb()
        what = self._what(who, verb)
        past = [(one.who, one.verb) for one in self._told]
        if what is None or (who, verb) in past or (verb, what) in self._done():
            return
        event = Event(who, verb, what, teller.told)
        here = teller.now(who).place if who in self._people else teller.pick(teller.places)
        chosen = teller.rng.random()
        if verb.gets and who in self._people and what in teller.things:
            teller.do(teller.say("did", who, verb, what), People.get, who, what)
        elif chosen < _NOT:
            event = event._replace(happened=False)
            teller.say("did_not", who, verb, what)
        elif (chosen := chosen - _NOT) < _WHERE:
            event = event._replace(where=here)
            line = teller.say("did_at", who, verb, what, here)
            if who in self._people:
                teller.do(line, People.be_at, who, here)
        elif (chosen := chosen - _WHERE) < _WHEN:
            time = nouns.plain(teller.pick(_TIMES))
            event = event._replace(when=time)
            teller.say("did_when", who, verb, what, _on(time))
        elif chosen - _WHEN < _WHY:
            feels = teller.chance(_FEELING)
            why = teller.pick(teller.motives()).feeling if feels else self._other(what)
            event = event._replace(why=why)
            teller.say("did_feeling" if feels else "did_why", who, verb, what, why)
        else:
            teller.say("did", who, verb, what)
        self._told.append(event._replace(line=teller.told - 1))

    def question(self) -> Question:
        """About one of them, or about what was not told."""
        teller = self._teller
        if not self._told:
            return "who_did", teller.pick(self._verbs), teller.pick(self._things)
        event = teller.pick(self._told)
        who, verb, what = event.who, event.verb, event.what
        if teller.chance(0.15):
            who = teller.pick(self._who)
        about: list[Question] = [
            *(("who_did", verb, what),) * 4,
            *(("whom_did" if what in self._who else "what_did", who, verb),) * 4,
            ("did_it", who, verb, what),
            *(("where_did", who, verb, what),) * (4 if event.where else 1),
            *(("when_did", who, verb, what),) * (4 if event.when else 1),
            *(("why_did", who, verb, what),) * (4 if event.why else 1),
        ]
        if who in self._people:
            about.append(("where", who))
            if what in teller.things:
                about += [("holder", what), ("has", who, what), ("carrying", who)] * 2
        return teller.pick(about)

    def _verb(self) -> Verb:
        """One that may have been told of somebody else."""
        told = [verb for verb in self._verbs if any(one.verb is verb for one in self._told)]
        return self._teller.pick(told if told and self._teller.chance(_ALIKE) else self._verbs)

    def _what(self, who: Noun, verb: Verb) -> Noun | None:
        """What or whom it may be done to."""
        teller = self._teller
        if verb.whom:
            return teller.pick([one for one in self._who if one is not who])
        untold = teller.untold()
        if verb.gets and who in self._people and untold and teller.chance(_NEW):
            return teller.pick(untold)
        return teller.pick(self._things)

    def _done(self) -> list[tuple[Noun, Noun]]:
        return [(one.verb, one.what) for one in self._told]

    def _other(self, what: Noun) -> Noun:
        """Another thing."""
        return self._teller.pick([thing for thing in self._things if thing is not what])


def _on(time: Noun) -> Noun:
    """As it is said: "on Monday"."""
    return time if time.name.islower() else nouns.plain(f"on {time.name}")


def names(teller: Teller) -> FactGroup:
    """What people's animals are called."""
    owners = teller.rng.sample(teller.people, 2)
    kinds, pets = teller.draw("animal", 2), teller.draw("pet", 2)

    def tell(owner: Noun, kind: Noun, pet: Noun) -> None:
        line = teller.say("called", owner, kind, pet)
        teller.state.called[owner, kind] = Trait(pet, line)
        teller.state.traits.kind[pet] = Trait(kind, line)

    def question() -> Question:
        place = teller.rng.randrange(2)
        owner, kind, pet = owners[place], kinds[place], pets[place]
        about: list[Question] = [
            *(("what_called", owner, kind),) * 3,
            ("whose", kind, pet),
            ("what_kind", pet),
        ]
        return teller.pick(about)

    facts = zip(owners, kinds, pets, strict=True)
    return FactGroup([partial(tell, *fact) for fact in facts], question)
