"""Damaged files end in one clear line, soon and with little memory: benchmarks/damage.py, small."""

import json
import os
import runpy
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.damaged.model_files import Models, with_header
from benchmarks.damaged.trying import run, tried, warm_up
from relmem_cli.errors import RelmemError

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "damage.py"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Models]:
    """Model files in a folder that is the working one."""
    before = Path.cwd()
    os.chdir(tmp_path_factory.mktemp("damage"))
    kind = Models()
    warm_up(kind)
    yield kind
    os.chdir(before)


@pytest.mark.slow
def test_any_damage_ends_in_a_clear_line_or_a_right_answer() -> None:
    tallies = run(models=150, others=240, seed=0)
    assert len(tallies) == 7
    assert [problem for tally in tallies.values() for problem in tally.problems] == []
    for tally in tallies.values():
        assert set(tally.outcomes) <= {"read", "refused"}
        assert tally.outcomes.total() >= 40


@pytest.mark.slow
def test_the_command_line_says_what_came_of_each_kind_of_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "path", [str(SCRIPT.parent), *sys.path])
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), "--models", "0", "--others", "12"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert (ended.value.code, len(lines)) == (0, 6)
    assert all(line.endswith("; 0 failed") for line in lines)


def claiming(part: str, **claims: Any) -> Callable[[dict[str, Any]], None]:
    """Changes what a header's card says."""

    def change(header: dict[str, Any]) -> None:
        card = header["__metadata__"]
        card[part] = json.dumps(json.loads(card[part]) | claims)

    return change


CLAIMS = [
    (claiming("sizes", vocabulary=10**7), "vocabulary is 10,000,000; it must be from 1"),
    (claiming("sizes", vocabulary=10**6), "its sizes tell of 1000000 words, and it has 8"),
    (claiming("sizes", sentence_length=10**7), "sentence_length is 10,000,000; it must be"),
    (claiming("sizes", sentence_length=4000), "encoder.sentence_mask is F32 [6, 4], not F32"),
    (claiming("options", dim=40_000), "dim is 40000; it must be at least 1 and at most"),
    (
        claiming("options", dim=9_000),
        "keys is F32 [3, 4], not F32 [3, 9000], and 10 more do not fit",
    ),
    (claiming("options", hops=50_000), "hops is 50000; it must be at least 1"),
    (claiming("options", hops="2"), "option hops is '2'; it must be int"),
    (claiming("options", slots=400), "keys is F32 [3, 4], not F32 [400, 4], and 1 more"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("change", "said"), CLAIMS, ids=[said for _, said in CLAIMS])
def test_a_card_is_held_against_its_file_before_anything_is_built(
    models: Models, change: Callable[[dict[str, Any]], None], said: str
) -> None:
    models.path.write_bytes(with_header(models.whole[1], change))
    came = tried(models)
    assert (came.outcome, came.problem) == ("refused", "")
    assert came.seconds < 0.1
    assert came.megabytes < 50
    with pytest.raises(RelmemError) as refused:
        models.read()
    assert said in str(refused.value)


HEADERS = [
    (3_000_000_000, b"", "its header has 3,000,000,000 bytes, more than 4,194,304"),
    (4 << 20, b'{"a":[' + b"[]," * 1_398_098 + b"[]]}", "its header has too many values"),
    (4 << 20, '{"\N{GRINNING FACE}":"'.encode() + b"a" * 4_194_200 + b'"}', "has no place"),
    (100_000, b"[" * 100_000, "lists and tables within each other"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("length", "header", "said"), HEADERS, ids=[h[2] for h in HEADERS])
def test_a_header_is_checked_before_it_is_read_or_mapped(
    models: Models, length: int, header: bytes, said: str
) -> None:
    models.path.write_bytes(struct.pack("<Q", length) + header.ljust(min(length, 4 << 20)))
    os.truncate(models.path, 8 + length)
    came = tried(models)
    assert (came.outcome, came.problem) == ("refused", "")
    assert came.seconds < 0.1
    assert came.megabytes < 50
    with pytest.raises(RelmemError, match=said):
        models.read()
