"""How /watch looks in windows of any size."""

import io
import re
from dataclasses import replace

import pytest

from relmem_cli.chat.story.answers import Answer
from relmem_cli.chat.story.scenes import Line, Part, Scene, Slot
from relmem_cli.chat.view.theme import Theme, styled_console
from relmem_cli.chat.view.watch import WatchView

ANSWER = Answer(answer="bathroom", probability=0.995, alternatives=(), unknown=(), seconds=0.1)
LONG = "Mary and the others went all the way back to the bathroom without a word."


def lines(count: int, steps: int = 0) -> tuple[Line, ...]:
    return tuple(
        Line(
            text=LONG if n % 2 else f"John took ball {n}.",
            number=n,
            latest=n == count,
            reads=(1.0 if n == 3 else 0.01,) * steps,
        )
        for n in range(1, count + 1)
    )


def slots(count: int, parts: int) -> tuple[Slot, ...]:
    each = tuple(Part(word="bathroom", probability=0.9, changed=True, read=0.5) for _ in "ab")
    return tuple(
        Slot(number=n, key="mary", gate=n / count, widest=n / count, parts=each[:parts])
        for n in range(1, count + 1)
    )


SLOTS = Scene(
    model="relation-slot-joint", place=30, places=40, lines=lines(30), slots=slots(20, 2),
    question="Where is Mary?", answer=ANSWER,
)  # fmt: skip
STEPS = replace(SLOTS, slots=(), lines=lines(30, steps=6), steps=6)


def drawn(scene: Scene, width: int, height: int, encoding: str = "utf-8") -> list[str]:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = styled_console(Theme.plain, file=file, width=width, height=height)
    with console.capture() as captured:
        console.print(WatchView(scene), width=width, height=height)
    return captured.get().rstrip("\n").split("\n")


@pytest.mark.parametrize("scene", [SLOTS, STEPS, replace(SLOTS, slots=slots(3, 1))])
@pytest.mark.parametrize("size", [(40, 13), (71, 22), (72, 22), (80, 22), (120, 38), (20, 5)])
def test_it_fills_the_window_and_the_answer_is_below(scene: Scene, size: tuple[int, int]) -> None:
    shown = drawn(scene, *size)
    assert len(shown) == size[1]
    assert max(map(len, shown)) <= size[0]
    assert "bathroom  99.5%" in shown[-1]
    assert "line 30 of 40" in shown[0]


def test_all_slots_of_the_model_that_ships_are_seen_in_80_columns_and_24_rows() -> None:
    shown = drawn(SLOTS, 80, 22)
    assert re.findall(r"(\d+) mary ", "\n".join(shown)) == list(map(str, range(1, 21)))
    assert "slot        gate  memory    read relation  read" in shown[0]


def test_of_many_slots_those_that_were_opened_widest_are_seen() -> None:
    shown = "\n".join(drawn(SLOTS, 40, 13))
    assert "20 mar " in shown
    assert " 1 mar " not in shown
    assert "slots opened less" in shown


def test_of_many_lines_the_latest_and_the_most_read_are_seen() -> None:
    shown = "\n".join(drawn(STEPS, 80, 13))
    assert "30 John took ball 30." in shown
    assert " 3 Mary and the others" in shown
    assert " 4 John" not in shown
    assert "lines not shown" in shown


def test_a_terminal_without_unicode_gets_ascii() -> None:
    for scene in (SLOTS, STEPS):
        shown = "\n".join(drawn(scene, 80, 22, encoding="ascii"))
        assert shown.isascii()
        assert "#" in shown


def test_between_lines_of_a_conversation_closed_slots_are_left_out() -> None:
    closed = replace(SLOTS, slots=tuple(replace(s, widest=0.0) for s in slots(20, 1)[:-2]))
    few = replace(closed, slots=(*closed.slots, *slots(20, 1)[-2:]), lines=lines(2))
    few = replace(few, answer=None, slots=tuple(replace(s, parts=(Part(),)) for s in few.slots))
    console = styled_console(Theme.plain, file=io.StringIO(), width=80, height=24)
    with console.capture() as captured:
        console.print(WatchView(few))
    shown = captured.get()
    assert "20 mary" in shown
    assert " 5 mary" not in shown


def test_it_says_what_to_do_where_there_is_nothing_to_see() -> None:
    empty = Scene(model="m", place=0, places=0, lines=())
    assert "tell it a sentence" in "\n".join(drawn(empty, 80, 22))
    assert "ask a question" in drawn(replace(SLOTS, question="", answer=None), 80, 22)[-1]
    assert "no luck" in drawn(replace(SLOTS, trouble="no luck"), 80, 22)[-1]
