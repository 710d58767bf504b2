"""The rule that a quick run goes by."""

import subprocess
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.slow import is_slow


def starts() -> None:
    subprocess.run(["true"], check=True)


def calls_what_starts() -> None:
    starts()


def starts_within() -> None:
    def run() -> None:
        starts()

    run()


def counts() -> None:
    len("nothing more")


def pytest_function(test: Callable[[], None], **fixtures: Callable[[], None]) -> Any:
    """What pytest knows of a test and its fixtures."""
    found = {name: [SimpleNamespace(func=function)] for name, function in fixtures.items()}
    return SimpleNamespace(
        function=test,
        fixturenames=list(found),
        _fixtureinfo=SimpleNamespace(name2fixturedefs=found),
    )


@pytest.mark.parametrize("test", [starts, calls_what_starts, starts_within])
def test_a_test_that_starts_a_process_is_slow(test: Callable[[], None]) -> None:
    assert is_slow(pytest_function(test))


def test_a_test_is_slow_whose_fixture_starts_a_process_or_is_babi() -> None:
    assert is_slow(pytest_function(counts, start=starts))
    assert is_slow(pytest_function(counts, babi=counts))


def test_any_other_test_is_not_slow() -> None:
    assert not is_slow(pytest_function(counts, numbers=counts))
