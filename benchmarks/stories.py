"""How fast stories are told and solved, and that memory does not grow with their number.

    uv run python benchmarks/stories.py [--rounds N] [--json]

Questions a second on one core, as text with answers and supports; each kind in turn with the
baseline, reading as many questions of bAbI's task 1 (needs RELMEM_DATA), so that a change of the
machine's speed meets both alike. The figures are medians. Memory is the peak of tracemalloc while
5,000 and 50,000 questions are told and thrown away.
"""

import argparse
import json
import os
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

from machine import processor

from relmem_cli.stories.babi import parse_babi
from relmem_cli.world.kinds import KINDS
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.mixture import MIXTURE
from relmem_cli.world.phrases import load_style
from relmem_cli.world.solver.check import Checker
from relmem_cli.world.story_stream import as_babi, tell_stories
from relmem_cli.world.teller import Line, Voice

CASES = (
    ("1", "babi", 20_000),
    ("2", "babi", None),
    ("3", "babi", None),
    ("mixture", "babi", 5_000),
    ("mixture", "everyday", 5_000),
)
"""Kind, words and style, and how many questions a second there are to be."""

QUESTIONS = 4000


def stories(kind: str, style: str, questions: int) -> Iterator[list[Line]]:
    voice = Voice(lexicon=load_lexicon(style), style=load_style(style))
    every = {**KINDS, MIXTURE.name: MIXTURE}
    return tell_stories(every[kind], voice, seed=0, questions=questions)


def rate(work: Callable[[], object], questions: int) -> float:
    started = time.process_time()
    work()
    return questions / (time.process_time() - started)


def tell(kind: str, style: str, questions: int = QUESTIONS) -> None:
    for _ in stories(kind, style, questions):
        pass


def read() -> None:
    """The baseline: the first questions of task 1, from the file's text."""
    text = FILE.read_text(encoding="utf-8").splitlines()[: QUESTIONS * 3]
    for _ in parse_babi(text, "qa1"):
        pass


def solve(kind: str, style: str, checker: Checker) -> Callable[[], object]:
    lines = "".join(as_babi(story) for story in stories(kind, style, QUESTIONS)).splitlines()
    found = list(parse_babi(lines, kind))
    return lambda: checker.check(found)


def peak(questions: int) -> int:
    """Bytes at most while so many questions are told."""
    tell("mixture", "everyday", 200)
    tracemalloc.start()
    tell("mixture", "everyday", questions)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


FILE = next((Path(os.environ["RELMEM_DATA"]) / "en-10k").glob("qa1_*_train.txt"), Path("no-file"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    checker, rows = Checker(), []
    for kind, style, wanted in CASES:
        work = solve(kind, style, checker)
        tell(kind, style, 200)
        work()
        rounds = [
            (
                rate(lambda kind=kind, style=style: tell(kind, style), QUESTIONS),
                rate(work, QUESTIONS),
                rate(read, QUESTIONS),
            )
            for _ in range(options.rounds)
        ]
        rows.append(
            {
                "kind": kind,
                "style": style,
                "told_per_second": round(statistics.median(one for one, _, _ in rounds)),
                "wanted": wanted,
                "solved_per_second": round(statistics.median(one for _, one, _ in rounds)),
                "times_reading": round(statistics.median(a / c for a, _, c in rounds), 2),
            }
        )
    memory = {count: peak(count) for count in (5_000, 50_000)}
    report = {"processor": processor(), "load": os.getloadavg()[0], "rows": rows, "peak": memory}
    if options.json:
        print(json.dumps(report, indent=2))
        return
    print(f"{report['processor']}, load {report['load']:.1f}")
    for row in rows:
        print(
            f"kind {row['kind']:8} {row['style']:9} {row['told_per_second']:7,} told a second"
            f" (wanted {row['wanted'] or '-'}), {row['solved_per_second']:7,} solved,"
            f" {row['times_reading']:.2f} times as fast as reading task 1"
        )
    for count, most in memory.items():
        print(f"{count:,} questions told: {most / 1e6:.1f} MB at most")


if __name__ == "__main__":
    main()
