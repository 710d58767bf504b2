"""What each sentence has told of people and things, so that some can be told again alone."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from relmem_cli.world import nouns
from relmem_cli.world.answers import answer
from relmem_cli.world.nouns import Noun
from relmem_cli.world.people import Lines
from relmem_cli.world.state import State

NOWHERE = nouns.plain("nowhere")
"""Where everybody and everything is that no sentence tells of."""


class Deed(NamedTuple):
    """What happens in a sentence: a method of People, with whom and what it is about."""

    method: Callable[..., None]
    arguments: tuple[Any, ...]


class Record:
    """The sentences of one story by number.

    needs     those without which one is not understood, as with a pronoun
    subjects  whom each is about
    deeds     what happens in it
    """

    def __init__(self) -> None:
        self.needs: dict[int, Lines] = {}
        self.subjects: dict[int, tuple[Noun, ...]] = {}
        self.deeds: dict[int, list[Deed]] = {}

    def understood(self, lines: Iterable[int]) -> Lines:
        """The sentences, each after those that say whom it means."""
        return tuple(
            dict.fromkeys(
                line for needed in lines for line in (*self.needs.get(needed, ()), needed)
            )
        )

    def least(
        self, state: State, lines: Iterable[int], meaning: str, parts: Sequence[Noun], text: str
    ) -> Lines:
        """Of sentences from which an answer follows, as few as it still follows from."""
        left = sorted(self.understood(lines))
        found = self._told_alone(state, left, meaning, parts)
        if found is not None and found != text:
            left = sorted(self.deeds)
        place = 0
        while place < len(left):
            rest = left[:place] + left[place + 1 :]
            if rest and self._told_alone(state, rest, meaning, parts) == text:
                left, place = rest, 0
            else:
                place += 1
        return tuple(left)

    def _told_alone(
        self, state: State, lines: Sequence[int], meaning: str, parts: Sequence[Noun]
    ) -> str | None:
        """The answer after these sentences alone; None too where one tells not of people."""
        if not all(line in self.deeds for line in lines):
            return None
        alone = State()
        alone.times = state.times
        for who in state.people.stays:
            alone.people.place_person(who, NOWHERE)
        for thing in state.people.things:
            alone.people.place_thing(thing, NOWHERE)
        before: tuple[Noun, ...] = ()
        for line in lines:
            alone.people.named[line] = state.people.named[line]
            if line in self.needs and self.subjects[line] != before:
                self._misread(alone, line, before)
                continue
            if self.subjects[line][0] in alone.people.stays:
                before = self.subjects[line]
            for deed in self.deeds[line]:
                deed.method(alone.people, *deed.arguments, line)
        found = answer(alone, meaning, *parts)
        return found and found.text

    def _misread(self, alone: State, line: int, before: tuple[Noun, ...]) -> None:
        """A pronoun whose sentence is left out seems to mean the last subject, if as many."""
        method, (_, place) = self.deeds[line][0]
        if before and (len(before) > 1) is (len(self.subjects[line]) > 1):
            for who in before:
                method(alone.people, who, place, line)
