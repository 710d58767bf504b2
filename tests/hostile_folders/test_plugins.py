"""Installed distributions whose metadata are odd: the others work, and one line names each fault.

What an installed plugin's code may do is in tests/faults; here it is what is said of it.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from relmem_cli.plugins import registry
from tests.conftest import Ran, Relmem
from tests.hostile_folders.conftest import ESCAPE, LONGEST, Place, harmful

METADATA = "Metadata-Version: 2.1\nName: stranger\nVersion: 1\n"
POINTS = "[relmem]\nstranger = stranger\n"
GOOD = """
from relmem_cli import hookimpl
from relmem_cli.contract import ChatPanel

@hookimpl
def relmem_chat_panels():
    return [ChatPanel(name="strange", summary="", show=lambda session: "")]
"""

Install = Callable[..., None]


def as_bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


@pytest.fixture
def install(tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs the distribution and its module, beside the working folder."""
    folder = tmp_path / "installed"
    info = folder / "stranger-1.dist-info"
    info.mkdir(parents=True)
    monkeypatch.delenv("RELMEM_STRICT_PLUGINS", raising=False)
    monkeypatch.delenv("RELMEM_DEBUG", raising=False)

    def write(
        *, metadata: str | bytes | None = METADATA, points: str | bytes = POINTS, code: str = GOOD
    ) -> None:
        if metadata is not None:
            (info / "METADATA").write_bytes(as_bytes(metadata))
        (info / "entry_points.txt").write_bytes(as_bytes(points))
        (folder / "stranger.py").write_text(code)

    with monkeypatch.context() as patched:
        patched.syspath_prepend(folder)
        registry.cache_clear()
        yield write
    registry.cache_clear()
    sys.modules.pop("stranger", None)


def listed(relmem: Relmem) -> tuple[list[dict[str, str]], Ran]:
    """What `relmem plugins` lists of others than relmem's own, and how it ended."""
    ran = relmem("plugins", "--format", "json")
    assert ran.code == 0, ran
    assert not harmful(ran.out + ran.err)
    assert all(len(line) < 3 * LONGEST for line in ran.err.splitlines())
    rows = json.loads(ran.out)
    own = [row for row in rows if row["distribution"] == "relmem"]
    assert {row["plugin"] for row in own} == {"paper", "field", "world", "cbt"}
    assert {row["status"] for row in own} == {"ok"}
    others = [row for row in rows if row["distribution"] not in ("relmem", "relmem-example")]
    return others, ran


@pytest.mark.parametrize(
    "said",
    [
        {"metadata": METADATA.replace("Name: stranger", f"Name: {ESCAPE}")},
        {"metadata": METADATA.replace("Version: 1", f"Version: {ESCAPE}")},
        {"points": POINTS.replace("stranger =", f"{ESCAPE} =")},
        {"points": POINTS.replace("= stranger", f"= {ESCAPE}")},
        {"points": POINTS.replace("= stranger", f"= stranger:{ESCAPE}")},
        {"points": POINTS.replace("= stranger", f"= stranger [{ESCAPE}]")},
    ],
    ids=["name", "version", "entry point", "module", "object", "extra"],
)
def test_what_steers_a_terminal_is_shown(
    relmem: Relmem, install: Install, said: dict[str, str]
) -> None:
    install(**said)
    for style in ("table", "json", "csv", "md"):
        ran = relmem("plugins", "--format", style)
        assert ran.code == 0, ran
        assert not harmful(ran.out + ran.err)
        assert "title" in ran.out + ran.err or style == "table"  # which has no entry points' names


