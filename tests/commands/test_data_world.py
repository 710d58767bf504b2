import json
from pathlib import Path

import pytest

from relmem_cli.errors import RelmemError
from relmem_cli.reports.stories import COMPARED
from relmem_cli.world import story_stream
from tests.conftest import Relmem


def test_generate_writes_babis_files(relmem: Relmem, tmp_path: Path) -> None:
    ran = relmem("data", "generate", "--kind", "1-2", "--questions", "20", "--out", str(tmp_path))
    assert ran.code == 0, ran.err
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "qa1_single-supporting-fact_test.txt",
        "qa1_single-supporting-fact_train.txt",
        "qa2_two-supporting-facts_test.txt",
        "qa2_two-supporting-facts_train.txt",
    ]
    checked = relmem("data", "check", "--data", str(tmp_path), "--format", "json")
    assert [row["file"] for row in json.loads(checked.out) if row["fault"] != "missing"] == []
    assert relmem("data", "stats", "--data", str(tmp_path), "--task", "1").code == 0


def test_what_is_generated_is_solved(relmem: Relmem, tmp_path: Path) -> None:
    everyday = ("--words", "everyday", "--style", "everyday")
    relmem(
        "data", "generate", "-k", "mixture", *everyday, "--questions", "30", "--out", str(tmp_path)
    )
    files = [str(tmp_path / f"mixture_{split}.txt") for split in ("train", "test")]
    ran = relmem("data", "solve", *files, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert [(row["questions"], row["right"]) for row in json.loads(ran.out)] == [(30, 30)] * 2


def test_nothing_is_half_written(
    relmem: Relmem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def broken(lines):
        raise RelmemError("stopped")

    relmem("data", "generate", "--questions", "5", "--out", str(tmp_path))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(story_stream, "as_babi", broken)
    ran = relmem("data", "generate", "--questions", "9", "--out", str(tmp_path))
    assert (ran.code, ran.err) == (1, "relmem: stopped\n")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--kind", "nope"), "there is no kind 'nope'; the kinds are 1, 2,"),
        (("--kind", "21"), "task '21' names no bAbI task"),
        (("--style", "posh"), "--style 'posh' is unknown"),
        (("--words", "nope"), "--words 'nope' is neither babi nor everyday nor a file"),
        (("--kind", "1", "--people", "3"), "--people is the mixture's; kind 1 is as it is"),
        (("--kind", "mixture", "--facts", "40"), "had no question as hard as that; ask for less"),
        (("--kind", "mixture", "--people", "1"), "--people is 1; a story of the mixture has at"),
        (
            ("--kind", "mixture", "--people", "99"),
            "needs 99 words of the role person, and babi has",
        ),
    ],
)
def test_what_there_is_not_is_one_sentence(
    relmem: Relmem, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = relmem("data", "generate", *arguments, "--out", str(tmp_path / "new"))
    assert ran.code in (1, 2)
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "new").exists() or not list((tmp_path / "new").iterdir())


def test_show_tells_one_story_with_its_facts(relmem: Relmem) -> None:
    rows = json.loads(relmem("data", "show", "--kind", "1", "--format", "json").out)
    assert rows[0]["says"].startswith("move(")
    assert [row["line"] for row in rows] == list(range(1, 16))
    asked = [row for row in rows if row["answer"]]
    assert len(asked) == 5
    assert asked[0]["needs"] in ("1", "2")
    assert relmem("data", "show", "--kind", "1-2").err.startswith(
        "relmem: --kind 1-2 names several"
    )


