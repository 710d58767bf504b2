"""The literals against the sums, means and counts that the paper prints below its tables."""

import pytest

from relmem_cli.reports.paper import ERRORS, PARAMETERS, paper_error, paper_parameters


@pytest.mark.parametrize(
    ("variant", "total"),
    [("all-relations", 2_240_200), ("relation-slot", 1_640_200), ("self-memory", 1_440_200)],
)
def test_parameter_counts_sum_to_the_sums_of_tables_5_and_7(variant: str, total: int) -> None:
    assert sum(PARAMETERS[variant]) == total
    assert len(PARAMETERS[variant]) == 20


@pytest.mark.parametrize(
    ("variant", "mean", "failed"),
    [
        ("entnet", 16.24, 11),
        ("multi-hop", 17.74, 11),
        ("relation-slot", 14.96, 9),
        ("self-memory", 26.00, 15),
    ],
)
def test_errors_have_the_means_and_failed_tasks_of_table_6(
    variant: str, mean: float, failed: int
) -> None:
    errors = ERRORS[variant]
    assert sum(errors) / 20 == pytest.approx(mean, abs=0.02)
    assert sum(error > 5 for error in errors) == failed


def test_figures_are_found_by_variant_and_task() -> None:
    assert paper_parameters("relation-slot", 20) == 83_600
    assert paper_error("relation-slot", 19) == pytest.approx(0.853)


def test_what_the_paper_does_not_print_is_none() -> None:
    assert paper_parameters("entnet", 1) is None
    assert paper_error("all-relations", 1) is None
