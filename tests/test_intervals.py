import pytest

from relmem_cli.intervals import student_margin, student_quantile, wilson

# Two-sided 95% points as printed in tables of the t distribution.
PRINTED = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}
PRINTED |= {9: 2.262, 10: 2.228, 29: 2.045, 30: 2.042, 120: 1.980}


@pytest.mark.parametrize(("freedom", "printed"), PRINTED.items())
def test_students_quantile_is_the_tables(freedom: int, printed: float) -> None:
    assert student_quantile(freedom) == pytest.approx(printed, abs=5e-4)


def test_a_margin_is_t_standard_errors_of_the_mean() -> None:
    # The standard deviation of 1, 2, 3 is 1.
    assert student_margin([1, 2, 3]) == pytest.approx(4.3027 / 3**0.5, abs=1e-3)


def test_equal_values_have_no_margin_and_one_value_has_none_to_tell() -> None:
    assert student_margin([0.25] * 4) == 0
    with pytest.raises(ValueError, match="two values"):
        student_margin([0.25])


@pytest.mark.parametrize(("errors", "n"), [(0, 10), (3, 1000), (500, 1000), (10, 10)])
def test_wilsons_interval_holds_the_fractions_that_are_no_surprise(errors: int, n: int) -> None:
    """A bound p is where the observed fraction is 1.96 standard deviations of p away from p."""
    low, high = wilson(errors, n)
    assert 0 <= low <= errors / n <= high <= 1
    for bound in {low, high} - {0.0, 1.0}:
        deviation = (bound * (1 - bound) / n) ** 0.5
        assert abs(errors / n - bound) == pytest.approx(1.959964 * deviation)
