"""A folder of stories that somebody else filled, and the archive that a server sends."""

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from relmem_cli.errors import RelmemError
from relmem_cli.stories import fetch
from relmem_cli.stories.archive import file_names
from relmem_cli.stories.sources import ARCHIVE, BabiFolder
from tests.conftest import Relmem
from tests.hostile_folders.conftest import ESCAPE, Place, Refused, harmful, sparse

GOOD = "1 Ann went to the barn.\n2 Where is Ann?\tbarn\t1\n"

Make = Callable[[Path, Place], object]


def text(said: str | bytes) -> Make:
    data = said if isinstance(said, bytes) else said.encode()
    return lambda path, place: path.write_bytes(data)


FILES: dict[str, tuple[Make, str]] = {
    "a pipe": (lambda path, place: os.mkfifo(path), "it is no regular file"),
    "a device": (lambda path, place: path.symlink_to("/dev/zero"), "it is no regular file"),
    "a folder": (lambda path, place: path.mkdir(), "Is a directory"),
    "a link to itself": (lambda path, place: path.symlink_to(path), "Too many levels"),
    "a link to nothing": (lambda path, place: path.symlink_to("nowhere"), "No such file"),
    "a secret": (lambda path, place: path.symlink_to(place.thesis), "expected a line number"),
    "terabytes": (lambda path, place: sparse(path), "it is larger than 1024 MB"),
    "a binary": (text(b"\x7fELF\0\0"), "this looks like a binary file"),
    "another encoding": (text("1 Zoë went.\n".encode("latin-1")), "is not UTF-8"),
    "an end too early": (text(GOOD[:-9]), "the last line has no end"),
    "a large number": (text("9" * 5000 + " Ann went.\n"), "expected a line number"),
    "a fact far away": (text(GOOD.replace("\t1", "\t" + "9" * 5000)), "is no earlier sentence"),
    "escapes": (text(f"1 Ann went.\n2 {ESCAPE}?\t\t1\n"), "a question with an empty answer"),
    "escapes for a number": (text(f"{ESCAPE} Ann went.\n"), "expected a line number"),
    "another story's fact": (text(GOOD.replace("\t1", "\t7")), "is no earlier sentence"),
}

COMMANDS = (
    ("data", "stats", "--data", ".", "--task", "1"),
    ("data", "roles", "--data", ".", "--task", "1"),
    ("train", "-v", "gru", "--data", ".", "--task", "1"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=["stats", "roles", "train"])
@pytest.mark.parametrize(("make", "said"), FILES.values(), ids=FILES)
def test_what_is_no_file_of_stories_is_one_sentence(
    refused: Refused, place: Place, make: Make, said: str, command: tuple[str, ...]
) -> None:
    make(place.here / "qa1_a_train.txt", place)
    make(place.here / "qa1_a_test.txt", place)
    refused(*command, said=said)


@pytest.mark.parametrize("make", [make for make, _ in FILES.values()], ids=FILES)
def test_a_check_lists_what_is_wrong_and_steers_no_terminal(
    relmem: Relmem, place: Place, make: Make
) -> None:
    make(place.here / "qa1_a_train.txt", place)
    ran = relmem("data", "check", "--data", ".", "--format", "json")
    assert ran.code == 1
    assert "1 of 1 files are missing or at fault" in ran.err
    assert not harmful(ran.out + ran.err)
    assert "hunter2" not in ran.out


@pytest.mark.parametrize("what", ["a pipe", "a device", "a folder", "terabytes"])
def test_its_questions_are_not_counted_without_end(place: Place, what: str) -> None:
    make, said = FILES[what]
    make(place.here / "qa1_a_train.txt", place)
    with pytest.raises(RelmemError, match=said):
        BabiFolder(name="x", path=place.here).count_questions(1, "train")


def test_a_task_without_a_fold_is_one_sentence(refused: Refused, place: Place) -> None:
    for split in ("train", "test"):
        (place.here / f"qa1_a_{split}.txt").write_text("1 Ann went to the barn.\n")
    command = ("train", "-v", "gru", "--data", ".", "--task", "1", "--fold", "0-1")
    refused(*command, said="left out folds 0, 1: task 1 has none.")


def test_a_name_that_steers_a_terminal_is_shown(refused: Refused, place: Place) -> None:
    (place.here / f"qa1_{ESCAPE}_train.txt").write_text("x\n")
    refused("data", "stats", "--data", ".", "--task", "1", said=r"qa1_\x1b]0;title\x07\u202e_train")


def test_terabytes_of_an_official_set_are_not_read_to_hash_them(
    relmem: Relmem, place: Place
) -> None:
    (place.here / "en").mkdir()
    for name in file_names():
        (place.here / "en" / name).write_text(GOOD)
    sparse(place.here / "en" / file_names()[0])
    ran = relmem("data", "check", "--data", ".")
    assert ran.code == 1
    assert "it is larger than 1024 MB" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    "data", ["pipe", "../outside/thesis.txt", "/dev/zero", "world:words=pipe", "world:words=zero"]
)
def test_what_is_named_as_data_is_no_folder_and_no_words(
    refused: Refused, place: Place, data: str
) -> None:
    os.mkfifo(place.here / "pipe")
    (place.here / "zero").symlink_to("/dev/zero")
    said = "it is no regular file" if "words" in data else "nor a folder with files"
    refused("data", "stats", "--data", data, said=said)


