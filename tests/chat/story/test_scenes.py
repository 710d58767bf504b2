"""What /watch shows at each place of a story, with models that have slots and with others."""

from collections.abc import Callable

import pytest

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import parse_line
from relmem_cli.chat.story.scenes import Scenes
from relmem_cli.chat.story.session import Session

WORDS = ["mary went home .", "john went home .", "where is mary ?"]
STORY = (
    "Mary went to the kitchen.",
    "John went to the garden.",
    "Where is Mary?",
    "Mary went to the attic.",
)


def told(reader: Reader, *lines: str) -> Session:
    session = Session(reader)
    for line in lines:
        parsed = parse_line(line)
        assert isinstance(parsed, list)
        session.say(parsed[0])
    return session


def test_each_place_has_the_lines_up_to_it_and_the_latest_marked(reader: Reader) -> None:
    scenes = Scenes(told(reader, *STORY))
    for place in range(5):
        lines = scenes.at(place).lines
        assert [line.text for line in lines] == list(STORY[:place])
        assert [line.latest for line in lines] == [n == place for n in range(1, place + 1)]
    assert [line.number for line in scenes.at(4).lines] == [1, 2, 0, 3]


def test_a_story_that_was_changed_is_shown_as_it_is_now(reader: Reader) -> None:
    session = told(reader, *STORY[:2])
    scenes = Scenes(session)
    before = scenes.at(2)
    session.undo()
    session.say(told(reader, STORY[3]).turns[0].said)
    assert [line.text for line in scenes.at(2).lines] == [STORY[0], STORY[3]]
    session.edit(1, told(reader, STORY[1]).turns[0].said)
    session.undo()
    session.undo()
    session.redo()
    session.undo()
    session.say(told(reader, STORY[1]).turns[0].said)
    assert scenes.at(2) == before


def test_the_latest_question_so_far_or_else_the_next_one_is_asked_at_every_place(
    reader: Reader,
) -> None:
    session = told(reader, *STORY, "Where is John?", "Anna went to the garden.")
    scenes = Scenes(session)
    asked = [(scene.question, scene.answer) for scene in map(scenes.at, range(7))]
    assert [question for question, _ in asked] == ["Where is Mary?"] * 5 + ["Where is John?"] * 2
    mary, john = (turn.said for turn in session.turns if turn.answer)
    assert asked[0][1] is None
    for place, (_, answer) in enumerate(asked[1:], start=1):
        state = session.turns[place - 1].state
        right = reader.answer(state, mary if place < 5 else john)
        assert answer is not None
        assert (answer.answer, answer.probability) == (right.answer, right.probability)


def test_slots_show_what_each_sentence_opened_and_nothing_after_a_question(
    reader: Reader,
) -> None:
    session = told(reader, *STORY)
    scenes = Scenes(session)
    for place in (1, 2, 4):
        gates = reader.gates(session.turns[place - 1].state)
        assert gates is not None
        assert tuple(slot.gate for slot in scenes.at(place).slots) == gates.values[0]
    assert not any(slot.gate for slot in scenes.at(3).slots)
    assert not any(slot.gate for slot in scenes.at(0).slots)


def test_slots_hold_what_is_answered_from_them_and_say_what_was_just_written(
    reader: Reader,
) -> None:
    scenes = Scenes(told(reader, *STORY))
    held = [part for slot in scenes.at(1).slots for part in slot.parts]
    most = max(held, key=lambda part: part.read or 0.0)
    assert most.word == "kitchen"
    assert most.changed
    assert not any(part.changed for slot in scenes.at(3).slots for part in slot.parts)


def test_a_slot_with_relations_has_a_part_for_them(untrained: Callable[..., Reader]) -> None:
    reader = untrained("relation-slot", WORDS)
    session = told(reader, "Mary went home.", "Where is Mary?")
    slots = Scenes(session).at(2).slots
    attention = reader.look(session.state, session.asked)["attention"].values[-1]
    assert [slot.parts[0].read for slot in slots] == list(attention[:3])
    assert [slot.parts[1].read for slot in slots] == list(attention[3:])


def test_a_model_without_slots_shows_what_each_step_read_of_each_sentence(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("relation-transformer", WORDS)
    lines = ["Mary went home."] + ["John went home."] * 3 + ["Where is Mary?"]
    session = told(reader, *lines)
    scene = Scenes(session).at(5)
    attention = reader.look(session.state, session.asked)["attention"].values
    assert scene.slots == ()
    assert scene.steps == len(attention)
    shown = [line.reads for line in scene.lines if line.reads]
    assert len(shown) == 3  # it keeps no more sentences
    assert shown == list(zip(*attention, strict=True))
    assert scene.lines[0].reads == ()


def test_a_model_that_shows_nothing_still_answers(untrained: Callable[..., Reader]) -> None:
    scene = Scenes(told(untrained("gru", WORDS), "Mary went home.", "Where is Mary?")).at(1)
    assert (scene.slots, scene.steps) == ((), 0)
    assert scene.answer is not None


def test_what_goes_wrong_with_an_answer_is_told_and_the_rest_is_shown(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = told(reader, *STORY)

    def fail(*_: object) -> None:
        raise ValueError("no\x1b answer")

    monkeypatch.setattr(reader, "answer", fail)
    scene = Scenes(session).at(1)
    assert "no answer" in scene.trouble
    assert len(scene.slots) == 5
