from collections.abc import Callable

import pytest

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import parse_line
from relmem_cli.chat.story.memory_maps import map_of_latest, memory_map, memory_maps
from relmem_cli.chat.story.session import Session
from relmem_cli.errors import RelmemError
from tests.chat.windows import likest

WORDS = ["mary went home .", "john went home .", "where is mary ?"]


def told(reader: Reader, *lines: str) -> Session:
    session = Session(reader)
    for line in lines:
        parsed = parse_line(line)
        assert isinstance(parsed, list)
        session.say(parsed[0])
    return session


def test_gates_have_a_row_for_each_sentence_as_it_opened_them(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("relation-slot", WORDS)
    session = told(reader, "Mary went home.", "Where is Mary?", "John went home.")
    gates = memory_maps(session)["gates"]
    assert gates.row_labels == ("Mary went home.", "John went home.")
    for row, turn in zip(gates.values, [session.turns[0], session.turns[2]], strict=True):
        assert row == pytest.approx(turn.state.gates[0].tolist())


def test_attention_is_that_of_the_latest_question_when_it_was_asked(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("relation-slot", WORDS)
    before = memory_maps(told(reader, "Mary went home.", "Where is Mary?"))["attention"]
    later = told(reader, "Mary went home.", "Where is Mary?", "John went home.")
    assert memory_maps(later)["attention"] == before
    assert "Where is Mary?" in before.title


def test_attention_is_what_the_model_shows_for_that_question(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("relation-slot", WORDS)
    session = told(reader, "Mary went home.", "Where is Mary?", "John went home.", "Where is John?")
    latest = session.turns[-1]
    shown = memory_maps(session)["attention"]
    assert shown.values == reader.look(latest.state, latest.said)["attention"].values
    assert "Where is John?" in shown.title


def test_relations_of_slots_are_those_of_the_latest_sentence(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("relation-slot", WORDS)
    session = told(reader, "Mary went home.", "Where is Mary?", "John went home.")
    gates = session.state.gates[0].tolist()
    relations = memory_maps(session)["relations"]
    assert relations.values[0][1] == pytest.approx(gates[0] * gates[1])
    assert relations.row_labels == relations.column_labels != ()


def test_a_transformer_names_the_sentences_that_it_still_has(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("relation-transformer", WORDS)
    lines = ["Mary went home.", "John went home.", "Mary went home.", "John went home."]
    maps = memory_maps(told(reader, *lines, "Where is Mary?", "Mary went home."))
    assert list(maps) == ["attention", "relations"]
    assert maps["attention"].column_labels == tuple(lines[1:])
    assert maps["relations"].row_labels == tuple(lines[1:])
    assert [len(row) for row in maps["relations"].values] == [3, 3, 3]


def test_sentences_go_by_their_numbers_in_the_story(untrained: Callable[..., Reader]) -> None:
    reader = untrained("relation-transformer", WORDS)
    maps = memory_maps(told(reader, *["Mary went home."] * 5, "Where is Mary?"))
    assert maps["attention"].column_numbers == (3, 4, 5)
    assert maps["relations"].row_numbers == (3, 4, 5)
    session = told(reader, *["Mary went home."] * 5, "Where is Mary?")
    heat = map_of_latest(session)
    assert heat is not None
    assert max(heat.values[0]) == 1
    assert [heat.column_number(place) for place in range(3)] == [3, 4, 5]


def test_a_transformer_has_nothing_to_show_before_a_question(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("relation-transformer", WORDS)
    assert memory_maps(told(reader, "Mary went home.")) == {}
    assert memory_maps(told(reader, "Where is Mary?", "Mary went home.")) == {}


def test_what_was_not_read_is_in_no_map(untrained: Callable[..., Reader], stranger: Reader) -> None:
    session = told(untrained("entnet", [*WORDS, "mary went to the kitchen ."]), "Mary went home.")
    told_more = parse_line("Mary went to the kitchen.")
    assert isinstance(told_more, list)
    session.say(told_more[0])
    session.switch(stranger)
    assert memory_maps(session)["gates"].row_labels == ("Mary went to the kitchen.",)


def test_charts_under_a_variants_own_names_are_shown() -> None:
    reader = likest(["mary", "john", "went", "home", "where", "is", ".", "?"], window=5)
    session = told(reader, "Mary went home.", "John went home.")
    assert "evidence" in memory_maps(session)
    session = told(reader, "Mary went home.", "Where is Mary?", "John went home.")
    maps = memory_maps(session)
    assert list(maps) == ["evidence", "words"]
    assert maps["evidence"].column_labels == ("Mary went home.",)
    assert "Where is Mary?" in maps["evidence"].title
    assert memory_map(session, "words") == maps["words"]
    with pytest.raises(RelmemError, match="takes gates, attention, relations, evidence or words."):
        memory_map(session, "slots")


def test_an_empty_story_has_no_maps(reader: Reader) -> None:
    with pytest.raises(RelmemError, match="story is empty"):
        memory_maps(Session(reader))
