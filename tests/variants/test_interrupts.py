"""Ctrl-C at any moment of a model's work ends in KeyboardInterrupt: no crash, no other error."""

import random
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from numba.core.compiler_lock import global_compiler_lock

from relmem_variants.fast.cpu.interrupts import uninterrupted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there, Ctrl-C reaches a console")

# Work that is interrupted again and again, by signals that come from outside at any moment.
INTERRUPTED = """
import signal, sys
import torch
from relmem_variants.plugin import RELATION_TRANSFORMER
from tests.variants.cases import SIZES, build, story_batch

batch = story_batch([2, 3], [(0, 1), (1, 0)])
variant, interrupts = sys.argv[1], 300
model = (
    RELATION_TRANSFORMER.build(SIZES, {}) if variant == "relation-transformer" else build(variant)
)
if "own answer" in sys.argv:
    model.look = lambda: None
inside = False

def interrupt(*_):
    if inside:
        raise KeyboardInterrupt

def work():
    model(batch).sum().backward()
    with torch.inference_mode():
        model(batch)
    model.learn(batch)

work()
signal.signal(signal.SIGINT, interrupt)
print("begun", flush=True)
while interrupts:
    try:
        inside = True
        while True:
            work()
    except KeyboardInterrupt:
        inside = False
        interrupts -= 1
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("done", flush=True)
"""


@pytest.mark.parametrize(
    "what", [["relation-slot"], ["relation-slot", "own answer"], ["relation-transformer"]]
)
def test_ctrl_c_while_machine_code_returns_is_an_interrupt_like_any_other(what: list[str]) -> None:
    working = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, *what],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert working.stdout is not None
    begun = working.stdout.readline()
    storm = threading.Thread(target=_interrupt, args=(working,))
    storm.start()
    said, errors = working.communicate()
    storm.join()
    assert begun + said == "begun\ndone\n", errors
    assert working.returncode == 0


def _interrupt(working: subprocess.Popen[str]) -> None:
    when = random.Random(0)
    while working.poll() is None:
        working.send_signal(signal.SIGINT)
        time.sleep(when.random() * 0.006)


def test_signals_are_handled_at_the_end_each_by_its_own_handler() -> None:
    handled = []

    @uninterrupted()
    def work() -> None:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        handled.append("worked")

    before = signal.signal(signal.SIGTERM, lambda *_: handled.append("ended"))
    try:
        with pytest.raises(KeyboardInterrupt):
            work()
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert handled == ["worked", "ended", "ended"]


def test_an_interrupt_does_not_wait_for_the_compiler() -> None:
    went_on = False

    @uninterrupted()
    def work() -> None:
        nonlocal went_on
        with global_compiler_lock:
            signal.raise_signal(signal.SIGINT)
            went_on = True

    with pytest.raises(KeyboardInterrupt):
        work()
    assert not went_on


def test_a_failure_meanwhile_is_not_lost() -> None:
    @uninterrupted()
    def work() -> None:
        signal.raise_signal(signal.SIGINT)
        raise IndexError

    with pytest.raises(KeyboardInterrupt) as interrupt:
        work()
    assert isinstance(interrupt.value.__context__, IndexError)


def test_other_threads_are_left_alone() -> None:
    before = signal.getsignal(signal.SIGINT)

    @uninterrupted()
    def work() -> object:
        return signal.getsignal(signal.SIGINT)

    with ThreadPoolExecutor() as pool:
        assert pool.submit(work).result() is before
