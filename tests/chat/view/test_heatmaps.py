import io
from dataclasses import replace
from typing import Any

import pytest
from rich.console import RenderableType

from relmem_cli.chat.story.maps import HeatMap
from relmem_cli.chat.view.heatmaps import MapsView, Strip
from relmem_cli.chat.view.theme import Theme, styled_console

SMALL = HeatMap(
    name="gates",
    title="what opened",
    values=((0.0, 0.5, 1.0), (1.0, 0.0, 0.0)),
    rows="sentence",
    columns="slot",
    row_labels=("Mary went home.", "[bold]你好[/]"),
    column_labels=("mary", "john", "home"),
)


def shown(what: RenderableType, *, encoding: str = "utf-8", **options: Any) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    styled_console(Theme.dark, file=file, **({"width": 80, "height": 24} | options)).print(what)
    file.seek(0)
    return file.read()


def big(rows: int, columns: int, what: str = "sentence") -> HeatMap:
    """The numbers grow to the right and, within a column, downwards."""
    values = tuple(tuple(c + r / rows for c in range(columns)) for r in range(rows))
    return HeatMap(name="big", values=values, rows=what, columns="slot")


def test_each_row_has_its_label_and_a_cell_for_each_number() -> None:
    lines = [line.rstrip() for line in shown(MapsView([SMALL])).splitlines()]
    assert lines[0] == "  gates: what opened"
    assert lines[1].split() == ["1", "2", "3"]
    assert lines[2] == "  1 Mary went home.   ▒▒██"
    assert lines[3] == "  2 [bold]你好[/]   ██"
    assert "1.00   slot: 1 mary, 3 home, 2 john" in lines[4]


def test_cells_are_scaled_to_the_highest_number_which_is_named() -> None:
    heat = HeatMap(name="x", values=((0.0, 2.0, 4.0),), rows="hop", columns="slot")
    lines = shown(MapsView([heat])).splitlines()
    assert lines[2] == "  hop 1   ▒▒██"
    assert "█ 4.00" in lines[3]


def test_columns_are_two_cells_wide_where_there_is_just_room_for_it() -> None:
    heat = HeatMap(name="x", values=((1.0,) * 20,), rows="hop", columns="slot")
    assert shown(MapsView([heat]), width=48).splitlines()[2] == "  hop 1 " + "█" * 40
    assert shown(MapsView([heat]), width=47).splitlines()[2] == "  hop 1 " + "█" * 20


def test_a_columns_number_ends_where_the_column_does() -> None:
    numbers = shown(MapsView([big(1, 12)])).splitlines()[1]
    assert numbers == " " * (2 + len("sentence 1") + 1) + f"{5:>10}{10:>10}"


def test_numbers_of_columns_that_stand_close_leave_a_blank_between_them() -> None:
    row = tuple(1.0 if (column + 1) % 5 == 0 else 0.0 for column in range(130))
    heat = HeatMap(name="x", values=(row,), rows="hop", columns="slot")
    assert shown(MapsView([heat]), width=34).splitlines()[1].split() == (
        ["5", "20", "35", "50", "65", "80", "95", "115"]
    )


def test_a_label_that_has_no_room_ends_in_dots() -> None:
    heat = HeatMap(
        name="x", values=((1.0,),), rows="sentence", columns="slot", row_labels=("long " * 30,)
    )
    line = shown(MapsView([heat]), width=40).splitlines()[2]
    assert line.endswith("… ██")
    assert len(line) == 40


def test_rows_that_a_small_map_leaves_are_given_to_a_large_one() -> None:
    for maps in ([big(40, 3), big(4, 3)], [big(4, 3), big(40, 3)]):
        text = shown(MapsView(maps), height=30)
        assert text.count("not shown") == 1
        assert "not shown: 24 earlier rows" in text


