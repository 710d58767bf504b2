import pytest

from relmem_cli.nearest import did_you_mean, nearest


def test_names_are_near_whatever_the_case_and_the_nearest_comes_first() -> None:
    assert nearest("ENTNETT", ["relnet", "EntNet", "gru"]) == ["EntNet", "relnet"]
    assert nearest("xyzzy", ["relnet"]) == []
    assert nearest("21", ["1", "2", "20"]) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("grou", "did you mean gru?"),
        ("net", "did you mean relnet or entnet?"),
        ("?", "there are 3."),
        ("\x1b[2J", "there are 3."),
        ("n" * 10_000, "there are 3."),
    ],
)
def test_where_nothing_is_near_something_else_is_said(typed: str, said: str) -> None:
    assert did_you_mean(typed, ["entnet", "relnet", "gru"], "there are 3.") == said
