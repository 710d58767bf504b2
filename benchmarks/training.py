"""How fast training is: questions and sentences a second, beside a plain baseline and the roof.

    uv run python benchmarks/training.py [--data FOLDER] [--tasks 1,2,3,5,19] [--out FILE.json]

For each variant, with its usual options, and each task three paths train in turn, in one process:

(a) baseline   benchmarks/baseline: one story per question, a loop over sentences, autograd
(b) reference  relmem's trainer with the variant's equations as they are written
(c) fast       relmem's trainer as `relmem train` uses it

A step is whole: batch, forward, backward, clipping, Adam. Words are made token ids once, before
the steps, for all three. (a) clips and steps tensor by tensor with torch's own functions; (b) and
(c) share the trainer, which holds the parameters as one vector. A sentence
step is one sentence read once: (b) and (c) read a story once for all its questions, (a) once for
each question; pads are not counted in any. Figures are medians over the rounds, of which slow
cells get fewer; ratios are of questions a second, taken round by round. The roof is the rate of
this machine's large float32 matrix products in the same round, and (c)'s share of it counts the
products of matrix and slots alone: rows x d x d multiply-adds a sentence forward and twice that
backward, rows being all slots and relations that are updated. relation-transformer is relmem's
own: it has no baseline, and no share of the roof, since its sentences are not multiplied one by
one. "fixed" is what a step of (c) costs
whatever its sentences: the milliseconds of a step whose stories have one sentence each.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from baseline.weights import CLASSES
from machine import machine, roof
from paths import Cell, TrainerPath, Turn
from profiling import profile

from relmem_cli.contract import Variant
from relmem_cli.errors import RelmemError
from relmem_cli.paths import data_cache
from relmem_cli.plugins import registry
from relmem_cli.stories.catalogue import parse_tasks
from relmem_cli.stories.sources import data_roots, open_source
from relmem_cli.stories.tasks import JOINT, load_training
from relmem_cli.training.arithmetic import subnormals_flushed, use_threads
from relmem_cli.training.device import pick_device

VARIANTS = (*CLASSES, "relation-transformer")

LONG_CELL = 12.0
"""Seconds after which a variant and a task get no further round: its turns are long enough."""

HEADER = (
    f"\n{'':13}{'':>5}{'questions/s':>24}{'sentence steps/s':>27}{'':>16}{'(c) of':>8}"
    f"{'fixed':>7}\n"
    f"{'variant':13}{'task':>5}{'(a)':>8}{'(b)':>8}{'(c)':>8}{'(a)':>9}{'(b)':>9}{'(c)':>9}"
    f"{'(c)/(a)':>8}{'(c)/(b)':>8}{'roof':>8}{'ms':>7}"
)


def updated_rows(variant: str, slots: int) -> int:
    """How many vectors of d a sentence multiplies with a d x d matrix: slots, then relations."""
    relations = {
        "relation-slot": slots,
        "self-memory": slots,
        "all-relations": slots * (slots - 1) // 2,
    }
    return slots + relations.get(variant, 0)


def measure(cell: Cell, seconds: float, rounds: int) -> dict[str, Any]:
    """The figures of a variant and a task."""
    paths = cell.paths()
    for path in paths.values():
        path.warm_up(seconds)
    fixed = TrainerPath(cell.of_one_sentence(), kernels="auto")
    fixed.warm_up(seconds)
    fixed_ms: list[float] = []
    turns: list[dict[str, Turn]] = []
    roofs: list[float] = []
    started = time.perf_counter()
    while len(turns) < rounds and time.perf_counter() - started < LONG_CELL:
        turns.append({name: path.turn(seconds) for name, path in paths.items()})
        short = fixed.turn(seconds / 4)
        fixed_ms.append(1000 * short.seconds / short.steps)
        roofs.append(roof(cell.device))
    return {
        "variant": cell.variant.name,
        "task": cell.task,
        **asdict(cell.variant.options()),
        "paths": {name: rates([turn[name] for turn in turns]) for name in paths},
        "fast_over_baseline": ratio(turns, "baseline") if "baseline" in paths else None,
        "fast_over_reference": ratio(turns, "reference"),
        "roof_gflops": round(statistics.median(roofs), 2),
        **beside_the_roof(cell.variant, turns, roofs),
        "fast_fixed_ms": round(statistics.median(fixed_ms), 3),
    }


def beside_the_roof(
    variant: Variant, turns: list[dict[str, Turn]], roofs: list[float]
) -> dict[str, float | None]:
    """How fast (c)'s products of slots are, and their share of the roof; None without slots."""
    options = variant.options()
    if not hasattr(options, "slots"):
        return {"fast_gflops": None, "fast_share_of_roof": None}
    sentence = 1e-9 * 2 * 3 * updated_rows(variant.name, options.slots) * options.dim**2
    gflops = [sentence * turn["fast"].sentences / turn["fast"].seconds for turn in turns]
    shares = [own / most for own, most in zip(gflops, roofs, strict=True)]
    return {
        "fast_gflops": round(statistics.median(gflops), 2),
        "fast_share_of_roof": round(statistics.median(shares), 4),
    }


def rates(turns: list[Turn]) -> dict[str, Any]:
    """Medians over the rounds, and each round's questions a second."""
    questions = [turn.questions / turn.seconds for turn in turns]
    sentences = [turn.sentences / turn.seconds for turn in turns]
    return {
        "questions_per_second": round(statistics.median(questions), 1),
        "sentence_steps_per_second": round(statistics.median(sentences), 1),
        "rounds": [round(each, 1) for each in questions],
    }


