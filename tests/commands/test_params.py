import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from relmem_cli.contract import Variant
from relmem_cli.plugins import Offers, registry

Relmem = Callable[..., Any]

PAPERS = {"relation-slot", "self-memory", "all-relations"}


def test_all_60_numbers_of_the_paper_come_out_without_any_data(relmem: Relmem) -> None:
    ran = relmem("params", "table", "--format", "json")
    rows = json.loads(ran.out)
    known = [row for row in rows if row["variant"] in PAPERS]
    assert ran.code == 0
    assert len(known) == 60
    assert {row["difference"] for row in known} == {0}


def test_json_rows_have_exactly_the_five_fields(relmem: Relmem) -> None:
    ran = relmem("params", "table", "-v", "relation-slot", "-v", "entnet", "-t", "7", "-f", "json")
    assert json.loads(ran.out) == [
        {"task": 7, "variant": "relation-slot", "parameters": 85100, "paper": 85100,
         "difference": 0},
        {"task": 7, "variant": "entnet", "parameters": 54800, "paper": None, "difference": None},
    ]  # fmt: skip


def test_csv_has_the_same_rows(relmem: Relmem) -> None:
    ran = relmem("params", "table", "--variant", "self-memory", "--task", "1,20", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [(row["task"], row["parameters"]) for row in rows] == [("1", "70000"), ("20", "73600")]


def test_the_table_fits_80_columns_and_ends_with_sum_and_mean(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = relmem("params", "table").out.splitlines()
    assert max(map(len, lines)) <= 80
    total, *_ = [line.split() for line in lines if line.split()[:1] == ["sum"]]
    mean, more = [line.split() for line in lines if line.split()[:1] == ["mean"]]
    assert "1,640,200" in total
    assert "82,010" in mean
    assert {"114,051", "180,051"} < {*more}  # variants for which 80 columns have no room


def test_no_digit_is_lost_on_a_narrow_terminal(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = relmem("params", "table").out
    assert max(map(len, out.splitlines())) <= 40
    assert "…" not in out
    assert "2,240,200 ±0" in out


def test_a_terminal_without_the_sign_for_plus_and_minus_is_no_error(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert relmem("params", "table", "--task", "1").code == 0
    sys.stdout.flush()
    assert b"80,000 ?0" in raw.getvalue()


def test_markdown_is_one_table_whatever_the_width(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    lines = relmem("params", "table", "--format", "md").out.splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + 20 + 2
    assert len({line.count("|") for line in table}) == 1


def test_show_lists_every_tensor_and_the_total(relmem: Relmem) -> None:
    ran = relmem("params", "show", "--variant", "relation-slot", "--task", "1")
    last = [line for line in ran.out.splitlines() if line.strip()][-1]
    assert "relation.A" in ran.out
    assert "100 x 100" in ran.out
    assert last.split() == ["total", "80,000"]


def test_show_as_json_has_shapes_as_lists(relmem: Relmem) -> None:
    ran = relmem("params", "show", "-v", "entnet", "-t", "3", "--set", "slots=5", "-f", "json")
    rows = {row["tensor"]: row for row in json.loads(ran.out)}
    assert rows["keys"] == {
        "group": "keys", "tensor": "keys", "shape": [5, 100], "parameters": 500,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("table", "--variant", "nothing"), "there is no variant 'nothing'; there are: "),
        (("table", "--task", "0-3"), "task '0-3' names no bAbI task"),
        (("show", "--variant", "entnet", "--task", "21"), "task '21' names no bAbI task"),
        (("show", "--variant", "entnet", "--task", "1-2"), "params show takes one"),
        (("show", "-v", "entnet", "-t", "1", "--set", "batch=3"), "not an option of entnet"),
        (("show", "-v", "entnet", "-t", "1", "--set", "hops=3"), "hops"),
        (("show", "-v", "entnet", "-t", "1", "--set", "slots=0"), "must be at least 1"),
    ],
)
def test_a_wrong_request_is_one_sentence_and_exit_code_2(
    relmem: Relmem, arguments: tuple[str, ...], complaint: str
) -> None:
    ran = relmem("params", *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert complaint in ran.err
    assert ran.err.count("\n") == 1


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> str:
    """A variant of some plugin whose module is missing, beside the others."""
    from relmem_variants.options import EntNetOptions

    offers: Offers[Variant] = Offers("variant")
    plugin = registry().plugins[0]
    for variant in (
        Variant(
            name="lost", summary="", reference="", options=EntNetOptions, model="no.module:Here"
        ),
        registry().variants["entnet"],
    ):
        offers.add(variant, plugin)
    monkeypatch.setattr(registry(), "variants", offers)
    return "lost"


def test_a_variant_that_cannot_be_built_is_left_out_and_named(relmem: Relmem, broken: str) -> None:
    ran = relmem("params", "table", "--task", "1", "--format", "json")
    assert ran.code == 0
    assert [row["variant"] for row in json.loads(ran.out)] == ["entnet"]
    assert f"left out {broken}" in ran.err


def test_a_variant_that_cannot_be_built_fails_where_it_was_asked_for(
    relmem: Relmem, broken: str
) -> None:
    ran = relmem("params", "table", "--variant", broken)
    assert ran.code == 1
    assert "no.module:Here cannot be loaded" in ran.err


def test_counting_does_not_import_torchs_compiler_which_takes_seconds() -> None:
    program = (
        "import sys; from relmem_cli.app import main\n"
        "try: main()\n"
        "finally: sys.stderr.write(str('torch._dynamo' in sys.modules))"
    )
    command = [sys.executable, "-c", program, "params", "table", "-t", "1", "-f", "json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "False")
    assert {row["task"] for row in json.loads(ran.stdout)} == {1}
