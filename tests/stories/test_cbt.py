from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relmem_cli.asked_data import asked_tasks, open_data, whole_path
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.stories.cbt import BLANK, Cbt, parse_cbt, read_cbt
from relmem_cli.stories.cloze import Cloze
from relmem_cli.stories.text_files import FormatError
from relmem_cli.testing import check_source

GOOD = """\
1 Mr. Fox met Ann .
2 `` Where is Bob ? '' said Ann .
3 She saw that XXXXX was late .\tBob\t\tAnn|Bob|Fox|Mr.

1 The Hen slept .
2 Then the XXXXX woke .\tHen\t\tHen|Fox

"""


def folder(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).write_text(GOOD)
    return path


def test_a_passage_has_its_sentences_and_one_question_after_them(tmp_path: Path) -> None:
    (path,) = folder(tmp_path, "cbtest_NE_train.txt").iterdir()
    first, second = read_cbt(path, task="NE")
    assert [len(story.sentences) for story in (first, second)] == [2, 1]
    assert first.task == "NE"
    (asked,) = first.questions
    assert (asked.position, asked.answer) == (2, "bob")
    assert asked.candidates == ("ann", "bob", "fox", "mr.")


def test_words_are_the_files_own_in_lower_case() -> None:
    first, _ = parse_cbt(GOOD.splitlines(), "here")
    assert first.sentences[0] == ("mr.", "fox", "met", "ann", ".")
    assert first.sentences[1] == ("``", "where", "is", "bob", "?", "''", "said", "ann", ".")


@pytest.mark.parametrize("query", ["so XXXXX .", "so XXXXX.", "so 'XXXXX' .", "XXXXX"])
def test_the_blank_is_a_word_of_its_own(query: str) -> None:
    (story,) = parse_cbt([f"1 {query}\tBob\t\tAnn|Bob"], "here")
    assert BLANK.lower() in story.questions[0].text


def test_candidates_that_differ_in_case_alone_or_are_empty_are_one_or_none() -> None:
    (story,) = parse_cbt(["1 so XXXXX .\tThe\t\tthe|The||a|"], "here")
    assert story.questions[0].candidates == ("the", "a")


WORDS = st.text("aBxÉ'`.?0İ\u2019", min_size=1, max_size=4)
SENTENCES = st.lists(WORDS, min_size=1).map(" ".join)


@given(told=st.lists(SENTENCES), query=SENTENCES, among=st.lists(WORDS, min_size=1))
def test_what_is_written_is_read_again(told: list[str], query: str, among: list[str]) -> None:
    written = Cloze(
        context=tuple(told), query=f"{query} {BLANK}", answer=among[0], candidates=tuple(among)
    )
    (story,) = parse_cbt(written.lines().split("\n"), "here")
    assert story.sentences == tuple(tuple(text.lower().split()) for text in told)
    (asked,) = story.questions
    assert asked.text == (*query.lower().split(), BLANK.lower())
    assert asked.answer == among[0].lower()
    assert asked.candidates == tuple(dict.fromkeys(word.lower() for word in among))


@pytest.mark.parametrize(
    ("content", "line", "complaint"),
    [
        ("", 1, "the file is empty; expected numbered sentences"),
        ("Ann left .\n", 1, "starts with 'Ann'; expected the line number 1"),
        ("1 Ann left .\n3 Bob left .\n", 2, "starts with '3'; expected the line number 2"),
        ("1\n", 1, "nothing after line number 1"),
        ("1 Ann left .\n\n", 2, "a passage without a question"),
        ("1 Ann left .", 1, "the last passage has no question; the file may have been cut off"),
        ("1 Ann left .\n2 XXXXX .\tBob\n", 2, "1 tabs; expected query, tab, answer, two tabs"),
        ("1 Ann .\tAnn\t\tAnn|Bob\n", 1, "a query without XXXXX"),
        ("1 XXXXX .\tEve\t\tAnn|Bob\n", 1, "the answer 'eve' is none of the candidates"),
        ("1 XXXXX .\t\t\tAnn|Bob\n", 1, "the answer '' is none of the candidates"),
        ("1 a\0b\n", 1, "a NUL byte"),
    ],
)
def test_a_fault_is_told_with_file_and_line(
    tmp_path: Path, content: str, line: int, complaint: str
) -> None:
    path = tmp_path / "cbtest_NE_train.txt"
    path.write_text(content)
    with pytest.raises(FormatError) as caught:
        read_cbt(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert complaint in str(caught.value)


PUBLISHED = [
    f"cbtest_{kind}_{split}.txt"
    for kind in ("NE", "CN", "V", "P")
    for split in ("train", "valid_2000ex", "test_2500ex")
]


def test_a_folder_with_the_published_names_is_a_source_with_four_tasks(tmp_path: Path) -> None:
    source = open_data(f"cbt:{folder(tmp_path, *PUBLISHED)}")
    check_source(source)
    assert asked_tasks("all", source.name) == ("NE", "CN", "V", "P")
    assert open_data(source.name) == source


def test_a_folder_with_one_kind_has_one_task(tmp_path: Path) -> None:
    names = [f"cbtest_CN_{split}.txt" for split in ("train", "valid", "test")]
    source = open_data(f"cbt:{folder(tmp_path, *names)}")
    check_source(source)
    assert asked_tasks("", source.name) == ("CN",)
    with pytest.raises(RelmemError, match=r"cbtest_V_train.txt is missing"):
        source.stories("V", "train")


def test_what_it_has_not_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        open_data(f"cbt:{tmp_path / 'nowhere'}")
    with pytest.raises(UsageError, match="the folder has no file such as cbtest_NE_train.txt"):
        open_data(f"cbt:{tmp_path}")
    with pytest.raises(RelmemError, match="--data cbt needs the folder of its files"):
        Cbt().stories("NE", "train")
    folder(tmp_path, "cbtest_V_test.txt", "cbtest_V_test_2500ex.txt")
    with pytest.raises(RelmemError, match="keep one of them"):
        open_data(f"cbt:{tmp_path}").stories("V", "test")


def test_a_folder_that_is_named_from_here_is_kept_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "books").mkdir()
    folder(tmp_path / "books", "cbtest_NE_train.txt")
    monkeypatch.chdir(tmp_path)
    assert whole_path("cbt:books") == f"cbt:{tmp_path.resolve() / 'books'}"
    assert whole_path("en+cbt:books") == f"en+cbt:{tmp_path.resolve() / 'books'}"
    assert whole_path("books") == str(tmp_path.resolve() / "books")
    assert [whole_path(name) for name in ("cbt:none", "cbt", "cbt:")] == ["cbt:none", "cbt", "cbt:"]
    (tmp_path / "mixture").mkdir()
    assert whole_path("world:mixture") == "world:mixture"
