"""How fast chat is: the prompt, the first answer, a sentence with its answer, and leaving.

    uv run python benchmarks/chat.py [--data FOLDER] [--json]

Figures, each beside a named baseline of the same run:

prompt         seconds from the start of `relmem chat` in a pseudo-terminal to its prompt, beside
               importing Typer, Rich and prompt-toolkit in a bare Python
first answer   seconds from the start to the answer of a line typed at once, beside importing torch
turn           milliseconds for one more sentence and a question, with the model loaded, on the
               test stories of bAbI task 1, beside reading the whole story again for each question
leaving        seconds from Ctrl-D to the end of the process, with the model loaded, and while torch
               is still imported; beside the end of a bare Python that has imported torch. Each also
               with two other processes for every core
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import torch

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.library import DEFAULT_MODEL, find_model
from relmem_cli.paths import data_cache
from relmem_cli.plugins import registry
from relmem_cli.runs.pool import cores
from relmem_cli.stories.sources import data_roots, open_source
from relmem_cli.training.arithmetic import subnormals_flushed, use_threads
from relmem_cli.training.checkpoints import load_model

PYTHON = sys.executable
RELMEM = str(Path(PYTHON).with_name("relmem"))


PROMPT = r"\x1b\[0;1m>"
ANSWER = r"\d\.\d%"


def chat(*, answered: bool) -> float:
    """Seconds until the prompt is there, or until a line typed then has its answer."""
    started = time.perf_counter()
    child = pexpect.spawn(RELMEM, ["chat", "--device", "cpu"], timeout=60, dimensions=(24, 80))
    child.expect(PROMPT)
    if answered:
        child.send("Mary went to the kitchen. Where is Mary?\r")
        child.expect(ANSWER)
    seconds = time.perf_counter() - started
    child.close(force=True)
    return seconds


def leaving(*, after: float | None) -> float:
    """Seconds from Ctrl-D to the end: that long after the prompt, or with an answer given."""
    child = pexpect.spawn(RELMEM, ["chat", "--device", "cpu"], timeout=60, dimensions=(24, 80))
    child.delaybeforesend = None
    child.expect(PROMPT)
    if after is None:
        child.send("Mary went to the kitchen. Where is Mary?\r")
        child.expect(ANSWER)
    time.sleep(0.5 if after is None else after)
    return ending(child, "\x04")


def bare_ending() -> float:
    """Seconds that a Python takes to end that has imported torch and waits for a line."""
    child = pexpect.spawn(PYTHON, ["-c", "import torch; print('ready'); input()"], timeout=60)
    child.delaybeforesend = None
    child.expect("ready")
    return ending(child, "\r")


def ending(child: "pexpect.spawn[bytes]", key: str) -> float:
    started = time.perf_counter()
    child.send(key)
    child.expect(pexpect.EOF)
    child.wait()
    seconds = time.perf_counter() - started
    child.close()
    return seconds


def leavings(runs: int) -> dict[str, dict[str, float]]:
    """Medians and maxima of leaving, on this machine as it is and kept busy."""
    loading = [0.1, 0.3, 0.5, 1.0]
    found = {}
    for name, busy in (("leaving", 0), ("leaving, busy", 2 * cores())):
        others = [subprocess.Popen([PYTHON, "-c", "while True: pass"]) for _ in range(busy)]
        try:
            loaded = [leaving(after=None) for _ in range(runs)]
            early = [leaving(after=after) for after in loading for _ in range(max(runs // 2, 1))]
            bare = [bare_ending() for _ in range(runs)]
        finally:
            for other in others:
                other.kill()
                other.wait()
        found[name] = {
            "seconds": round(statistics.median(loaded), 3),
            "longest": round(max(loaded), 3),
            "loading_seconds": round(statistics.median(early), 3),
            "loading_longest": round(max(early), 3),
            "baseline_seconds": round(statistics.median(bare), 3),
        }
    return found


def importing(modules: str) -> float:
    started = time.perf_counter()
    pexpect.run(f"{PYTHON} -c 'import {modules}'", timeout=120)
    return time.perf_counter() - started


def pairs(own: Callable[[], float], baseline: Callable[[], float], runs: int) -> dict[str, float]:
    """Medians of both and of their differences and ratios, run in turn."""
    own(), baseline()
    found = [(own(), baseline()) for _ in range(runs)]
    return {
        "seconds": round(statistics.median(a for a, _ in found), 3),
        "baseline_seconds": round(statistics.median(b for _, b in found), 3),
        "ratio": round(statistics.median(a / b for a, b in found), 2),
        "difference": round(statistics.median(a - b for a, b in found), 3),
    }


def said(kind: UtteranceKind, tokens: tuple[str, ...]) -> Utterance:
    return Utterance(kind=kind, tokens=tokens, text=" ".join(tokens))


def turns(data: str | None) -> dict[str, float]:
    """Milliseconds of a sentence with its answer, and of reading the story again instead."""
    use_threads(1)
    path = find_model(DEFAULT_MODEL)
    reader = Reader(load_model(path, registry().variants, torch.device("cpu")), name=path.stem)
    source = open_source(data or "en", roots=data_roots(data_cache()))
    own, again = [], []
    for story in source.stories(1, "test")[:100]:
        told = [said(UtteranceKind.sentence, tokens) for tokens in story.sentences]
        state = reader.begin()
        read = 0
        for question in story.questions:
            asked = said(UtteranceKind.question, question.text)
            for sentence in told[read : question.position - 1]:
                state = reader.read(state, sentence)
            started = time.perf_counter()
            state = reader.read(state, told[question.position - 1])
            reader.answer(state, asked)
            own.append(time.perf_counter() - started)
            read = question.position
            started = time.perf_counter()
            fresh = reader.begin()
            for sentence in told[:read]:
                fresh = reader.read(fresh, sentence)
            reader.answer(fresh, asked)
            again.append(time.perf_counter() - started)
    return {
        "milliseconds": round(1000 * statistics.median(own), 2),
        "milliseconds_95th": round(1000 * statistics.quantiles(own, n=20)[-1], 2),
        "baseline_milliseconds": round(1000 * statistics.median(again), 2),
        "ratio": round(statistics.median(a / b for a, b in zip(own, again, strict=True)), 2),
        "turns": len(own),
    }


@subnormals_flushed()
def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # with it relmem is compiled at every start
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="a folder with bAbI files; by default the set en")
    parser.add_argument("--runs", type=int, default=7, help="counted runs of each start")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    os.environ |= {"OMP_NUM_THREADS": "1", "PROMPT_TOOLKIT_NO_CPR": "1"}
    report = {
        "prompt": pairs(
            lambda: chat(answered=False),
            lambda: importing("typer, rich, prompt_toolkit"),
            arguments.runs,
        ),
        "first answer": pairs(
            lambda: chat(answered=True), lambda: importing("torch"), arguments.runs
        ),
        "turn": turns(arguments.data),
        **leavings(arguments.runs),
    }
    if arguments.json:
        print(json.dumps(report, indent=2))
        return
    for name, figures in report.items():
        print(name, "  ".join(f"{key} {value}" for key, value in figures.items()), sep=": ")


if __name__ == "__main__":
    main()
