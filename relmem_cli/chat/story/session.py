"""A conversation as a state machine: what was said, and the model's state after each of it.

What the model remembers follows from the story alone: whatever is undone, done again, edited or
loaded, the states are those of reading the story from its beginning.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

from relmem_cli.chat.story.answers import CannotReadError
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.model_input import Loaded
from relmem_cli.chat.story.turns import (
    Change,
    Reason,
    SessionTurn,
    Why,
    answered_otherwise,
    change_between,
    sentences_of,
)
from relmem_cli.errors import RelmemError


@dataclass(frozen=True, slots=True)
class _Step:
    """The way to another story: keep so many turns of this one, then say `rest`."""

    keep: int
    rest: tuple[Utterance, ...]


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What comes after the place that is looked at: after so many turns, these."""

    place: int
    turns: list[SessionTurn]


class Session:
    """A story being told to a model. What cannot be done leaves everything as it was.

    `among` are the answers that further questions are restricted to; none for any.

    A change of the story is a sentence as it was typed, an edit, a clearing or a loading; `undo`
    and `redo` go from change to change. Questions change nothing: they leave with what they were
    asked after.
    """

    def __init__(self, reader: Loaded) -> None:
        self.reader = reader
        self._turns: list[SessionTurn] = []
        self.asked: Utterance | None = None
        self.among: tuple[str, ...] = ()
        self._past: list[_Step] = []
        self._future: list[_Step] = []
        self._ahead: _Ahead | None = None

    def copy(self) -> "Session":
        """The same conversation, to go on with apart; nothing is read again."""
        other = Session(self.reader)
        other._turns, other.asked, other.among = [*self._turns], self.asked, self.among
        other._past, other._future = [*self._past], [*self._future]
        return other

    @property
    def turns(self) -> Sequence[SessionTurn]:
        """All that was said up to the place that is looked at; it grows with the story."""
        return self._turns

    @property
    def whole(self) -> Sequence[SessionTurn]:
        """All that was said, without what was asked at an earlier place."""
        ahead = self._ahead
        return [*self._turns[: ahead.place], *ahead.turns] if ahead else self._turns

    @property
    def left_out(self) -> int:
        """How many sentences come after the place that is looked at."""
        return len(sentences_of(turn.said for turn in self._ahead.turns)) if self._ahead else 0

    @property
    def state(self) -> Any:
        """The model's state now."""
        return self._state_after(len(self._turns))

    def _state_after(self, turns: int) -> Any:
        """The model's state after so many turns."""
        return self._turns[turns - 1].state if turns else self.reader.begin()

    @property
    def sentences(self) -> tuple[Utterance, ...]:
        """The story so far."""
        return sentences_of(turn.said for turn in self.turns)

    def say(self, said: Utterance) -> SessionTurn:
        """Tell a sentence or ask a question; raises what `hear` raises."""
        return next(self.hear([said]))

    def hear(self, line: Sequence[Utterance]) -> Iterator[SessionTurn]:
        """Tell and ask what a line says, each as it is asked for: all of it, or nothing.

        Line 1 of a bAbI story begins a new story. Raises CannotReadError before anything is read
        where there are words that the model does not know, or too many of them.
        """
        line = [
            replace(said, among=self.among) if said.kind is UtteranceKind.question else said
            for said in line
        ]
        if any(said.begins_story or said.kind is UtteranceKind.sentence for said in line):
            self._check_at_end()
        for said in line:
            self.reader.check(said)
        for said in line:
            yield self._say(said)

    def _say(self, said: Utterance) -> SessionTurn:
        """The turn of what was checked."""
        keep = 0 if said.begins_story else len(self.turns)
        changes = said.kind is UtteranceKind.sentence or keep < len(self.turns)
        way_back = self._go(_Step(keep, (said,)), checked=True)
        if changes and not (said.goes_on and self._past):
            self._past.append(way_back)
            self._future.clear()
        if said.begins_story:
            self.asked, self.among = None, ()
        self._remember_asked([said])
        return self.turns[-1]

    def new_names(self) -> dict[str, str]:
        """The names that the last turn brought which are read as others, each as which."""
        if not self.turns:
            return {}
        if answer := self.turns[-1].answer:
            return dict(answer.read_as)
        before = self._state_after(len(self._turns) - 1)
        return self.reader.new_names(before, self._turns[-1].state)

    def ask_again(self) -> SessionTurn:
        """Ask the last question of this story once more, whatever became of it since.

        Raises RelmemError where nothing was asked.
        """
        in_story = (turn.said for turn in reversed(self._turns) if turn.answer is not None)
        asked = self.asked or next(in_story, None)
        if asked is None:
            raise RelmemError("nothing has been asked yet: ask a question first.")
        return self.say(replace(asked, begins_story=False, truth=""))

    def edit(self, number: int, *said: Utterance) -> Change:
        """Put what a sentence tells in the place of a sentence, from 1; all after it is read again.

        Raises RelmemError where there is no such sentence, and CannotReadError as `say` does.
        """
        places = [
            i for i, turn in enumerate(self.turns) if turn.said.kind is UtteranceKind.sentence
        ]
        self._check_at_end()
        if not 1 <= number <= len(places):
            raise RelmemError(no_such_sentence(number, len(places)))
        if any(one.kind is not UtteranceKind.sentence for one in said):
            raise RelmemError("a sentence can only become a sentence, and this is a question.")
        for one in said:
            self.reader.check(one)
        keep, before = places[number - 1], list(self._turns)
        self._change(keep, [*said, *(turn.said for turn in before[keep + 1 :])])
        answers = answered_otherwise(before, self.turns) if len(said) == 1 else ()
        return Change(gone=(before[keep].said,), came=said, answers=answers)

    def clear(self) -> None:
        """Begin a new story."""
        self.load(())

    def load(self, story: Sequence[Utterance]) -> tuple[Utterance, ...]:
        """Begin another story and ask its questions; returns what the model cannot read of it."""
        if story or self.turns:
            self._change(0, story)
        self.asked, self.among = None, ()
        self._remember_asked(story)
        return self._unread()

    def undo(self, count: int = 1) -> Change:
        """Take back the last changes; raises RelmemError where there are not so many."""
        return self._travel(self._past, self._future, count, "undo")

    def redo(self, count: int = 1) -> Change:
        """Do again what was taken back last; raises RelmemError where there is not so much."""
        return self._travel(self._future, self._past, count, "redo")

    def switch(self, reader: Loaded) -> tuple[Utterance, ...]:
        """Replay the story into another model; returns what it cannot read.

        That stays in the story, unread, for a model that can.
        """
        ahead = self._ahead
        told = [*self._turns, *(ahead.turns if ahead else ())]
        turns = _replay(reader, reader.begin(), (turn.said for turn in told))
        if ahead:
            self._ahead = _Ahead(ahead.place, turns[len(self._turns) :])
        self.reader, self._turns = reader, turns[: len(self._turns)]
        return self._unread()

    def look_at(self, number: int) -> None:
        """Go to the story as it was after a sentence, from 1: to ask there, not to change it.

        Raises RelmemError where there is no such sentence.
        """
        whole = list(self.whole)
        places = [i for i, turn in enumerate(whole) if turn.said.kind is UtteranceKind.sentence]
        if not 1 <= number <= len(places):
            raise RelmemError(no_such_sentence(number, len(places)))
        place = places[number - 1] + 1
        self._turns, ahead = whole[:place], whole[place:]
        self._ahead = _Ahead(place, ahead) if number < len(places) else None
        if self._ahead is None:
            self._turns += ahead

    def come_back(self) -> None:
        """Go to the end of the story; what was asked at an earlier place is not part of it."""
        self._turns, self._ahead = list(self.whole), None

    def fork(self) -> "Session":
        """A copy to go on in; from an earlier place it goes on there, and undo brings the rest."""
        other = copy(self)
        other.own_what_is_shared()
        return other

    def own_what_is_shared(self) -> None:
        """Go on without changing the session that this is a copy of."""
        ahead = self._ahead
        self._turns, self._ahead = list(self.whole), None
        self._past, self._future = list(self._past), list(self._future)
        if ahead:
            self._change(ahead.place, ())

    def _check_at_end(self) -> None:
        """Raise CannotReadError where an earlier place is looked at."""
        if self._ahead:
            raise CannotReadError(
                f"this is the story after sentence {len(self.sentences)}: /goto end comes back, "
                "/fork NAME goes on from here."
            )

    def why(self) -> Why:
        """What the latest answer was read from.

        Raises RelmemError where nothing was asked, or the model cannot be looked into.
        """
        for index in reversed(range(len(self.turns))):
            if self.turns[index].answer is not None:
                return self.why_of(index)
        raise RelmemError("nothing has been asked yet: ask a question first.")

    def why_of(self, place: int) -> Why:
        """The same for the turn at a place, from 0. Raises RelmemError likewise."""
        asked = self.turns[place]
        if asked.answer is None:
            raise RelmemError("this was not answered.")
        read = sentences_of(turn.said for turn in self.turns[:place] if turn.read)
        words = self.reader.weights(read, asked.said, asked.answer.answer)
        reasons = map(_reason, read, sentence_shares(words), words)
        return Why(question=asked.said, answer=asked.answer, reasons=tuple(reasons))

    def _remember_asked(self, said: Iterable[Utterance]) -> None:
        for one in said:
            if one.kind is UtteranceKind.question:
                self.asked = one

    def _change(self, keep: int, rest: Sequence[Utterance]) -> None:
        """A change of the story, after which nothing that was taken back can be done again."""
        self._check_at_end()
        self._past.append(self._go(_Step(keep, tuple(rest))))
        self._future.clear()

    def _go(self, step: _Step, *, checked: bool = False) -> _Step:
        """Take a step; returns the way back. A model that raises leaves everything as it was."""
        back = _Step(step.keep, tuple(turn.said for turn in self._turns[step.keep :]))
        new = _replay(self.reader, self._state_after(step.keep), step.rest, checked=checked)
        self._turns[step.keep :] = new
        return back

    def _travel(self, way: list[_Step], back: list[_Step], count: int, name: str) -> Change:
        self._check_at_end()
        if not way:
            raise RelmemError(f"there is nothing to {name}.")
        if not 1 <= count <= len(way):
            steps = "is 1 step" if len(way) == 1 else f"are {len(way):,} steps"
            raise RelmemError(f"there {steps} to {name}, not {count:,}.")
        before = list(self._turns)
        for _ in range(count):
            back.append(self._go(way[-1]))
            way.pop()
        return change_between(before, self.turns)

    def _unread(self) -> tuple[Utterance, ...]:
        return tuple(turn.said for turn in self.whole if not turn.read)


