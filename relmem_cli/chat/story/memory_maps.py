"""What the model remembers of a conversation, as heat maps."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from relmem_cli.chat.story.lines import UtteranceKind
from relmem_cli.chat.story.maps import NAMES, HeatMap
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.turns import SessionTurn
from relmem_cli.errors import RelmemError
from relmem_cli.nearest import did_you_mean
from relmem_cli.plain import brief_line


class _NumberedTurn(NamedTuple):
    """A turn that tells a sentence, and that sentence's number in the story."""

    number: int
    turn: SessionTurn


def memory_maps(session: Session) -> dict[str, HeatMap]:
    """The maps that the variant has, by name.

    gates      which slots each sentence opened [sentences, slots]
    attention  what the latest question was answered from [hops, slots], or [steps, sentences]
    relations  which slots the latest sentence opened together [slots, slots], or which sentences
               were read together for the latest question [sentences, sentences]
    others     by the variant's own names: for the latest question, or a blank one

    Raises RelmemError where no sentence was read yet.
    """
    sentences = _numbered_sentences(session.turns)
    if not sentences:
        raise RelmemError("the story is empty: tell it a sentence first.")
    asked = _asked(session)
    found: dict[str, HeatMap | None] = {"gates": _gates(session, sentences)}
    found |= _own(session, len(session.turns) - 1 if asked is None else asked)
    if asked is not None:
        found |= _of_question(session, asked)
    now = session.reader.look(sentences[-1].turn.state).get("relations")
    if now is not None and now.rows != "sentence":
        title = "slots that the latest sentence opened together"
        found["relations"] = replace(now, title=title)
    names = [*NAMES, *(name for name in found if name not in NAMES)]
    return {name: shown for name in names if (shown := found.get(name)) is not None}


def memory_map(session: Session, name: str) -> HeatMap:
    """One of the maps; raises RelmemError where there is none of that name."""
    known = [*NAMES, *sorted(session.reader.looks - {*NAMES})]
    if name not in known:
        listed = f"/memory takes {', '.join(known[:-1])} or {known[-1]}."
        hint = did_you_mean(name, known, listed)
        raise RelmemError(f"there is no map {brief_line(name, 40)!r}; {hint}")
    maps = memory_maps(session)
    if name in maps:
        return maps[name]
    if name not in session.reader.looks:
        raise RelmemError(f"the variant {session.reader.card.variant} has no {name} to show.")
    raise RelmemError(f"{name} are those of a question: ask one first.")


def map_of_latest(session: Session) -> HeatMap | None:
    """What the latest thing said opened of the memory, in one row; None where there is no such row.

    Of a sentence how far it opened each slot; of a question how far each sentence was read at the
    end, in comparison with the one that was read the most.

    Raises what the model raises.
    """
    latest = session.turns[-1]
    if latest.said.kind is UtteranceKind.sentence:
        return session.reader.gates(latest.state)
    attention = _of_question(session, len(session.turns) - 1).get("attention")
    if attention is None or attention.columns != "sentence":
        return None
    last = attention.values[-1]
    most = max(last) or 1.0
    return replace(attention, values=(tuple(value / most for value in last),))


def _numbered_sentences(turns: Sequence[SessionTurn]) -> list[_NumberedTurn]:
    """The sentences that were read."""
    sentences = [turn for turn in turns if turn.said.kind is UtteranceKind.sentence]
    numbered = (_NumberedTurn(number, turn) for number, turn in enumerate(sentences, start=1))
    return [one for one in numbered if one.turn.read]


def _asked(session: Session) -> int | None:
    """The place of the latest question that was answered."""
    places = [place for place, turn in enumerate(session.turns) if turn.answer is not None]
    return places[-1] if places else None


def _of_question(session: Session, place: int) -> dict[str, HeatMap]:
    """Attention and relations as they were when a question was answered."""
    asked = session.turns[place]
    sentences = _numbered_sentences(session.turns[:place])
    charts = session.reader.look(asked.state, asked.said)
    titles = {
        "attention": f'what "{asked.said.text}" was answered from',
        "relations": f'what each sentence read of the others for "{asked.said.text}"',
    }
    return {
        name: _named(replace(charts[name], title=title), sentences)
        for name, title in titles.items()
        if name in charts and _shows(charts[name])
    }


def _own(session: Session, place: int) -> dict[str, HeatMap | None]:
    """What a variant shows under names of its own, of a question, or of what was said last."""
    if not session.reader.looks - {*NAMES}:
        return {}
    turn = session.turns[place]
    asked = turn.said if turn.answer is not None else None
    charts = session.reader.look(turn.state, asked)
    sentences = _numbered_sentences(session.turns[: place + (asked is None)])
    title = f'for "{asked.text}"' if asked else ""
    return {
        name: _named(replace(chart, title=title), sentences)
        for name, chart in charts.items()
        if name not in NAMES and _shows(chart)
    }


def _shows(chart: HeatMap) -> bool:
    return bool(chart.values and chart.values[0])


def _named(shown: HeatMap, sentences: Sequence[_NumberedTurn]) -> HeatMap:
    """The map with sentences' texts and numbers where its rows or columns are sentences."""
    numbers = tuple(one.number for one in sentences)
    texts = tuple(one.turn.said.text for one in sentences)
    if shown.rows == "sentence":
        latest = slice(-len(shown.values), None)
        shown = replace(shown, row_labels=texts[latest], row_numbers=numbers[latest])
    if shown.columns == "sentence":
        latest = slice(-len(shown.values[0]), None)
        shown = replace(shown, column_labels=texts[latest], column_numbers=numbers[latest])
    return shown


def _gates(session: Session, sentences: Sequence[_NumberedTurn]) -> HeatMap | None:
    each = [session.reader.gates(one.turn.state) for one in sentences]
    rows = [gates.values[0] for gates in each if gates is not None]
    if each[-1] is None:
        return None
    title = "the slots that each sentence opened"
    return _named(replace(each[-1], title=title, values=tuple(rows)), sentences)
