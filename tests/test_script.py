"""The console script ends its process at once, and all the same as Python would end it."""

import subprocess
import sys
from pathlib import Path

import pytest

ENDING = """
import atexit, sys, threading, time
from relmem_cli import script

class TakenApart:
    def __del__(self):
        sys.stderr.write("taken apart")

def late():
    time.sleep(0.1)
    sys.stdout.write("thread ")

def main():
    sys.modules["kept"] = TakenApart()
    atexit.register(sys.stdout.write, "exit")
    threading.Thread(target=late).start()
    sys.stdout.write("answer ")
    raise SystemExit({code})

script.main = main
script.run()
"""


def end(code: object, **more: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", ENDING.replace("{code}", repr(code))]
    return subprocess.run(command, text=True, stderr=subprocess.PIPE, check=False, **more)


@pytest.mark.parametrize(("code", "status"), [(None, 0), (0, 0), (1, 1), (2, 2), (130, 130)])
def test_all_is_written_and_the_exit_code_is_the_commands(code: object, status: int) -> None:
    done = end(code, stdout=subprocess.PIPE)
    assert (done.stdout, done.returncode) == ("answer thread exit", status)


def test_nothing_is_taken_apart_that_the_system_takes_back() -> None:
    assert end(0, stdout=subprocess.PIPE).stderr == ""


def test_a_message_in_place_of_an_exit_code_is_shown() -> None:
    done = end("it broke", stdout=subprocess.PIPE)
    assert done.returncode == 1
    assert "it broke" in done.stderr


def test_output_that_cannot_be_written_at_the_end_is_a_failure_in_one_sentence() -> None:
    command = [sys.executable, "-c", "from relmem_cli.script import run; run()", "variants"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, text=True, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr == "relmem: the output cannot be used: No space left on device.\n"