def test_solve_says_what_is_wrong_and_fails(relmem: Relmem, tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("1 Mary went to the gym.\n2 Where is Mary?\tspa\t1\n")
    ran = relmem("data", "solve", str(file))
    assert ran.code == 1
    assert f"{file}:2: the answer is spa; by the story it is gym" in ran.out.replace("\n", "")
    assert ran.err == "relmem: 1 fault in 1 file.\n"


def test_compare_holds_told_stories_against_real_ones(relmem: Relmem, tmp_path: Path) -> None:
    relmem("data", "generate", "--questions", "2000", "--seed", "9", "--out", str(tmp_path))
    ran = relmem(
        "data", "compare", "--data", str(tmp_path), "--task", "1", "--questions", "2000",
        "--format", "json",
    )  # fmt: skip
    rows = {row["compared"]: row for row in json.loads(ran.out)}
    assert tuple(rows) == COMPARED
    assert rows["sentences"]["p"] > 0.01
    assert rows["words"]["only_real"] == rows["words"]["only_told"] == []


def test_told_stories_have_the_words_and_templates_of_babi(babi: Path, relmem: Relmem) -> None:
    ran = relmem(
        "data", "compare", "--data", str(babi / "en"), "--questions", "4000", "--format", "json"
    )
    rows = json.loads(ran.out)
    assert len(rows) == 20 * len(COMPARED)
    for row in rows:
        if row["compared"] in ("words", "questions"):
            assert row["only_real"] == row["only_told"] == [], row
        if row["compared"] == "sentences":  # each of the rarest comes up in more stories
            assert len(row["only_real"]) + len(row["only_told"]) <= 2, row


@pytest.fixture
def no_babi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RELMEM_DATA", raising=False)


@pytest.mark.usefixtures("no_babi", "in_threads")
def test_without_babi_train_uses_the_world(relmem: Relmem, tmp_path: Path) -> None:
    run = tmp_path / "run"
    ran = relmem(
        "train", "-v", "entnet", "--epochs", "1", "--out", str(run), "-s", "slots=2", "-s", "dim=4"
    )
    assert ran.code == 0, ran.err
    assert "bAbI is not on this machine (run `relmem data fetch`" in ran.err
    assert "told stories are used (--data world)" in ran.err
    tested = relmem("eval", str(run / "best.safetensors"), "--format", "json")
    assert json.loads(tested.out)[0]["n"] == 1000


@pytest.mark.usefixtures("no_babi", "in_threads")
def test_a_sweep_tests_each_value_and_draws_it(relmem: Relmem, tmp_path: Path) -> None:
    run, model = tmp_path / "run", str(tmp_path / "run" / "best.safetensors")
    data = "world:mixture,questions=60"
    relmem(
        "train", "-v", "entnet", "--data", data, "--epochs", "1", "--out", str(run),
        "-s", "slots=2", "-s", "dim=4",
    )  # fmt: skip
    ran = relmem(
        "eval", model, "--data", data, "--sweep", "sentences=5..40", "--plots",
        str(tmp_path / "figures"), "--format", "json",
    )  # fmt: skip
    rows = json.loads(ran.out)
    assert [row["sentences"] for row in rows] == [5, 7, 10, 14, 20, 28, 40]
    assert all(row["n"] == 60 and row["low"] <= row["error"] <= row["high"] for row in rows)
    assert "drew" in ran.err, ran.err
    assert (tmp_path / "figures" / "sweep-sentences.png").stat().st_size > 1000
    table = relmem("eval", model, "--data", data, "--sweep", "facts=1,2").out
    assert "facts" in table


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--sweep", "words=1..3"),
            "--sweep 'words=1..3' must be sentences, people, facts, distance,",
        ),
        (("--sweep", "people=9..3"), "must go from 1 or more to more than that"),
        (("--sweep", "facts=1,2", "--task", "1"), "--sweep goes neither with"),
        (("--sweep", "facts=1,2", "--data", "en"), "--sweep needs --data world:mixture"),
        (("--plots", "here"), "--plots draws --sweep"),
        (("--plots",), "--plots draws --sweep"),
    ],
)
def test_a_wrong_sweep_is_one_sentence(
    relmem: Relmem, arguments: tuple[str, ...], said: str
) -> None:
    ran = relmem("eval", "relation-transformer-1", *arguments)
    assert ran.code == 2
    assert said in ran.err
