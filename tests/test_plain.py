import pytest

from relmem_cli.plain import brief_end, brief_line, brief_start, listed


def test_a_text_that_is_too_long_is_cut_to_the_length_dots_and_all() -> None:
    for shorten in (brief_line, brief_start):
        assert shorten("12345678", 8) == "12345678"
        assert shorten("123456789", 8) == "12345..."
    assert brief_line("1 " * 1_000, 8) == "1 1 1..."
    assert brief_line("1" + " " * 100 + "2", 8) == "1..."


def test_somebody_elses_text_is_one_line_and_steers_no_terminal() -> None:
    assert brief_line("one\n  two\tthree") == "one two three"
    assert brief_line("\x1b[2Jgone", 40) == "\N{REPLACEMENT CHARACTER}[2Jgone"


def test_of_a_label_that_is_too_long_the_end_is_left() -> None:
    assert brief_end("a/b/c", 5) == "a/b/c"
    assert brief_end("runs/task-1/seed-2", 9) == "...seed-2"


@pytest.mark.parametrize("most", [0, 1, 2, 3])
def test_where_there_is_no_room_but_for_dots_there_are_but_dots(most: int) -> None:
    assert brief_line("a long text", most) == brief_end("a long text", most) == "..."[:most]


def test_of_many_names_the_first_are_listed_and_the_others_counted() -> None:
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"
