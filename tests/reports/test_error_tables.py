from dataclasses import asdict, replace
from typing import Any

import pytest

from relmem_cli.reports.assessment import Assessed, Result
from relmem_cli.reports.error_tables import Column, columns_of, error_table, unknown_words
from relmem_cli.reports.subject import Subject
from relmem_cli.reports.tables import split
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_cli.training.cards import ModelCard
from relmem_cli.training.evaluation import Score
from relmem_cli.training.settings import Settings


def result(errors: int, n: int = 1000, **more: Any) -> Result:
    kept = {"words": frozenset(), "unknown_words": frozenset(), "unknown_answers": 0} | more
    return Result(score=Score(errors=errors, n=n, loss=0.0), **kept)


def outcome(
    name: str,
    results: dict[int, Result],
    *,
    on: str = "en",
    variant: str = "entnet",
    **settings: Any,
) -> Assessed:
    """A model that was trained with these settings, and what its tests on `on` gave."""
    task = {"task": str(next(iter(results)))}
    card = ModelCard(
        variant=variant,
        options=settings.get("options", {}),
        sizes=Sizes(vocabulary=1, sentence_length=1, question_length=1),
        vocabulary=Vocabulary(("<pad>",)),
        record={"settings": asdict(Settings(variant=variant, **{**task, **settings}))},
    )
    subject = Subject(name=name, card=card, load=lambda: pytest.fail("it needs no model"))
    return Assessed(subject=subject, data=on, results=results)


def labels(*assessed: Assessed) -> list[str]:
    return [column.label for column in columns_of(assessed)]


def test_per_task_models_of_one_kind_make_one_column() -> None:
    twenty = [outcome(f"m{task}", {task: result(0)}) for task in range(1, 21)]
    assert labels(*twenty) == ["entnet\n20 models"]


def test_two_models_of_one_task_make_two_columns() -> None:
    assert labels(outcome("a", {1: result(0)}), outcome("b", {1: result(0)})) == ["a", "b"]


@pytest.mark.parametrize(
    "other",
    [
        outcome("other", {2: result(0)}, variant="multi-hop"),
        outcome("other", {2: result(0)}, options={"dim": 50}),
        outcome("other", {2: result(0)}, on="hn"),
        outcome("other", {2: result(0)}, fold=3),
    ],
    ids=["variant", "options", "data", "fold"],
)
def test_models_of_another_kind_stand_apart(other: Assessed) -> None:
    assert labels(outcome("one", {1: result(0)}), other) == ["one", "other"]


def test_a_joint_model_stands_apart_from_the_per_task_models() -> None:
    joint = outcome("joint", {3: result(0)}, task="joint")
    ones = [outcome(f"m{task}", {task: result(0)}) for task in (1, 2)]
    assert labels(ones[0], joint, ones[1]) == ["entnet\n2 models", "joint"]


def test_what_is_not_as_usual_is_in_the_name_of_several_models() -> None:
    models = [
        outcome(f"m{task}", {task: result(0)}, options={"dim": 50}, fold=3) for task in (1, 2)
    ]
    assert labels(*models) == ["entnet dim=50 fold 3\n2 models"]


def test_the_mean_and_the_failed_tasks_count_tasks_alike_whatever_their_n() -> None:
    table = error_table(
        columns_of([outcome("m", {1: result(10, 100), 2: result(50), 3: result(51)})])
    )
    mean, failed = table.footer
    assert mean["error"] == pytest.approx((0.1 + 0.05 + 0.051) / 3)
    assert failed["error"] == "2 of 3"


def test_one_task_alone_has_no_mean() -> None:
    table = error_table(columns_of([outcome("m", {1: result(10)})]))
    assert table.footer == []
    assert not any("failed" in note for note in table.notes)


def test_the_papers_figures_stand_beside_per_task_models_of_its_data() -> None:
    table = error_table(columns_of([outcome("m", {2: result(1)}, variant="relation-slot")]))
    assert table.rows[0]["paper"] == pytest.approx(0.116)


