import importlib.util
from pathlib import Path

import pytest

from relmem_cli.asked_data import open_data
from relmem_cli.testing import check_source
from tests.conftest import Relmem
from tests.stories.test_cloze import book

SMALL = ("--kind", "NE,CN", "--candidates", "4")


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    path.write_text(book(260))
    return path


def test_questions_of_a_book_are_a_source_to_train_on(
    relmem: Relmem, tmp_path: Path, text: Path
) -> None:
    ran = relmem("data", "cloze", str(text), *SMALL, "--questions", "9", "--out", str(tmp_path))
    assert ran.code == 0, ran.err
    assert [Path(line).name for line in ran.out.split()] == [
        f"cbtest_{kind}_{split}.txt"
        for kind in ("NE", "CN")
        for split in ("train", "valid", "test")
    ]
    source = open_data(f"cbt:{tmp_path}")
    check_source(source)
    assert len(source.stories("NE", "train")) == 9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--kind", "NN"), "--kind 'NN' is none of NE, CN, V, P."),
        (("--kind", "P"), "no question of kind P can be made to train on: take more books"),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_written(
    relmem: Relmem, tmp_path: Path, text: Path, arguments: tuple[str, ...], said: str
) -> None:
    out = tmp_path / "out"
    ran = relmem("data", "cloze", str(text), *arguments, "--out", str(out))
    assert ran.code in (1, 2)
    assert said in ran.err
    assert not out.exists()


def test_a_book_that_is_none_is_said(relmem: Relmem, tmp_path: Path) -> None:
    ran = relmem("data", "cloze", str(tmp_path / "no.txt"), "--out", str(tmp_path))
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "no.txt cannot be read" in ran.err


def test_without_its_tagger_it_says_how_to_get_it(
    relmem: Relmem, tmp_path: Path, text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    ran = relmem("data", "cloze", str(text), "--out", str(tmp_path))
    assert ran.code == 1
    assert "pip install 'relmem[cloze]'" in ran.err
