from pathlib import Path

import pytest

from relmem_cli.errors import RelmemError
from relmem_cli.stories.babi import read_babi
from relmem_cli.stories.text_files import FormatError

GOOD = """\
1 Ann went to the shed.
2 Where is Ann? \tshed\t1
3 Bob took the lamp there.
4 What is Bob holding?\tlamp\t3 1
1 Bob is hungry.
2 Why?\tHungry
"""


@pytest.fixture
def write(tmp_path: Path):
    def write_file(content: str | bytes) -> Path:
        path = tmp_path / "qa1_own_train.txt"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def test_a_story_starts_where_the_numbers_restart(write) -> None:
    stories = read_babi(write(GOOD), task=1)
    assert [len(story.sentences) for story in stories] == [2, 1]
    assert [len(story.questions) for story in stories] == [2, 1]
    assert stories[0].sentences[0] == ("ann", "went", "to", "the", "shed", ".")
    assert stories[0].task == 1


def test_a_question_knows_what_was_told_before_it_and_why_its_answer_holds(write) -> None:
    first, second = read_babi(write(GOOD))[0].questions
    assert (first.position, first.answer, first.supports) == (1, "shed", (0,))
    assert (second.position, second.answer, second.supports) == (2, "lamp", (1, 0))


def test_an_answer_keeps_its_case_and_is_one_item(write) -> None:
    stories = read_babi(write("1 Ann has it.\n2 Who has it?\tAnn\t1\n3 What?\tlamp,Cup\t1\n"))
    assert [q.answer for q in stories[0].questions] == ["Ann", "lamp,Cup"]


def test_windows_line_ends_and_a_byte_order_mark_are_read(write) -> None:
    stories = read_babi(write(b"\xef\xbb\xbf1 Ann left.\r\n2 Who left?\tAnn\t1\r\n"))
    assert stories[0].sentences == (("ann", "left", "."),)


@pytest.mark.parametrize(
    ("content", "line", "complaint"),
    [
        ("", 1, "the file is empty"),
        ("\n\n", 1, "the file is empty"),
        ("Ann left.\n", 1, "expected a line number"),
        ("1 Ann left.\nBob left.\n", 2, "expected a line number"),
        ("1\n", 1, "nothing after line number 1"),
        ("2 Ann left.\n", 1, "out of order; expected 1"),
        ("1 Ann left.\n3 Bob left.\n", 2, "out of order; expected 2"),
        ("1 Ann left.\n2 Who left? Ann\t\n", 2, "empty answer"),
        ("1 Ann left.\n2 Who left?\n", 2, "question without an answer"),
        ("1 Ann left.\n2 Who left? Ann 1\n", 2, "a question mark and no tab"),
        ("1 Ann left.\t2 3\n", 1, "a full stop before a tab"),
        ("1 Ann left.\n2 Who left?\tAn", 2, "cut off"),
        ("1 Ann left.\n2 Who?\tAnn\t1\t9\n", 2, "3 tabs"),
        ("1 Ann left.\n2 Who?\tAnn\t7\n", 2, "supporting line '7'"),
        ("1 Ann left.\n2 Who?\tAnn\tx\n", 2, "supporting line 'x'"),
        ("1 Ann left.\n\n2 Bob left.\n", 2, "expected a line number"),
        ("1 Ann left.\n2 Bob wen", 2, "cut off"),
        (b"1 Ann left.\n2 caf\xe9.\n", 2, "not UTF-8"),
        (b"1 Ann left.\n\0\0\0\n", 2, "NUL byte"),
        (b"\x7fELF\x02\x01\0", 1, "NUL byte"),
    ],
)
def test_a_broken_file_is_refused_with_its_line_and_what_was_expected(
    write, content: str | bytes, line: int, complaint: str
) -> None:
    path = write(content)
    with pytest.raises(FormatError) as caught:
        read_babi(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert complaint in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RelmemError, match="nowhere.txt cannot be read"):
        read_babi(tmp_path / "nowhere.txt")


@pytest.mark.parametrize("last", ["2 Bob left.", "2 Who left?\tAnn\t1"])
def test_a_whole_last_line_needs_no_line_break(write, last: str) -> None:
    ended, open_ended = (read_babi(write(f"1 Ann left.\n{last}{end}")) for end in ("\n", ""))
    assert ended == open_ended


def test_dialogues_whose_turns_have_no_marks_are_read(write) -> None:
    (story,) = read_babi(write("1 hi\thello what can i help you with\n2 resto_1 R_phone 012\n"))
    assert story.questions[0].text == ("hi",)


def test_marks_of_other_scripts_end_sentences_and_questions(write) -> None:
    (story,) = read_babi(write("1 Ann left。\n2 Who left？\tAnn\t1\n"))  # noqa: RUF001
    assert (story.sentences[0][-1], story.questions[0].text[-1]) == (".", "?")


def test_a_sentence_that_ends_with_both_marks_is_read_as_the_official_files_have_it(write) -> None:
    (story,) = read_babi(write("1 Pallavi bhed hai ?.\n2 Who left?\tAnn\n"))
    assert len(story.sentences) == 1