@pytest.mark.parametrize(
    "other",
    [
        outcome("m", {2: result(0)}, variant="all-relations"),
        outcome("m", {2: result(0)}, task="joint"),
        outcome("m", {2: result(0)}, on="hn"),
        outcome("m", {2: result(0)}, data="hn"),
        outcome("m", {2: result(0)}, data="en-10k"),
    ],
    ids=["no figures", "joint", "tested on hn", "trained on hn", "ten times the questions"],
)
def test_the_papers_figures_do_not_stand_beside_what_was_made_otherwise(other: Assessed) -> None:
    (column,) = columns_of([other])
    assert column.paper is None


@pytest.mark.parametrize("data", ["en", "en-10k"])
def test_a_fold_of_the_10k_set_is_like_the_papers_training(data: str) -> None:
    (column,) = columns_of([outcome("m", {1: result(0)}, data=data, fold=2)])
    assert column.paper == "entnet"


def test_several_columns_share_their_tasks_and_leave_gaps() -> None:
    one = outcome("one", {1: result(100), 2: result(0)})
    other = outcome("other", {2: result(500), 3: result(0)}, variant="multi-hop")
    table = error_table(columns_of([one, other]))
    assert [row["task"] for row in table.rows] == [1, 2, 3]
    assert [row["error 0"] for row in table.rows] == [0.1, 0.0, None]
    assert [row["error 1"] for row in table.rows] == [None, 0.5, 0.0]
    assert table.cell(table.rows[0], "error 1") == "-"


def test_n_is_a_note_where_it_is_the_same_and_a_column_where_it_is_not() -> None:
    same = error_table(columns_of([outcome("a", {1: result(0)}), outcome("b", {1: result(1)})]))
    other = error_table(
        columns_of([outcome("a", {1: result(0), 2: result(0, 10)}), outcome("b", {1: result(1)})])
    )
    assert "n: 1,000 questions a task." in same.notes
    assert [row["n"] for row in other.rows] == [1000, 10]


def test_two_variants_beside_the_papers_figures_fit_80_columns() -> None:
    models = [
        outcome(f"{variant}-{task}", {task: result(1000)}, variant=variant)
        for variant in ("relation-slot", "self-memory")
        for task in range(1, 21)
    ]
    assert len(list(split(error_table(columns_of(models)), 80))) == 1


def test_a_long_name_keeps_its_end() -> None:
    (label,) = labels(outcome("/some/where/far/away/in/a/folder/best.safetensors", {1: result(0)}))
    assert label.startswith("...")
    assert label.endswith("folder/best.safetensors")


def test_what_a_column_does_not_know_is_one_line() -> None:
    column = Column(
        kind="entnet",
        data="hn",
        members=[
            outcome("a", {1: result(0, words=frozenset("abcd"), unknown_words=frozenset("ab"))}),
            outcome("b", {2: result(0, words=frozenset("ae"), unknown_answers=7)}),
        ],
    )
    assert unknown_words(column, shown=1) == (
        "entnet, 2 models: unknown in these tests: 2 of 5 words are read as blanks (a and 1 more); "
        "7 of 2,000 right answers cannot be given and count as errors."
    )


def test_a_column_that_knows_everything_needs_no_line() -> None:
    (column,) = columns_of([outcome("a", {1: result(0, words=frozenset("ab"))})])
    assert unknown_words(column) is None


def test_options_that_are_the_variants_defaults_are_left_out_of_a_columns_name() -> None:
    assessed = [outcome(f"m{task}", {task: result(0)}, options={"dim": 50}) for task in (1, 2)]
    usual = [replace(one, subject=replace(one.subject, usual={"dim": 50})) for one in assessed]
    assert labels(*assessed) == ["entnet dim=50\n2 models"]
    assert labels(*usual) == ["entnet\n2 models"]
