from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relmem_cli.chat.answers import CannotReadError
from relmem_cli.chat.lines import Kind, Utterance, parse_line
from relmem_cli.chat.reader import Reader
from relmem_cli.chat.session import Session
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


def replayed(session: Session) -> Session:
    fresh = Session(session.reader)
    for sentence in session.sentences:
        fresh.say(sentence)
    return fresh


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
    st.just(("clear", None)),
)


def act(session: Session, action: str, value: Any) -> None:
    try:
        if action == "say":
            session.say(said(value))
        elif action == "undo":
            session.undo(value)
        else:
            session.clear()
    except RelmemError:
        pass


def expected(sentences: list[str], action: str, value: Any) -> list[str]:
    """The story after an action, kept as a plain list of lines."""
    if action == "clear":
        return []
    if action == "undo":
        return sentences[:-value] if 1 <= value <= len(sentences) else sentences
    if "Zog" in value or "to the kitchen to" in value:
        return sentences
    if value.startswith("1 "):
        sentences = []
    text = value.removeprefix("1 ")
    return sentences if text.endswith("?") else [*sentences, text]


@given(st.lists(ACTIONS, max_size=25))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_after_any_actions_story_and_state_are_those_of_a_fresh_replay(
    reader: Reader, actions: list[tuple[str, Any]]
) -> None:
    session = Session(reader)
    story: list[str] = []
    for action, value in actions:
        act(session, action, value)
        story = expected(story, action, value)
        assert [sentence.text for sentence in session.sentences] == story
    assert same(session.state, replayed(session).state)


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
    gone = session.undo(2)
    assert [sentence.text for sentence in gone] == [
        "Mary went to the garden.",
        "John went to the attic.",
    ]
    assert [turn.said.kind for turn in session.turns] == [Kind.sentence, Kind.question]


@pytest.mark.parametrize(("count", "message"), [(0, "from 1 to 1"), (2, "from 1 to 1")])
def test_undo_refuses_more_than_there_is(reader: Reader, count: int, message: str) -> None:
    session = told(Session(reader), "Mary went to the kitchen.")
    with pytest.raises(RelmemError, match=message):
        session.undo(count)
    assert len(session.sentences) == 1


def test_undo_of_an_empty_story_says_so(reader: Reader) -> None:
    with pytest.raises(RelmemError, match="empty"):
        Session(reader).undo()


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
    assert [sentence.text for sentence, _ in why.sentences] == [
        "Mary went to the kitchen.",
        "John went to the garden.",
    ]
    assert sum(share for _, share in why.sentences) == pytest.approx(1)


def test_why_leaves_out_what_the_model_could_not_read(reader: Reader, stranger: Reader) -> None:
    session = told(Session(reader), "Mary went to the kitchen.", "Mary went to the attic.")
    told(session, "Where is Mary?")
    session.switch(stranger)
    assert [sentence.text for sentence, _ in session.why().sentences] == [
        "Mary went to the kitchen."
    ]


def test_why_without_a_question_says_so(reader: Reader) -> None:
    with pytest.raises(RelmemError, match="nothing has been asked"):
        told(Session(reader), "Mary went to the kitchen.").why()


def test_why_of_a_question_without_a_story_has_no_sentences(reader: Reader) -> None:
    assert told(Session(reader), "Where is Mary?").why().sentences == ()
