from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.answers import CannotReadError
from relmem_cli.chat.story.lines import Utterance, UtteranceKind, parse_line
from relmem_cli.chat.story.session import Session
from relmem_cli.errors import RelmemError


def said(line: str) -> Utterance:
    parsed = parse_line(line)
    assert isinstance(parsed, list)
    return parsed[0]


def told(session: Session, *lines: str) -> Session:
    for line in lines:
        session.say(said(line))
    return session


def same(one: Any, other: Any) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


LINES = st.sampled_from(
    [
        "Mary went to the kitchen.",
        "John went to the garden.",
        "1 Anna went to the attic.",
        "Where is Mary?",
        "1 Where is John?",
        "Zog went to the kitchen.",
        "Anna went to the kitchen to the garden.",
    ]
)
ACTIONS = st.one_of(
    LINES.map(lambda line: ("say", line)),
    st.integers(0, 4).map(lambda count: ("undo", count)),
    st.integers(0, 4).map(lambda count: ("redo", count)),
    st.tuples(st.integers(0, 4), LINES).map(lambda to: ("edit", to)),
    st.lists(LINES, max_size=4).map(lambda lines: ("load", lines)),
    st.just(("clear", None)),
    st.just(("switch", None)),
)


def act(session: Session, others: list[Reader], action: str, value: Any) -> bool:
    """Whether it was done."""
    try:
        match action:
            case "say":
                session.say(said(value))
            case "undo":
                session.undo(value)
            case "redo":
                session.redo(value)
            case "edit":
                session.edit(value[0], said(value[1]))
            case "load":
                session.load([said(line) for line in value])
            case "switch":
                others.append(session.reader)
                session.switch(others.pop(0))
            case _:
                session.clear()
    except RelmemError:
        return False
    return True