@pytest.mark.parametrize(
    "metadata",
    [None, b"", b"Version: 1\n", b"Name: stranger\n", b"\xff\xfe\0\0", b"Name:\nVersion:\n"],
    ids=["none", "empty", "no name", "no version", "binary", "blank"],
)
def test_a_distribution_that_does_not_say_what_it_is_works_nevertheless(
    relmem: Relmem, install: Install, metadata: bytes | None
) -> None:
    install(metadata=metadata)
    (row,), ran = listed(relmem)
    assert (row["plugin"], row["status"]) == ("stranger", "ok")
    assert row["distribution"]
    assert row["version"]
    assert ran.err == ""


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ("[relmem]\nstranger = no.such.module\n", "ModuleNotFoundError"),
        ("[relmem]\nstranger = os:system\n", "has no function relmem_*"),
        ("[relmem]\nstranger = stranger:Nothing\n", "AttributeError"),
        ("[relmem]\nstranger = ../../outside/thesis.txt\n", "loading: "),
        ("[relmem]\nstranger = __import__('os').system('touch RAN')\n", "loading: "),
        ("[relmem]\nstranger =\n", "loading: "),
        ("[relmem]\nstranger = " + "a." * 5000 + "a\n", "loading: "),
    ],
    ids=["no module", "a function", "no object", "a path", "code", "nothing", "long"],
)
def test_an_entry_point_that_leads_nowhere_is_one_line(
    relmem: Relmem, install: Install, points: str, said: str
) -> None:
    install(points=points)
    (row,), ran = listed(relmem)
    assert said in row["status"]
    (line,) = ran.err.splitlines()
    assert line.startswith("relmem: plugin stranger: loading: ")


@pytest.mark.parametrize("points", ["[relmem", "relmem = stranger", "[relmem]\n= stranger\n", "\0"])
def test_entry_points_that_cannot_be_read_cost_no_other_plugin_anything(
    relmem: Relmem, install: Install, points: str
) -> None:
    install(points=points)
    listed(relmem)


@pytest.mark.parametrize("metadata", [METADATA, None])
def test_entry_points_that_are_no_text_are_one_line(
    relmem: Relmem, install: Install, metadata: str | None
) -> None:
    install(points=b"\xff\xfe", metadata=metadata)
    others, ran = listed(relmem)
    assert others == []
    (line,) = ran.err.splitlines()
    who = "stranger" if metadata else "a distribution"
    assert line.startswith(f"relmem: {who}: its entry points cannot be read: UnicodeDecodeError")


@pytest.mark.parametrize("name", ["paper", "field", "world", "cbt", "example"])
def test_an_entry_point_that_takes_relmems_own_name_takes_nothing_else(
    relmem: Relmem, install: Install, name: str
) -> None:
    install(points=f"[relmem]\n{name} = stranger\n")
    (row,), ran = listed(relmem)
    assert (row["plugin"], row["adds"], ran.err) == (name, "chat panel: strange", "")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit(0)", "SystemExit: 0"),
        ("import sys; sys.exit('x' * 99999)", "SystemExit: "),
        (f"raise ValueError({ESCAPE!r} * 9999)", "ValueError: "),
        ("class stranger(Exception):\n    pass\nraise stranger('\\n\\n\\nrelmem: fine')", "fine"),
        ("def", "SyntaxError"),
        ("\0", "SyntaxError"),
        ("(" * 9999, "SyntaxError"),
        ("import stranger.deeper", "ModuleNotFoundError"),
    ],
    ids=["exit", "long exit", "escapes", "lines", "half", "binary", "deep", "itself"],
)
def test_a_module_that_cannot_be_imported_is_one_line(
    relmem: Relmem, install: Install, code: str, said: str
) -> None:
    install(code=code)
    (row,), ran = listed(relmem)
    assert said in row["status"]
    (line,) = ran.err.splitlines()
    assert line.startswith("relmem: plugin stranger: loading: ")


def test_what_a_module_prints_meanwhile_is_in_nobodys_answers(
    relmem: Relmem, install: Install
) -> None:
    install(code=f"print({ESCAPE!r})\n{GOOD}")
    (row,), ran = listed(relmem)
    assert row["status"] == "ok"
    assert ran.err == "\\x1b]0;title\\x07\\u202e\n"
