"""What /watch shows: the story so far, and what the model holds and reads at that place of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from relmem_cli.chat.story.answers import Answer, error_text
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.maps import HeatMap
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.turns import SessionTurn

LEAST_SURE = 0.5
"""A word is what a slot holds from this probability on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence with its number, or a question, whose number is 0.

    reads  how far it was read for the question, a number from 0 to 1 for each step
    """

    text: str
    number: int
    latest: bool
    answer: str = ""
    read: bool = True
    reads: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One vector of a slot: the word that it alone would be answered with, and how far it was read.

    changed  whether the latest sentence has put another word there
    """

    word: str = ""
    probability: float = 0.0
    changed: bool = False
    read: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A slot, from 1, with the word nearest to its key; `gate` is what the latest line opened.

    widest  the widest that any sentence of the story opened it
    parts   its memory, then its relations where the variant has them
    """

    number: int
    key: str
    gate: float
    widest: float
    parts: tuple[Part, ...] = (Part(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The story up to a place in it.

    place, places  how many lines were told, of how many
    steps          how many numbers each line's `reads` has
    question       what is asked all the time: the latest question so far, or else the next one
    trouble        why it has no answer, where it has none
    """

    model: str
    place: int
    places: int
    lines: tuple[Line, ...]
    slots: tuple[Slot, ...] = ()
    steps: int = 0
    question: str = ""
    answer: Answer | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What came of a question: its answer or the trouble, and the attention of each step."""

    question: str = ""
    answer: Answer | None = None
    trouble: str = ""
    attention: HeatMap | None = None


class Scenes:
    """The scenes of a session; each is looked for once as long as the story only grows."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._scenes: dict[tuple[int, int], Scene] = {}
        self._looks: dict[int, dict[str, HeatMap]] = {}
        self._seen: Sequence[SessionTurn] = ()

    @property
    def places(self) -> int:
        """How many lines there are."""
        return len(self._session.turns)

    def at(self, place: int) -> Scene:
        """The scene after so many lines."""
        self._forget_another_story()
        key = (place, self.places)
        if key not in self._scenes:
            self._scenes[key] = self._scene(place)
        return self._scenes[key]

    def _forget_another_story(self) -> None:
        turns = tuple(self._session.turns)
        same = [one is other for one, other in zip(self._seen, turns, strict=False)]
        if len(turns) < len(self._seen) or not all(same):
            self._scenes.clear()
            self._looks.clear()
        self._seen = turns

    def _scene(self, place: int) -> Scene:
        session = self._session
        reading = self._reading(place)
        attention = reading.attention
        by_sentence = attention if attention and attention.columns == "sentence" else None
        return Scene(
            model=session.reader.name,
            place=place,
            places=self.places,
            lines=_lines(session.turns[:place], by_sentence),
            slots=self._slots(place, None if by_sentence else attention),
            steps=len(by_sentence.values) if by_sentence else 0,
            question=reading.question,
            answer=reading.answer,
            trouble=reading.trouble,
        )

    def _reading(self, place: int) -> _Reading:
        turns = self._session.turns
        asked = _asked(turns, place)
        if asked is None or not any(map(_is_sentence, turns[:place])):
            return _Reading(question=asked.text if asked else "")
        reader, state = self._session.reader, turns[place - 1].state
        try:
            answer = turns[place - 1].answer or reader.answer(state, asked)
            charts = reader.look(state, asked)
        except Exception as error:
            return _Reading(question=asked.text, trouble=error_text(error))
        chart = charts.get("attention") or charts.get("evidence")
        return _Reading(question=asked.text, answer=answer, attention=chart)

    def _slots(self, place: int, attention: HeatMap | None) -> tuple[Slot, ...]:
        """Where the variant has gates: every slot, as the story has left it."""
        if "gates" not in self._session.reader.looks:
            return ()
        now, before = self._look(place), self._look(max(place - 1, 0))
        gates = now["gates"]
        opened = [self._opened(each) for each in range(1, self.places + 1)]
        told = bool(place) and _is_sentence(self._session.turns[place - 1])
        return tuple(
            Slot(
                number=slot + 1,
                key=gates.column_labels[slot] if gates.column_labels else "",
                gate=gates.values[0][slot] if told else 0.0,
                widest=max((row[slot] for row in opened), default=0.0),
                parts=_parts(slot, len(gates.values[0]), (before, now), attention),
            )
            for slot in range(len(gates.values[0]))
        )

    def _opened(self, place: int) -> tuple[float, ...]:
        return self._look(place)["gates"].values[0]

    def _look(self, place: int) -> dict[str, HeatMap]:
        """What the model shows by itself, without a question, after so many lines."""
        if place not in self._looks:
            turns, reader = self._session.turns, self._session.reader
            self._looks[place] = reader.look(turns[place - 1].state if place else reader.begin())
        return self._looks[place]


def _is_sentence(turn: SessionTurn) -> bool:
    return turn.said.kind is UtteranceKind.sentence and turn.read


def _asked(turns: Sequence[SessionTurn], place: int) -> Utterance | None:
    """The latest question up to a place, else the next one, of those that the model can read."""
    places = [i for i, turn in enumerate(turns) if turn.answer is not None]
    before = [i for i in places if i < place]
    found = [*before[-1:], *places[:1]]
    return turns[found[0]].said if found else None


def _lines(turns: Sequence[SessionTurn], attention: HeatMap | None) -> tuple[Line, ...]:
    reads: dict[int, tuple[float, ...]] = {}
    if attention is not None:
        told = [place for place, turn in enumerate(turns) if _is_sentence(turn)]
        columns = list(zip(*attention.values, strict=True))
        latest = told[-len(columns) :] if columns else []
        reads = dict(zip(latest, columns[-len(latest) :] if latest else [], strict=True))
    lines, number = [], 0
    for place, turn in enumerate(turns):
        is_sentence = turn.said.kind is UtteranceKind.sentence
        number += is_sentence
        lines.append(
            Line(
                text=turn.said.text,
                number=number if is_sentence else 0,
                latest=place == len(turns) - 1,
                answer=turn.answer.answer if turn.answer else "",
                read=turn.read,
                reads=reads.get(place, ()),
            )
        )
    return tuple(lines)


def _parts(
    slot: int,
    slots: int,
    looks: tuple[dict[str, HeatMap], dict[str, HeatMap]],
    attention: HeatMap | None,
) -> tuple[Part, ...]:
    """The vectors of a slot: one, or two where charts have rows for its relations too."""
    before, now = (each.get("contents") for each in looks)
    last = attention.values[-1] if attention else ()
    count = len(now.values) // slots if now else 1
    parts = []
    for row in range(slot, count * slots, slots):
        word, probability = _held(now, row)
        parts.append(
            Part(
                word=word,
                probability=probability,
                changed=word != _held(before, row)[0],
                read=last[row] if row < len(last) else None,
            )
        )
    return tuple(parts)


def _held(contents: HeatMap | None, row: int) -> tuple[str, float]:
    """The likeliest word of a row, "" where none is likely."""
    if contents is None:
        return "", 0.0
    best = max(range(len(contents.values[row])), key=contents.values[row].__getitem__)
    probability = contents.values[row][best]
    return (contents.column_labels[best] if probability >= LEAST_SURE else ""), probability