def test_the_strongest_columns_are_named_and_sentences_only_by_number() -> None:
    labels = tuple(f"word{n}" for n in range(20))
    heat = HeatMap(
        name="x", values=(tuple(range(20)),), rows="hop", columns="slot", column_labels=labels
    )
    assert "slot: 20 word19, 19 word18" in shown(MapsView([heat]), width=200)
    assert shown(MapsView([heat]), width=200).count("word") == 8
    assert "word" not in shown(MapsView([replace(heat, columns="sentence")]), width=200)


def test_where_the_terminal_is_ascii_so_is_the_map() -> None:
    plain = HeatMap(name="x", values=((0.0, 0.5, 1.0),), rows="hop", columns="slot")
    text = shown(MapsView([plain]), encoding="ascii")
    assert text.isascii()
    assert "  hop 1   ==##" in text.replace("++", "==")


def test_with_colours_the_cells_are_coloured_and_without_them_drawn() -> None:
    options = {"force_terminal": True, "color_system": "truecolor"}
    assert "\x1b[48;2;" in shown(MapsView([SMALL]), no_color=False, **options)
    without = shown(MapsView([SMALL]), no_color=True, **options)
    assert "\x1b[48" not in without
    assert "▒▒██" in without
    few = shown(MapsView([SMALL]), no_color=False, force_terminal=True, color_system="standard")
    assert "▒▒██" in few


@pytest.mark.parametrize(("width", "height"), [(40, 15), (80, 24), (200, 50)])
@pytest.mark.parametrize("maps", [1, 3])
def test_any_map_fits_the_window(width: int, height: int, maps: int) -> None:
    drawn = [replace(big(130, 70), title="of many words " * 5)] * maps
    text = shown(MapsView(drawn), width=width, height=height)
    lines = text.splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) < height
    assert 1 <= text.count("not shown") <= maps
    assert ("no room for: big" in text) is (text.count("not shown") < maps)


def test_of_many_sentences_the_latest_are_shown_and_of_anything_else_the_strongest() -> None:
    latest = shown(MapsView([big(40, 3)]), height=15)
    assert "sentence 40" in latest
    assert "sentence  1" not in latest
    turned = HeatMap(
        name="x", values=tuple(reversed(big(40, 3, "slot").values)), rows="slot", columns="slot"
    )
    strongest = shown(MapsView([turned]), height=15)
    assert "slot  1" in strongest
    assert "not shown: 30 weaker rows" in strongest


def test_a_map_of_nothing_but_zeros_is_blank() -> None:
    zeros = HeatMap(name="x", values=((0.0, 0.0),), rows="hop", columns="slot")
    assert "█" not in shown(MapsView([zeros])).splitlines()[2]


def strip(*values: float, labels: tuple[str, ...] = (), **options: Any) -> str:
    heat = HeatMap(name="", values=(values,), rows="sentence", columns="slot", column_labels=labels)
    return shown(Strip(heat), **options)


def test_a_strip_has_a_character_for_each_slot_and_names_the_strongest() -> None:
    line = strip(0.0, 1.0, 0.55, 0.45, labels=("a", "b", "c", "d"))
    assert line == "  ▁█▅▄  b, c\n"


def test_a_strip_names_each_word_once_and_slots_without_words_by_number() -> None:
    assert strip(1.0, 0.9, labels=("they", "they")).endswith("  they\n")
    assert strip(0.1, 0.9).endswith("  slot 2\n")
    assert strip(0.3, 0.0).endswith("  slot 1\n")


def test_a_strip_says_that_nothing_opened() -> None:
    assert strip(0.01, 0.0) == "  ▁▁  no slot opened\n"


def test_a_strip_takes_one_line_in_any_window_and_ascii_where_there_is_no_more() -> None:
    words = tuple(f"word{n}" for n in range(70))
    for width in (20, 40, 80):
        line = strip(*[1.0] * 70, labels=words, width=width, encoding="ascii")
        assert line.count("\n") == 1
        assert len(line) <= width + 1
        assert f"  {'#' * (width // 2)}  w" in line
