"""Its relmem.toml: whatever that is, and whatever it leads to."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Relmem
from tests.hostile_folders.conftest import ESCAPE, Place, Refused, sparse

Make = Callable[[Path, Place], object]


def link_to(target: str) -> Make:
    """A link; "{thesis}" is the file outside."""
    return lambda path, place: path.symlink_to(target.format(thesis=place.thesis))


def text(said: str | bytes) -> Make:
    data = said if isinstance(said, bytes) else said.encode()
    return lambda path, place: path.write_bytes(data)


NO_FILES: dict[str, Make] = {
    "a pipe": lambda path, place: os.mkfifo(path),
    "a folder": lambda path, place: path.mkdir(),
    "a device": link_to("/dev/zero"),
    "a link to itself": link_to("relmem.toml"),
    "a link to nothing": link_to("nowhere"),
}


@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_file_is_no_settings_file(relmem: Relmem, place: Place, make: Make) -> None:
    usual = relmem("variants", "--format", "json")
    make(place.here / "relmem.toml", place)
    assert relmem("variants", "--format", "json") == usual


BAD: dict[str, tuple[Make, str]] = {
    "a secret": (link_to("{thesis}"), "relmem.toml cannot be used: "),
    "binary": (text(os.urandom(64) + b"\xff"), "it is no text in UTF-8"),
    "zeros": (text(b"\0" * 100), "relmem.toml cannot be used: "),
    "gigabytes": (lambda path, place: sparse(path), "it is larger than 4 MB"),
    "a long file": (text("# words\n" * 200_000), "more than 1,048,576 characters"),
    "deep lists": (text("a = " + "[" * 99_999), "relmem.toml cannot be used: "),
    "deep tables": (text("[" + "a." * 99_999 + "a]"), "more than 200 dots"),
    "a key twice": (text("[chat]\ntheme = 1\ntheme = 2\n"), "relmem.toml cannot be used: "),
    "a number without end": (text("[chat]\ntheme = " + "9" * 9999), "relmem.toml cannot be used"),
    "escapes": (text('["\\u001b]0;title\\u0007\\u202e"]\n'), "is no command"),
    "raw escapes": (text(f'["{ESCAPE}"]\n'), "relmem.toml cannot be used: "),
    "a list of tables": (text("[[train]]\nepochs = 1\n"), "its options go below [train]"),
    "a text for a table": (text('train = "x"\n'), "train is a command; its options go below"),
    "a table for a text": (text("[chat.theme]\na = 1\n"), "one value is needed"),
    "a list for a text": (text('[chat]\ntheme = ["a"]\n'), "one value is needed"),
    "a path that escapes": (text('[chat]\n"../theme" = "x"\n'), "no setting '../theme'"),
}


@pytest.mark.parametrize(("make", "said"), BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_one_sentence(
    refused: Refused, place: Place, make: Make, said: str
) -> None:
    make(place.here / "relmem.toml", place)
    refused("chat", "--json", said=said)


CHANGES = (("set", "chat.theme", "light"), ("unset", "chat.theme"))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change[0])
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (link_to("../outside/empty"), "is a link"),
        (link_to("../outside/new.toml"), "is a link"),
        (link_to("/dev/zero"), "is a link"),
        (NO_FILES["a pipe"], "it is no regular file"),
        (NO_FILES["a folder"], "Is a directory"),
        (lambda path, place: sparse(path), "it is larger than 4 MB"),
    ],
)
def test_it_is_changed_only_where_it_is_a_file_of_this_folder(
    refused: Refused, place: Place, change: tuple[str, ...], make: Make, said: str
) -> None:
    make(place.here / "relmem.toml", place)
    refused("config", *change, "--here", said=said)