def ratio(turns: list[dict[str, Turn]], other: str) -> float:
    """The median over the rounds of (c)'s questions a second over another path's."""

    def speed(turn: Turn) -> float:
        return turn.questions / turn.seconds

    return round(statistics.median(speed(turn["fast"]) / speed(turn[other]) for turn in turns), 3)


def mean(results: list[dict[str, Any]]) -> dict[str, float | None]:
    """Geometric means over a variant's tasks, of what all of them have."""
    keys = ("fast_over_baseline", "fast_over_reference", "fast_share_of_roof")
    return {
        key: None
        if any(result[key] is None for result in results)
        else round(statistics.geometric_mean(result[key] for result in results), 4)
        for key in keys
    }


def row(result: dict[str, Any]) -> str:
    """A line of the table."""
    paths = [result["paths"].get(name, {}) for name in ("baseline", "reference", "fast")]
    questions = "".join(figure(path.get("questions_per_second"), 8) for path in paths)
    sentences = "".join(figure(path.get("sentence_steps_per_second"), 9) for path in paths)
    name = result["variant"].removeprefix("relation-" if len(result["variant"]) > 14 else "")
    return f"{name:13}{result['task']:>5}{questions}{sentences}" + (
        f"{shares(result)}{result['fast_fixed_ms']:7.2f}"
    )


def shares(figures: dict[str, float | None]) -> str:
    """The table's last columns but one."""
    ratios = (figures["fast_over_baseline"], figures["fast_over_reference"])
    return "".join(figure(ratio, 8, ".2f") for ratio in ratios) + figure(
        figures["fast_share_of_roof"], 8, ".1%"
    )


def figure(value: float | None, width: int, how: str = ",.0f") -> str:
    """A number as wide as its column; a dash where there is none."""
    return f"{'-' if value is None else format(value, how):>{width}}"


def first_line(here: dict[str, Any]) -> str:
    """When and where: the line above the table."""
    return (
        f"{here['date']}, {here['gpu'] or here['processor']}, {here['threads']} of "
        f"{here['cores']} threads, load {here['load']}, torch {here['torch']}"
    )


def run(
    cells: dict[str, list[Callable[[], Cell]]],
    arguments: argparse.Namespace,
    device: torch.device,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Measure every variant's cells, saying each line as it is known; the whole report."""
    report: dict[str, Any] = {"machine": machine(device), "batch": arguments.batch}
    report |= {"seconds": arguments.seconds, "rounds": arguments.rounds}
    report |= {"results": [], "means": {}}
    say(first_line(report["machine"]))
    say(HEADER)
    for variant, builders in cells.items():
        results = []
        for build in builders:
            results.append(measure(build(), arguments.seconds, arguments.rounds))
            say(row(results[-1]))
        report["results"] += results
        report["means"][variant] = mean(results)
        say(f"{f'{variant} geometric mean':69}{shares(report['means'][variant])}\n")
    return report


def cell(arguments: argparse.Namespace, device: torch.device, variant: str, task: str) -> Cell:
    """A variant and a task; the data is read anew each time, which is no part of the figures."""
    source = open_source(arguments.data or "en", roots=data_roots(data_cache()))
    return Cell(
        variant=registry().variants.get_or_explain(variant),
        task=task,
        data=load_training(source, task),
        batch=arguments.batch,
        device=device,
    )


def tasks_of(text: str) -> list[str]:
    """Tasks by number and, where it is asked for, all of them joined, in the order given."""
    named = [part for part in text.split(",") if part == JOINT]
    numbers = ",".join(part for part in text.split(",") if part != JOINT)
    return [*map(str, parse_tasks(numbers) if numbers else ()), *named]


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", help="a folder with bAbI files; by default the set en")
    parser.add_argument("--tasks", default="1,2,3,5,19", help="numbers, ranges, and joint")
    parser.add_argument("--variants", default=",".join(VARIANTS), help="names with commas between")
    parser.add_argument("--batch", type=int, default=32, help="questions a step")
    parser.add_argument("--seconds", type=float, default=0.4, help="of a path's turn, at least")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each path, at most")
    parser.add_argument("--threads", type=int, default=1, help="torch's threads")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--json", action="store_true", help="print JSON, the table on stderr")
    parser.add_argument("--out", type=Path, help="a file to write the JSON to as well")
    parser.add_argument(
        "--profile", nargs=2, metavar=("VARIANT", "TASK"), help="where a fast step's time goes"
    )
    arguments = parser.parse_args()
    for name in ("batch", "rounds", "threads"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} is {getattr(arguments, name)}; it must be at least 1.")
    if arguments.out and not arguments.out.parent.is_dir():
        parser.error(f"--out: there is no folder {arguments.out.parent} to write to.")
    unknown = set(arguments.variants.split(",")) - set(VARIANTS)
    if unknown:
        parser.error(f"no {', '.join(sorted(unknown))} here; there is {', '.join(VARIANTS)}.")
    return arguments


@subnormals_flushed()
def main() -> None:
    arguments = parse()
    use_threads(arguments.threads)
    try:
        device = pick_device(arguments.device)
        build = partial(cell, arguments, device)
        if arguments.profile:
            variant, task = arguments.profile
            print(profile(build(variant, tasks_of(task)[0]), arguments.seconds))
            return
        tasks = tasks_of(arguments.tasks)
        cells: dict[str, list[Callable[[], Cell]]] = {
            variant: [partial(build, variant, task) for task in tasks]
            for variant in arguments.variants.split(",")
        }
        out = sys.stderr if arguments.json else sys.stdout
        report = run(cells, arguments, device, partial(print, file=out, flush=True))
    except RelmemError as error:
        sys.exit(f"training.py: {error}")
    if arguments.out:
        arguments.out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    if arguments.json:
        print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