def _reason(said: Utterance, share: float, words: tuple[float, ...]) -> Reason:
    return Reason(said=said, share=share, words=words)


def no_such_sentence(number: int, count: int) -> str:
    """What is wrong with a sentence's number in a story of `count` sentences."""
    if not count:
        return f"the story is empty: there is no sentence {number}."
    return f"there is no sentence {number}; the last one is {count}."


def _replay(
    reader: Loaded, state: Any, story: Iterable[Utterance], *, checked: bool = False
) -> list[SessionTurn]:
    """The turns of a story after a state; what cannot be read is marked so.

    checked  whether it is known that all of it can
    """
    turns = []
    for said in story:
        if checked or reader.can_read(said):
            turns.append(_turn(reader, state, said))
        else:
            turns.append(SessionTurn(said=said, state=state, read=False))
        state = turns[-1].state
    return turns


def _turn(reader: Loaded, state: Any, said: Utterance) -> SessionTurn:
    if said.kind is UtteranceKind.sentence:
        return SessionTurn(said=said, state=reader.read(state, said))
    return SessionTurn(said=said, state=state, answer=reader.answer(state, said))


def sentence_shares(words: Sequence[Sequence[float]]) -> list[float]:
    """Each sentence's share in an answer, from the weights of its words, which are at least 0.

    The shares sum to 1, or are all 0 where no word weighs anything.
    """
    weights = [sum(sentence) for sentence in words]
    total = sum(weights)
    if not total or not math.isfinite(total):
        return [0.0 for _ in weights]
    return [weight / total for weight in weights]
