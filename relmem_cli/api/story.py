"""A story that a model is told, sentence by sentence, and asked about."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from relmem_cli.api.answer import Answer
from relmem_cli.api.array import LabelledArray
from relmem_cli.api.calling import at_work
from relmem_cli.api.drawing import draw_heat
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.memory_maps import memory_maps
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.words import parse_typed
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.plain import brief_line, counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from relmem_cli.chat.story.maps import HeatMap
    from relmem_cli.stories.vocabulary import Vocabulary


class Story:
    """One story. `Model.story` begins it; a model reads as many as are wanted, side by side."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was told so far; a sentence that tells two things is two."""
        return tuple(said.text for said in self._session.sentences)

    @property
    def read_as(self) -> dict[str, str]:
        """The names that the model does not know, each with the known one that it is read as."""
        with at_work():
            return self._session.reader.read_as(self._session.state)

    def tell(self, text: str) -> "Story":
        """Tell one or more sentences, on one line or several; returns this story.

        All of it is read, or nothing. Raises UsageError for a question, and CannotReadError, a
        RelmemError, for words that the model does not know or too many of them.
        """
        vocabulary = self._session.reader.vocabulary
        told = list(_sentences(text, vocabulary, empty=not self._session.turns))
        before = len(self._session.turns)
        with at_work():
            try:
                list(self._session.hear(told))
            except BaseException:
                if len(self._session.turns) > before:
                    self._session.undo()
                raise
        return self

    def undo(self) -> "Story":
        """Take back what was told last; raises RelmemError where nothing was."""
        with at_work():
            self._session.undo()
        return self

    def copy(self) -> "Story":
        """The same story, to go on with in another way."""
        return Story(self._session.copy())

    def ask(self, question: str, *, among: Iterable[str] = ()) -> Answer:
        """The answer to a question, after what was told so far; the story stays as it is.

        among  the answers to choose from; any, unless told otherwise

        Raises UsageError for what is no question or several, and CannotReadError, a RelmemError,
        for words that the model does not know or too many of them.
        """
        session = self._session.copy()
        reader = session.reader
        asked = _question(question, reader.vocabulary)
        session.among = tuple(dict.fromkeys(map(reader.known_answer, among)))
        with at_work():
            given = session.say(asked).answer
        if given is None:
            raise RelmemError("the model gives no answer.")
        probabilities = {given.answer: given.probability}
        for text, probability in given.alternatives:
            probabilities.setdefault(text, probability)
        return Answer(
            question=asked.text,
            text=given.answer,
            probability=given.probability,
            probabilities=probabilities,
            seconds=given.seconds,
            _session=session,
        )

    def arrays(self) -> dict[str, LabelledArray]:
        """What the model remembers now, by name, such as the "gates" [sentences, slots].

        `Answer.arrays` has those of a question too. Raises RelmemError where nothing was told.
        """
        return {name: LabelledArray(heat) for name, heat in self._maps().items()}

    def plot(self) -> "Figure":
        """All arrays as heat maps; raises RelmemError where there are none, or no matplotlib."""
        return draw_heat(list(self._maps().values()))

    def _maps(self) -> "dict[str, HeatMap]":
        with at_work():
            return memory_maps(self._session)

    def __repr__(self) -> str:
        count = counted(len(self.sentences), "sentence")
        return f"<Story of {count}, told to {self._session.reader.name}>"


def _sentences(text: str, vocabulary: "Vocabulary", *, empty: bool) -> Iterator[Utterance]:
    """What a text tells, as one change; raises UsageError for anything but sentences.

    empty  whether the story has none yet, so that it may begin as bAbI's do, with a line 1
    """
    for place, said in enumerate(_said(text, vocabulary)):
        if said.kind is UtteranceKind.question:
            shown = brief_line(said.text, 60)
            raise UsageError(f"{shown!r} is a question, and stories are told; ask it.")
        if said.begins_story and (place or not empty):
            raise UsageError("line 1 begins another story: tell each to a story of its own.")
        yield replace(said, begins_story=False, goes_on=place > 0)


def _question(text: str, vocabulary: "Vocabulary") -> Utterance:
    """The one question that a text asks; raises UsageError for anything else."""
    asked = list(_said(text, vocabulary))
    if [one.kind for one in asked] != [UtteranceKind.question]:
        shown = brief_line(text, 60)
        raise UsageError(f"{shown!r} is not one question; ask one at a time, with a ? at its end.")
    return replace(asked[0], begins_story=False)


def _said(text: str, vocabulary: "Vocabulary") -> Iterator[Utterance]:
    for line in text.splitlines():
        parsed = parse_typed(line, vocabulary)
        if not isinstance(parsed, list):
            shown = brief_line(line, 60)
            raise UsageError(f"{shown!r} is no sentence: what begins with / is for relmem chat.")
        yield from parsed
