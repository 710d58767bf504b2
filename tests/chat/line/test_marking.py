import pytest
from prompt_toolkit.document import Document

from relmem_cli.chat.commands import slash_commands
from relmem_cli.chat.line.marking import COMMAND, UNKNOWN, Marker
from relmem_cli.chat.story.word_lookup import LONGEST_WORD, WordLookup
from relmem_cli.stories.vocabulary import Vocabulary

LEXICON = WordLookup(Vocabulary(("<pad>", ".", "Bill", "bill", "kitchen", "mary", "to", "went")))
MARKER = Marker(lexicon=lambda: LEXICON, commands=slash_commands())


def marked(text: str) -> list[tuple[str, str]]:
    """The marked pieces of a line; a line is shown whole, whatever is marked."""
    document = Document(text)
    shown = [MARKER.lex_document(document)(n) for n in range(document.line_count)]
    assert ["".join(piece[1] for piece in line) for line in shown] == document.lines
    return [(piece[0], piece[1]) for line in shown for piece in line if piece[0]]


def test_unknown_words_are_marked() -> None:
    assert marked("Mary wnt to zog.") == [(UNKNOWN, "wnt"), (UNKNOWN, "zog")]


def test_a_word_in_another_spelling_of_a_known_one_is_not_marked() -> None:
    assert marked("Mary, (Mary) went! ") == []
    assert marked("zog! ") == [(UNKNOWN, "zog!")]


def test_a_word_being_typed_is_not_marked_while_it_may_become_known() -> None:
    assert marked("Mary went to kitch") == []
    assert marked("Mary went to kitchn") == [(UNKNOWN, "kitchn")]
    assert marked("Mary went to kitch ") == [(UNKNOWN, "kitch")]
    assert marked("kitch\nmary") == [(UNKNOWN, "kitch")]


def test_neither_a_babi_lines_number_nor_its_answer_is_marked() -> None:
    assert marked("12 Mary wnt?\tattic\t9") == [(UNKNOWN, "wnt")]
    assert marked("Mary?\tattic") == []
    assert marked("Mary\tattic ") == [(UNKNOWN, "attic")]


def test_a_known_command_looks_like_one_and_another_is_marked() -> None:
    assert marked("/undo 2") == [(COMMAND, "/undo")]
    assert marked("/und") == [(COMMAND, "/und")]
    assert marked("/und 2") == [(UNKNOWN, "/und")]
    assert marked("/zog") == [(UNKNOWN, "/zog")]
    assert marked("  /UNDO 2") == [(COMMAND, "/UNDO")]


def test_the_sentence_of_an_edit_is_marked_as_any_other() -> None:
    assert marked("/edit 2 Mary wnt ") == [(COMMAND, "/edit"), (UNKNOWN, "wnt")]
    assert marked("/EDIT 2 Mary wnt ") == [(COMMAND, "/EDIT"), (UNKNOWN, "wnt")]
    assert marked("/save a story") == [(COMMAND, "/save")]


@pytest.mark.parametrize(
    "text",
    ["", "?", "/", "  ", "\x00", "\x1b[31m", "[red]", "\udcff", "日本 🎉", "a" * 99],
)
def test_any_line_is_shown_as_it_is(text: str) -> None:
    marked(text)
    marked(f"/edit 1 {text}")
    assert MARKER.hint_for(text).isprintable()


def test_the_hint_has_near_words_and_says_where_there_are_none() -> None:
    assert MARKER.hint_for("Mary wnt to zog.") == "wnt: went?   zog: not known"
    assert MARKER.hint_for("Mary went to kitch") == ""
    assert MARKER.hint_for("/save zog") == ""


def test_the_hint_names_a_word_once_and_an_endless_one_by_its_beginning() -> None:
    assert MARKER.hint_for("zog zog ") == "zog: not known"
    assert MARKER.hint_for("z" * 1_000 + " ") == f"{'z' * 17}...: not known"


def test_control_characters_in_a_word_do_not_make_it_unknown() -> None:
    assert marked("ma\x00ry went ") == []


def test_of_an_endless_line_the_beginning_is_marked() -> None:
    assert 1_000 < len(marked("zog " * 2_000)) < 2_000


def test_no_near_words_are_looked_for_where_that_takes_long() -> None:
    assert LEXICON.near("kitchn") == ("kitchen",)
    assert LEXICON.near("kitchn" * LONGEST_WORD) == ()


def test_another_model_marks_other_words() -> None:
    present = [LEXICON]
    marker = Marker(lexicon=lambda: present[0], commands={})
    before = marker.invalidation_hash()
    present[0] = WordLookup(Vocabulary(("<pad>", "zog")))
    assert marker.invalidation_hash() != before
    assert marker.lex_document(Document("zog "))(0) == [("", "zog ")]


def test_a_name_that_a_known_one_stands_for_is_not_marked() -> None:
    vocabulary = Vocabulary(("<pad>", ".", "kitchen", "mary", "the", "to", "went"))
    follows = {"": ["mary"], "mary": ["went"], "to the": ["kitchen"], "the": ["kitchen"]}
    lexicon = WordLookup(vocabulary, follows, stand_ins=True)
    assert list(lexicon.unknown_spans("alice went to the attic.", being_typed=False)) == []
    (verb,) = lexicon.unknown_spans("alice rambled to the attic.", being_typed=False)
    assert verb == (6, 13)
    lexicon.stand_ins = False
    assert len(list(lexicon.unknown_spans("alice went to the attic.", being_typed=False))) == 2