class Plain:
    """What the conversation should be: whole ones kept as lists of lines, without any model."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.past: list[list[str]] = []
        self.future: list[list[str]] = []

    def act(self, action: str, value: Any) -> None:
        if action in ("undo", "redo"):
            way, back = (self.past, self.future)[:: 1 if action == "undo" else -1]
            for _ in range(value):
                back.append(self.lines)
                self.lines = way.pop()
        elif action == "say" and is_question(value) and not (value[:2] == "1 " and self.lines):
            self.lines = [*self.lines, bare(value)]
        elif action != "switch" and (action not in ("clear", "load") or self.lines or value):
            self.past.append(self.lines)
            self.future.clear()
            self.lines = self.changed(action, value)

    def changed(self, action: str, value: Any) -> list[str]:
        if action == "edit":
            places = [i for i, line in enumerate(self.lines) if not is_question(line)]
            place = places[value[0] - 1]
            return [*self.lines[:place], bare(value[1]), *self.lines[place + 1 :]]
        if action == "load":
            return [bare(line) for line in value]
        if action == "clear":
            return []
        return [*([] if value.startswith("1 ") else self.lines), bare(value)]


def bare(line: str) -> str:
    return line.removeprefix("1 ")


def is_question(line: str) -> bool:
    return line.endswith("?")


@given(st.lists(ACTIONS, max_size=25))
@settings(max_examples=60)
def test_after_any_actions_story_and_state_are_those_of_a_fresh_replay(
    reader: Reader, stranger: Reader, actions: list[tuple[str, Any]]
) -> None:
    session, plain, others = Session(reader), Plain(), [stranger]
    for action, value in actions:
        before = session.turns
        if act(session, others, action, value):
            plain.act(action, value)
        else:
            assert session.turns == before
        assert [turn.said.text for turn in session.turns] == plain.lines
    fresh = Session(session.reader)
    fresh.load([turn.said for turn in session.turns])
    assert same(session.state, fresh.state)
    for turn, again in zip(session.turns, fresh.turns, strict=True):
        assert (turn.said, turn.read) == (again.said, again.read)
        assert (turn.answer and turn.answer.answer) == (again.answer and again.answer.answer)
        assert same(turn.state, again.state)


def test_a_question_is_answered_and_changes_no_state(reader: Reader) -> None:
    session = told(Session(reader), "Mary went to the kitchen.")
    before = session.state
    turn = session.say(said("Where is Mary?"))
    assert turn.answer is not None
    assert turn.answer.answer == "kitchen"
    assert same(session.state, before)


@pytest.mark.parametrize("line", ["Zog slept.", "1 Zog slept.", "Is Mary to the the the garden?"])
def test_a_line_that_cannot_be_read_changes_nothing(reader: Reader, line: str) -> None:
    session = told(Session(reader), "Mary went to the kitchen.", "Where is Mary?")
    turns = session.turns
    with pytest.raises(CannotReadError):
        session.say(said(line))
    assert session.turns == turns


def test_undo_takes_back_sentences_with_the_questions_after_them(reader: Reader) -> None:
    session = told(Session(reader), "Mary went to the kitchen.", "Where is Mary?")
    told(session, "Mary went to the garden.", "John went to the attic.", "Where is John?")
    done = session.undo(2)
    assert done.came == ()
    assert [sentence.text for sentence in done.gone] == [
        "Mary went to the garden.",
        "John went to the attic.",
    ]
    assert [turn.said.kind for turn in session.turns] == [
        UtteranceKind.sentence,
        UtteranceKind.question,
    ]


@pytest.mark.parametrize(
    ("count", "message"), [(0, "is 1 step to undo, not 0"), (2, "is 1 step to undo, not 2")]
)
def test_undo_refuses_more_than_there_is(reader: Reader, count: int, message: str) -> None:
    session = told(Session(reader), "Mary went to the kitchen.")
    with pytest.raises(RelmemError, match=message):
        session.undo(count)
    assert len(session.sentences) == 1


def test_a_change_names_the_questions_that_are_answered_otherwise_now(reader: Reader) -> None:
    session = told(Session(reader), "Mary went to the kitchen.", "Where is Mary?")
    (garden,) = parse_line("Mary went to the garden.")
    ((old, new),) = session.edit(1, garden).answers
    assert (old.answer.answer, new.answer.answer) == ("kitchen", "garden")
    ((old, new),) = session.undo().answers
    assert (old.answer.answer, new.answer.answer) == ("garden", "kitchen")
    assert session.edit(1, session.sentences[0]).answers == ()


def test_undo_of_nothing_says_so(reader: Reader) -> None:
    with pytest.raises(RelmemError, match="nothing to undo"):
        Session(reader).undo()


def test_redo_brings_back_questions_too_until_the_story_changes(reader: Reader) -> None:
    session = told(Session(reader), "Mary went to the kitchen.", "Where is Mary?")
    turns = [turn.said for turn in session.turns]
    session.undo()
    assert session.turns == []
    session.redo()
    assert [turn.said for turn in session.turns] == turns
    session.undo()
    told(session, "John went to the attic.")
    with pytest.raises(RelmemError, match="nothing to redo"):
        session.redo()


def test_a_cleared_story_can_be_brought_back(reader: Reader) -> None:
    session = told(Session(reader), "Mary went to the kitchen.")
    session.clear()
    assert [sentence.text for sentence in session.undo().came] == ["Mary went to the kitchen."]


def test_another_model_reads_the_story_and_names_what_it_cannot_read(
    reader: Reader, stranger: Reader
) -> None:
    session = told(Session(reader), "Mary went to the kitchen.", "Mary went to the attic.")
    told(session, "Where is Mary?")
    unread = session.switch(stranger)
    assert [sentence.text for sentence in unread] == ["Mary went to the attic."]
    alone = told(Session(stranger), "Mary went to the kitchen.")
    assert same(session.state, alone.state)
    assert session.turns[-1].answer is not None


def test_what_one_model_cannot_read_is_there_again_for_one_that_can(
    reader: Reader, stranger: Reader
) -> None:
    session = told(Session(reader), "Mary went to the kitchen.", "Mary went to the attic.")
    state = session.state
    session.switch(stranger)
    assert session.switch(reader) == ()
    assert same(session.state, state)


def test_why_names_each_sentence_before_the_latest_question(reader: Reader) -> None:
    session = told(Session(reader), "Mary went to the kitchen.", "Where is Mary?")
    told(session, "John went to the garden.", "Where is John?", "Anna went to the attic.")
    why = session.why()
    assert why.question.text == "Where is John?"
    assert [reason.said.text for reason in why.reasons] == [
        "Mary went to the kitchen.",
        "John went to the garden.",
    ]
    assert sum(reason.share for reason in why.reasons) == pytest.approx(1)


def test_why_leaves_out_what_the_model_could_not_read(reader: Reader, stranger: Reader) -> None:
    session = told(Session(reader), "Mary went to the kitchen.", "Mary went to the attic.")
    told(session, "Where is Mary?")
    session.switch(stranger)
    assert [reason.said.text for reason in session.why().reasons] == ["Mary went to the kitchen."]


def test_why_without_a_question_says_so(reader: Reader) -> None:
    with pytest.raises(RelmemError, match="nothing has been asked"):
        told(Session(reader), "Mary went to the kitchen.").why()


def test_why_of_a_question_without_a_story_has_no_sentences(reader: Reader) -> None:
    assert told(Session(reader), "Where is Mary?").why().reasons == ()


def test_a_sentence_told_twice_is_taken_back_once(reader: Reader) -> None:
    session = told(Session(reader), *["Mary went to the kitchen."] * 2)
    done = session.undo()
    assert [sentence.text for sentence in done.gone] == ["Mary went to the kitchen."]
    assert done.came == ()


def test_a_question_on_line_1_begins_a_new_story_and_undo_brings_the_last_one_back(
    reader: Reader,
) -> None:
    session = told(Session(reader), "Mary went to the kitchen.", "1 Where is Mary?")
    assert [turn.said.text for turn in session.turns] == ["Where is Mary?"]
    session.undo()
    assert [turn.said.text for turn in session.turns] == ["Mary went to the kitchen."]


def test_an_edit_that_cannot_be_read_is_refused_and_changes_nothing(reader: Reader) -> None:
    session = told(Session(reader), "Mary went to the kitchen.")
    turns = session.turns
    with pytest.raises(CannotReadError):
        session.edit(1, said("Zog slept."))
    assert session.turns == turns


def test_a_model_that_raises_on_the_way_back_costs_no_step(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = told(Session(reader), "Mary went to the kitchen.", "Where is Mary?")
    session.undo()
    with monkeypatch.context() as broken:
        broken.setattr(reader._model, "read", None)
        with pytest.raises(TypeError):
            session.redo()
    assert session.turns == []
    session.redo()
    assert len(session.turns) == 2


def test_the_last_question_is_asked_again_that_of_a_loaded_story_too(reader: Reader) -> None:
    session = told(Session(reader), "Where is Mary?", "Where is John?")
    assert session.ask_again().said.text == "Where is John?"
    session.load([said("Mary went to the kitchen."), said("Where is Anna?")])
    assert session.ask_again().said.text == "Where is Anna?"


def test_a_question_of_an_earlier_story_is_not_asked_again_unless_that_is_back(
    reader: Reader,
) -> None:
    session = told(Session(reader), "Where is Mary?")
    for begin in (session.clear, lambda: session.load([said("John went to the attic.")])):
        begin()
        with pytest.raises(RelmemError, match="nothing has been asked yet"):
            session.ask_again()
        session.undo()
        assert session.ask_again().said.text == "Where is Mary?"
