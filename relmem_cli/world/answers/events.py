"""Who did what to what or whom, where, when and why; who is called what."""

from relmem_cli.world.answers.given import TrueAnswer, asks, yes
from relmem_cli.world.nouns import Noun
from relmem_cli.world.state import Event, State


@asks("who_did")
def _who_did(state: State, verb: Noun, what: Noun) -> TrueAnswer | None:
    found = (one for one in state.events if one.verb is verb and one.what is what)
    return _told("who", next((one for one in found if one.happened), None))


@asks("what_did", "whom_did")
def _what_did(state: State, who: Noun, verb: Noun) -> TrueAnswer | None:
    found = (one for one in state.events if one.who is who and one.verb is verb)
    return _told("what", next((one for one in found if one.happened), None))


@asks("did_it")
def _did_it(state: State, who: Noun, verb: Noun, what: Noun) -> TrueAnswer | None:
    found = _event(state, who, verb, what)
    return found and yes(found.happened, (found.line,))


@asks("where_did")
def _where_did(state: State, who: Noun, verb: Noun, what: Noun) -> TrueAnswer | None:
    return _told("where", _event(state, who, verb, what))


@asks("when_did")
def _when_did(state: State, who: Noun, verb: Noun, what: Noun) -> TrueAnswer | None:
    return _told("when", _event(state, who, verb, what))


@asks("why_did")
def _why_did(state: State, who: Noun, verb: Noun, what: Noun) -> TrueAnswer | None:
    return _told("why", _event(state, who, verb, what))


def _event(state: State, who: Noun, verb: Noun, what: Noun) -> Event | None:
    about = (who, verb, what)
    return next((one for one in state.events if (one.who, one.verb, one.what) == about), None)


def _told(part: str, event: Event | None) -> TrueAnswer | None:
    """What an event's sentence tells of it."""
    found: Noun | None = getattr(event, part, None)
    return TrueAnswer(found.name, (event.line,)) if event and found else None


@asks("what_called")
def _called(state: State, owner: Noun, kind: Noun) -> TrueAnswer | None:
    """What somebody's animal is called."""
    found = state.called.get((owner, kind))
    return TrueAnswer(found.what.name, (found.line,)) if found else None


@asks("whose")
def _whose(state: State, kind: Noun, name: Noun) -> TrueAnswer | None:
    """Whose an animal with a name is."""
    for (owner, its), found in state.called.items():
        if its is kind and found.what is name:
            return TrueAnswer(owner.name, (found.line,))
    return None
