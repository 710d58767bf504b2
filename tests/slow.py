"""Which tests are slow, besides those that are marked so: found in their code, not listed."""

from collections.abc import Iterator
from types import CodeType, FunctionType

import pytest

_STARTERS = {"subprocess", "pexpect", "at_home", "on_cluster"}
"""What a function names that starts a process, or many."""


def is_slow(test: pytest.Function) -> bool:
    """Whether the test reads bAbI's large files, or starts processes.

    That may be done by a fixture of it, or by a function of the tests that one of them calls.
    """
    if "babi" in test.fixturenames:
        return True
    fixtures = test._fixtureinfo.name2fixturedefs.values()
    functions = [test.function, *(each.func for several in fixtures for each in several)]
    return any(name in _STARTERS for function in functions for name in _names(function, set()))


def _names(function: object, seen: set[object]) -> Iterator[str]:
    """What a function names, and the functions of the tests that it calls."""
    if not isinstance(function, FunctionType) or function in seen:
        return
    seen.add(function)
    for name in _names_in(function.__code__):
        yield name
        if function.__module__.startswith("tests."):
            yield from _names(function.__globals__.get(name), seen)


def _names_in(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)
