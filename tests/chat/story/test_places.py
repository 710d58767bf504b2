"""Earlier places of a story, and going on from one place in two ways."""

import pytest

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.answers import CannotReadError
from relmem_cli.chat.story.lines import Utterance, parse_line
from relmem_cli.chat.story.session import Session
from relmem_cli.errors import RelmemError


def told(session: Session) -> list[str]:
    return [turn.said.text for turn in session.whole]


STORY = ("Mary went to the kitchen.", "John went to the attic.", "Mary went to the garden.")


def three(reader: Reader) -> Session:
    session = Session(reader)
    for text in (*STORY[:2], "Where is Mary?", STORY[2]):
        session.say(one(text))
    return session


def one(text: str) -> Utterance:
    parsed = parse_line(text)
    assert isinstance(parsed, list)
    return parsed[0]


def test_an_earlier_place_answers_as_then_and_the_end_has_all_of_the_story(reader: Reader) -> None:
    session = three(reader)
    session.look_at(1)
    assert len(session.sentences) == 1
    assert session.left_out == 2
    assert session.say(one("Where is Mary?")).answer.answer == "kitchen"
    session.look_at(2)
    assert [turn.said.text for turn in session.turns] == list(STORY[:2])
    session.come_back()
    assert told(session) == [*STORY[:2], "Where is Mary?", STORY[2]]
    assert session.left_out == 0
    assert session.say(one("Where is Mary?")).answer.answer == "garden"


def test_the_last_sentence_is_the_end(reader: Reader) -> None:
    session = three(reader)
    session.look_at(1)
    session.look_at(3)
    assert session.left_out == 0
    session.say(one("John went to the kitchen."))


@pytest.mark.parametrize("number", [0, 4])
def test_a_place_that_is_not_there_is_refused(reader: Reader, number: int) -> None:
    session = three(reader)
    with pytest.raises(RelmemError, match="no sentence"):
        session.look_at(number)
    assert len(session.turns) == 4


def test_at_an_earlier_place_nothing_is_changed(reader: Reader) -> None:
    session = three(reader)
    session.look_at(2)
    for change in (
        lambda: session.say(one("John slept.")),
        lambda: session.edit(1, one("John went to the attic.")),
        session.clear,
        session.undo,
    ):
        with pytest.raises(CannotReadError, match="after sentence 2: /goto end comes back"):
            change()
    session.come_back()
    assert len(session.turns) == 4
    session.undo()
    assert told(session) == [*STORY[:2], "Where is Mary?"]


def test_another_model_reads_what_comes_after_the_place_too(
    reader: Reader, stranger: Reader
) -> None:
    session = three(reader)
    session.look_at(1)
    unread = session.switch(stranger)
    assert [said.text for said in unread] == [STORY[1], STORY[2]]
    assert session.left_out == 2
    session.switch(reader)
    session.come_back()
    asked = one("Where is John?")
    assert session.say(asked).answer.answer == three(reader).say(asked).answer.answer


def test_a_fork_goes_its_own_way_with_its_own_undo(reader: Reader) -> None:
    session = three(reader)
    other = session.fork()
    other.say(one("John went to the kitchen."))
    session.undo()
    assert told(session) == [*STORY[:2], "Where is Mary?"]
    other.undo(2)
    other.redo()
    assert told(other) == told(three(reader))


def test_a_fork_of_an_earlier_place_goes_on_there_and_undo_brings_the_rest(reader: Reader) -> None:
    session = three(reader)
    session.look_at(1)
    other = session.fork()
    other.say(one("John went to the kitchen."))
    assert told(other) == [STORY[0], "John went to the kitchen."]
    other.undo(2)
    assert told(other) == told(session) == told(three(reader))
    assert session.left_out == 2
