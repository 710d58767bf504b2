import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmem_cli.reports.bars import draw_bar, draw_line


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(0, "          "), (0.25, "██▌       "), (1, "██████████"), (0.0001, "▏         ")],
)
def test_a_bar_is_as_long_as_its_fraction_to_an_eighth(fraction: float, text: str) -> None:
    assert draw_bar(fraction, 10, mark=None).text == text


def test_ascii_bars_are_as_long_as_they_can_tell() -> None:
    bar = draw_bar(0.52, 10, mark=0.81, ascii_only=True)
    assert bar.text == "#####   | "
    assert bar.mark == 8


@given(
    fraction=st.floats(0, 1),
    mark=st.none() | st.floats(0, 1),
    width=st.integers(1, 40),
    ascii_only=st.booleans(),
)
def test_a_bar_is_never_wider_than_its_room_and_shows_its_mark(
    fraction: float, mark: float | None, width: int, ascii_only: bool
) -> None:
    bar = draw_bar(fraction, width, mark=mark, ascii_only=ascii_only)
    assert len(bar.text) == width
    assert (bar.mark is None) == (mark is None)
    if bar.mark is not None:
        assert bar.text[bar.mark] in "|│"
    if ascii_only:
        assert bar.text.isascii()


def test_a_line_is_as_high_as_its_values_and_no_wider_than_its_room() -> None:
    assert draw_line([0, 0.5, 1, 2], 10, top=1) == "▁▅██"
    assert draw_line([1, 1, 0, 0], 2, top=1) == "█▁"
    assert draw_line([], 10, top=1) == ""
    assert draw_line([0, 0], 10, top=0) == "▁▁"
    assert draw_line([0, 1], 10, top=1, ascii_only=True) == "_#"


@given(values=st.lists(st.floats(0, 1), max_size=200), width=st.integers(1, 40))
def test_a_line_has_a_character_for_each_value_that_there_is_room_for(
    values: list[float], width: int
) -> None:
    assert len(draw_line(values, width, top=1)) == min(len(values), width)
