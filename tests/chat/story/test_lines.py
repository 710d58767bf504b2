import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmem_cli.chat.story.lines import CommandLine, Utterance, UtteranceKind, clean, parse_line


def only(line: str) -> Utterance:
    parsed = parse_line(line)
    assert isinstance(parsed, list)
    (said,) = parsed
    return said


@pytest.mark.parametrize(
    "line",
    [
        "Where is Mary?",
        "where is Mary",
        "Anna kahan hai?",
        "Did John go",
        "is mary here ?",
        "wheres Ann",
        "isnt Ann in",
    ],
)
def test_a_question_has_a_question_mark_or_a_question_word_first(line: str) -> None:
    said = only(line)
    assert said.kind is UtteranceKind.question
    assert said.tokens[-1] == "?"


@pytest.mark.parametrize(
    "line", ["Mary went home.", "Mary went home", "mary knows where john is", "Is went the mary."]
)
def test_anything_else_is_a_sentence_that_ends_with_a_full_stop(line: str) -> None:
    said = only(line)
    assert said.kind is UtteranceKind.sentence
    assert said.tokens[-1] == "."


def test_a_mark_that_is_typed_is_not_added_again() -> None:
    assert only("Mary went home.").tokens == only("mary went home").tokens


def test_a_line_may_hold_several_sentences() -> None:
    parsed = parse_line("Mary went home. John slept.  Where is Mary?")
    assert isinstance(parsed, list)
    assert [(said.text, said.kind) for said in parsed] == [
        ("Mary went home.", UtteranceKind.sentence),
        ("John slept.", UtteranceKind.sentence),
        ("Where is Mary?", UtteranceKind.question),
    ]


def test_a_babi_question_is_read_without_its_number_and_keeps_its_answer() -> None:
    assert only("12 Where is Anna? \tattic\t9 11") == Utterance(
        text="Where is Anna?",
        kind=UtteranceKind.question,
        tokens=("where", "is", "anna", "?"),
        truth="attic",
    )


def test_a_babi_question_needs_no_question_mark() -> None:
    said = only("3 Anna kahan hai\tattic\t1")
    assert said.kind is UtteranceKind.question
    assert said.tokens == ("anna", "kahan", "hai")


def test_a_numbered_line_with_a_question_mark_is_a_question_without_an_answer_too() -> None:
    said = only("3 Anna kahan hai?")
    assert (said.kind, said.truth) == (UtteranceKind.question, "")


def test_a_number_in_other_digits_is_a_word() -> None:
    assert only("१ Anna slept.").tokens[0] == "१"


def test_a_babi_sentence_that_begins_with_a_question_word_is_a_sentence() -> None:
    assert only("2 Is samay anna soyi.").kind is UtteranceKind.sentence


@pytest.mark.parametrize(("line", "begins"), [("1 Anna slept.", True), ("11 Anna slept.", False)])
def test_line_1_of_a_babi_file_begins_a_story(line: str, begins: bool) -> None:
    assert only(line).begins_story is begins


def test_an_answer_after_a_tab_is_left_out_without_a_number_too() -> None:
    assert only("Where is Anna?\tattic\t1").text == "Where is Anna?"


def test_a_tab_between_words_is_a_space() -> None:
    assert only("Anna\tslept.").tokens == ("anna", "slept", ".")


@pytest.mark.parametrize("line", ["", "   ", "\t", ".", "? ?", "7 .", "\x00\x1b"])
def test_a_line_without_words_says_nothing(line: str) -> None:
    assert parse_line(line) == []


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/undo 2", CommandLine(name="undo", argument="2")),
        ("  /WHY  ", CommandLine(name="why", argument="")),
        ("/", CommandLine(name="", argument="")),
        ("/save   a  story ", CommandLine(name="save", argument="a  story")),
    ],
)
def test_a_slash_begins_a_command(line: str, command: CommandLine) -> None:
    assert parse_line(line) == command


def test_control_characters_and_escape_sequences_lose_their_power() -> None:
    assert clean("\ufeffa\x1b[31mb\x00\x07c\u202ed\ud800e\u2028f") == "a[31mbcdef"
    assert only("Mary\x00 went \x1bhome.").tokens == ("mary", "went", "home", ".")


@given(st.text(alphabet=st.characters() | st.sampled_from(string.printable)))
def test_every_text_is_read_as_something(text: str) -> None:
    parsed = parse_line(text)
    if isinstance(parsed, list):
        assert all(said.tokens and said.text.strip() == said.text for said in parsed)
        assert not any("\x1b" in said.text for said in parsed)
