"""Odd lines, in small numbers: benchmarks/fuzz.py."""

import pytest

from benchmarks import fuzz


@pytest.mark.slow
def test_no_odd_line_crashes_a_conversation_or_steers_a_terminal() -> None:
    tally, problems = fuzz.run(600, seed=1)
    assert problems == []
    assert min(tally[what] for what in ("quiet", "answered", "warned")) > 30