def archive(place: Place, change: Callable[[tarfile.TarInfo], None]) -> Path:
    """The archive with a member that leads out of its folder."""
    packed = place.here / "archive.tar.gz"
    with tarfile.open(packed, "w:gz") as tar:
        member = tarfile.TarInfo(f"{ARCHIVE}/en/RAN")
        change(member)
        tar.addfile(member, io.BytesIO(b"x" * member.size))
        over = tarfile.TarInfo(f"{ARCHIVE}/en/RAN")  # a file, where a link may be by now
        over.size = 9
        tar.addfile(over, io.BytesIO(b"worthless"))
    return packed


MEMBERS: dict[str, dict[str, object]] = {
    "a whole path": {"name": "/{outside}/RAN"},
    "a path upwards": {"name": f"{ARCHIVE}/../../../../outside/RAN"},
    "a link": {"type": tarfile.SYMTYPE, "linkname": "{outside}/thesis.txt"},
    "a link upwards": {"type": tarfile.SYMTYPE, "linkname": "../" * 9 + "etc/passwd"},
    "a link to a folder": {"type": tarfile.SYMTYPE, "linkname": "{outside}"},
    "a hard link": {"type": tarfile.LNKTYPE, "linkname": "{outside}/thesis.txt"},
    "a device": {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 5},
    "a pipe": {"type": tarfile.FIFOTYPE},
    "a size without end": {"size": 1 << 50},
}


@pytest.mark.parametrize("changes", MEMBERS.values(), ids=MEMBERS)
def test_an_archive_that_leads_out_of_its_folder_keeps_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object]
) -> None:
    outside = str(place.thesis.parent)

    def change(member: tarfile.TarInfo) -> None:
        for name, value in changes.items():
            text = value.replace("{outside}", outside) if isinstance(value, str) else value
            setattr(member, name, text)

    if "size" in changes:
        packed = archive(place, lambda member: None)
        header = tarfile.TarInfo(f"{ARCHIVE}/en/x")
        header.size = 1 << 50
        packed.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + b"x" * 512)
    else:
        packed = archive(place, change)
    monkeypatch.setattr(fetch, "_download", lambda work, progress: (packed, True))
    with pytest.raises(RelmemError) as told:
        fetch.fetch(place.here / "cache")
    assert str(told.value).count("\n") == 0
    assert [*(place.here / "cache").iterdir()] == []
