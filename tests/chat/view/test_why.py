import io
from typing import Any

from relmem_cli.chat.story.answers import Answer
from relmem_cli.chat.story.lines import parse_line
from relmem_cli.chat.story.turns import Reason, Why
from relmem_cli.chat.view.theme import Theme, styled_console
from relmem_cli.chat.view.why import WhyView


def said(line: str) -> Any:
    parsed = parse_line(line)
    assert isinstance(parsed, list)
    return parsed[0]


def why(*reasons: tuple[str, float, tuple[float, ...]]) -> Why:
    answer = Answer(answer="home", probability=1.0, alternatives=(), unknown=(), seconds=0.0)
    told = tuple(Reason(said=said(text), share=share, words=w) for text, share, w in reasons)
    return Why(question=said("Where is Mary?"), answer=answer, reasons=told)


TWO = why(("Mary ran home.", 0.75, (0.0, 0.3, 1.0, 0.9)), ("John fell", 0.25, (0.05, 0.0)))


def shown(reasons: Why, *, encoding: str = "utf-8", **options: Any) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    styled_console(Theme.dark, file=file, **({"width": 80} | options)).print(WhyView(reasons))
    file.seek(0)
    return file.read()


def test_each_sentence_has_a_bar_a_share_and_its_number() -> None:
    lines = [line.split() for line in shown(TWO).splitlines()]
    assert lines == [
        ["Where", "is", "Mary?", "home"],
        ["████████", "75.0%", "1", "Mary", "ran", "*home*."],
        ["███", "25.0%", "2", "John", "fell"],
    ]


def test_the_strongest_word_is_marked_where_there_are_no_styles_but_never_an_end_mark() -> None:
    only = why(("Mary ran home.", 1.0, (0.5, 0.1, 0.2, 0.9)))
    assert "*Mary* ran home." in shown(only)


def test_with_styles_words_are_bold_by_weight_and_the_strongest_underlined() -> None:
    options = {"force_terminal": True, "color_system": "standard"}
    assert "\x1b[1;4;32mhome\x1b[0m" in shown(TWO, no_color=False, **options)
    assert "\x1b[32mran\x1b[0m" in shown(TWO, no_color=False, **options)
    assert "*" not in shown(TWO, no_color=False, **options)


def test_without_colours_the_strongest_word_is_still_underlined() -> None:
    text = shown(TWO, force_terminal=True, color_system="standard", no_color=True)
    assert "\x1b[1;4mhome" in text
    assert "32m" not in text


def test_ascii_has_bars_too() -> None:
    text = shown(TWO, encoding="ascii")
    assert text.isascii()
    assert "########  75.0%" in text


def test_a_long_story_is_summed_up() -> None:
    long = why(*[("Mary ran.", 1 / 30, (1.0, 1.0))] * 30)
    lines = shown(long).splitlines()
    assert len(lines) == 22
    assert lines[-1].split() == ["33.3%", "10", "more"]


def test_of_a_long_story_the_strongest_sentences_are_listed_in_order() -> None:
    rising = why(*[("Mary ran.", n / 325, (1.0, 1.0)) for n in range(1, 26)])
    numbers = [line.split("%")[1].split()[0] for line in shown(rising).splitlines()[1:-1]]
    assert numbers == [str(n) for n in range(6, 26)]


def test_words_are_weighed_against_the_heaviest_of_the_story_and_shares_stand_out() -> None:
    two = why(("Mary ran home.", 0.8, (0.0, 0.6, 1.0)), ("John fell", 0.2, (0.3, 0.0)))
    text = shown(two, force_terminal=True, color_system="standard", no_color=False)
    assert "\x1b[1;32mran\x1b[0m" in text
    assert "\x1b[4;32mJohn\x1b[0m" in text
    assert "\x1b[1m80.0%\x1b[0m" in text
    assert "\x1b[2m20.0%\x1b[0m" in text


def test_a_narrow_window_is_kept_to_and_all_words_are_there() -> None:
    lines = shown(TWO, width=40).splitlines()
    assert max(map(len, lines)) <= 40
    assert "████  75.0%" in lines[1]


def test_what_people_typed_is_never_markup() -> None:
    assert "[bold]x[/]" in shown(why(("[bold]x[/] fell.", 1.0, (0.0, 1.0))))


def test_a_question_without_a_story_says_so_and_one_that_weighs_nothing_has_no_bars() -> None:
    assert "no sentence came before the question" in shown(why())
    assert "█" not in shown(why(("Mary ran.", 0.0, (0.0, 0.0, 0.0))))
