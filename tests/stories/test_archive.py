import re
from collections.abc import Callable
from pathlib import Path

import pytest

from relmem_cli.stories import archive
from relmem_cli.stories.archive import (
    check_folder,
    check_set,
    file_names,
    published_hashes,
    sha256,
)
from relmem_cli.stories.sources import SETS

GOOD = b"1 Ann ran to the barn.\n2 Where is Ann?\tbarn\t1\n"


@pytest.fixture
def full_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set with all 40 files, which are for now the published ones."""
    folder = tmp_path / "en"
    folder.mkdir()
    for name in file_names():
        (folder / name).write_bytes(GOOD)
    hashes = {f"en/{name}": sha256(folder / name) for name in file_names()}
    monkeypatch.setattr(archive, "published_hashes", lambda: hashes)
    return folder


def faults(folder: Path) -> dict[str, tuple[str, ...]]:
    return {one.file.name: one.faults for one in check_set(folder) if one.faults}


def test_hashes_are_of_files_of_the_six_sets_and_three_are_not_known() -> None:
    expected = {f"{name}/{file}" for name in SETS for file in file_names()}
    assert published_hashes().keys() < expected
    assert expected - published_hashes().keys() == {
        f"{name}/qa3_three-supporting-facts_train.txt" for name in SETS if name.endswith("10k")
    }
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in published_hashes().values())


def test_the_two_sizes_share_their_test_files_but_for_those_of_some_tasks() -> None:
    hashes = published_hashes()
    tests = [name for name in file_names() if name.endswith("_test.txt")]
    assert len({hashes[f"en/{name}"] for name in tests}) == 20


def test_real_sets_are_as_published(babi: Path) -> None:
    assert not [one for one in check_set(babi / "en") if one.faults]


def test_a_whole_set_has_no_faults(full_set: Path) -> None:
    assert len(list(check_set(full_set))) == 40
    assert faults(full_set) == {}


def test_a_missing_file_is_a_fault(full_set: Path) -> None:
    (full_set / file_names()[5]).unlink()
    assert faults(full_set) == {file_names()[5]: ("missing",)}


def test_every_file_of_a_missing_set_is_a_fault(tmp_path: Path) -> None:
    assert set(faults(tmp_path / "hn").values()) == {("missing",)}
    assert len(faults(tmp_path / "hn")) == 40


def test_a_changed_file_that_can_still_be_read_differs_only_by_its_hash(full_set: Path) -> None:
    (full_set / file_names()[0]).write_bytes(GOOD.replace(b"barn", b"well"))
    assert faults(full_set) == {file_names()[0]: ("not as published (its SHA-256 differs)",)}


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda good: good[:-5], r"line 2: the last line has no end"),
        (lambda good: b"", r"line 1: the file is empty"),
        (lambda good: good + b"4 Ann ran.\n", r"line 3: line number 4 is out of order"),
        (lambda good: good + b"\xff\n", r"line 3: byte 0xff is not UTF-8"),
    ],
)
def test_a_broken_file_is_named_with_its_line(
    full_set: Path, damage: Callable[[bytes], bytes], complaint: str
) -> None:
    (full_set / file_names()[0]).write_bytes(damage(GOOD))
    hashed, read = faults(full_set)[file_names()[0]]
    assert hashed.startswith("not as published")
    assert re.match(complaint, read)


def test_several_broken_files_are_all_listed(full_set: Path) -> None:
    for name in file_names()[:3]:
        (full_set / name).write_bytes(b"")
    assert list(faults(full_set)) == file_names()[:3]


def test_a_file_without_a_known_hash_is_read_through(
    full_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "published_hashes", dict)
    assert faults(full_set) == {}
    (full_set / file_names()[4]).write_bytes(b"no number\n")
    ((complaint,),) = faults(full_set).values()
    assert complaint.startswith("line 1: starts with 'no'")


def test_a_folder_of_ones_own_is_read_through_and_compared_with_nothing(tmp_path: Path) -> None:
    (tmp_path / "qa1_mine_train.txt").write_bytes(GOOD)
    (tmp_path / "qa2_mine_train.txt").write_bytes(b"2 Ann ran.\n")
    (tmp_path / "notes.txt").write_bytes(b"no stories\n")
    found = {one.file.name: len(one.faults) for one in check_folder(tmp_path)}
    assert found == {"qa1_mine_train.txt": 0, "qa2_mine_train.txt": 1}
