"""Odd lines and kills, in small numbers: benchmarks/fuzz.py and benchmarks/kills.py."""

import os
import random
from pathlib import Path

import pytest

from benchmarks import fuzz, kills


@pytest.mark.slow
def test_no_odd_line_crashes_a_conversation_or_steers_a_terminal() -> None:
    tally, problems = fuzz.run(600, seed=1)
    assert problems == []
    assert min(tally[what] for what in ("quiet", "answered", "warned")) > 30


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills need os.fork")
def test_a_training_that_is_killed_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    killed, problems = kills.trainings(4, tmp_path, random.Random(0))
    assert killed >= 4
    assert problems == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills need os.fork")
def test_a_chat_that_is_killed_has_kept_every_line_that_it_said_was(tmp_path: Path) -> None:
    assert kills.chats(4, tmp_path, random.Random(0)) == []
