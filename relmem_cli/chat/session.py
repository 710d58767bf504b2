"""A conversation as a state machine: what was said, and the model's state after each of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relmem_cli.chat.answers import Answer, CannotReadError
from relmem_cli.chat.lines import Kind, Utterance
from relmem_cli.errors import RelmemError

if TYPE_CHECKING:
    from relmem_cli.chat.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One thing said, and the model's state after it.

    answer  the answer to a question
    read    False where the present model cannot read it (it was told to another one)
    """

    said: Utterance
    state: Any
    answer: Answer | None = None
    read: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A question, its answer, and each sentence before it with its share in the answer."""

    question: Utterance
    answer: Answer
    sentences: tuple[tuple[Utterance, float], ...]


class Session:
    """A story being told to a model. A line that cannot be read leaves everything as it was."""

    def __init__(self, reader: "Reader") -> None:
        self.reader = reader
        self.turns: tuple[Turn, ...] = ()

    @property
    def state(self) -> Any:
        """The model's state now."""
        return self.turns[-1].state if self.turns else self.reader.begin()

    @property
    def sentences(self) -> tuple[Utterance, ...]:
        """The story so far."""
        return tuple(turn.said for turn in self.turns if turn.said.kind is Kind.sentence)

    def say(self, said: Utterance) -> Turn:
        """Tell a sentence or ask a question; line 1 of a bAbI story begins a new story.

        Raises CannotReadError for words that the model does not know, or too many of them.
        """
        self.reader.check(said)
        turns = () if said.begins_story else self.turns
        turn = _read(self.reader, turns, said)
        self.turns = (*turns, turn)
        return turn

    def undo(self, count: int = 1) -> tuple[Utterance, ...]:
        """Take back the last sentences and the questions after them; returns those sentences.

        Raises RelmemError where there are not so many.
        """
        told = [i for i, turn in enumerate(self.turns) if turn.said.kind is Kind.sentence]
        if not told:
            raise RelmemError("the story is empty: there is nothing to undo.")
        if not 1 <= count <= len(told):
            raise RelmemError(f"/undo takes a number from 1 to {len(told)}; not {count}.")
        gone = self.sentences[-count:]
        self.turns = self.turns[: told[-count]]
        return gone

    def clear(self) -> None:
        """Begin a new story."""
        self.turns = ()

    def switch(self, reader: "Reader") -> tuple[Utterance, ...]:
        """Replay the story into another model; returns what it cannot read.

        That stays in the story, unread, for a model that can.
        """
        turns: tuple[Turn, ...] = ()
        for turn in self.turns:
            turns = (*turns, _replay(reader, turns, turn.said))
        self.reader, self.turns = reader, turns
        return tuple(turn.said for turn in turns if not turn.read)

    def why(self) -> Why:
        """What the latest answer was read from.

        Raises RelmemError where nothing was asked, or the model does not explain itself.
        """
        for index in reversed(range(len(self.turns))):
            turn = self.turns[index]
            if turn.answer is not None:
                read = [t for t in self.turns[:index] if t.said.kind is Kind.sentence and t.read]
                shares = self.reader.influence([t.state for t in read], turn.said)
                told = zip((t.said for t in read), shares, strict=True)
                return Why(question=turn.said, answer=turn.answer, sentences=tuple(told))
        raise RelmemError("nothing has been asked yet: ask a question first.")


def _read(reader: "Reader", before: tuple[Turn, ...], said: Utterance) -> Turn:
    state = before[-1].state if before else reader.begin()
    if said.kind is Kind.sentence:
        return Turn(said=said, state=reader.read(state, said))
    return Turn(said=said, state=state, answer=reader.answer(state, said))


def _replay(reader: "Reader", before: tuple[Turn, ...], said: Utterance) -> Turn:
    try:
        reader.check(said)
    except CannotReadError:
        state = before[-1].state if before else reader.begin()
        return Turn(said=said, state=state, read=False)
    return _read(reader, before, said)
