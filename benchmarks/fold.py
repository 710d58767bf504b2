"""What a fold of `relmem reproduce field` costs: processor hours, from a few epochs of each run.

    uv run python benchmarks/fold.py [--results FILE.jsonl] [--epochs 3] [--variants qrn,rn]
        [--out FILE.json]

The seconds that a results file has are those of a wall clock: on a machine with other work they say
more of that than of the training. Here every run of the file is trained for `--epochs` epochs as
it was then, two at a time, one thread each, as `reproduce --workers 2` has them. In the process's
own seconds, a run is all that it does with these epochs, its test too, and as many more epochs as
it had, each as long as the mean of those after the first.
"""

import argparse
import json
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import torch
from machine import machine

from relmem_cli.paths import data_cache
from relmem_cli.runs.job import Job
from relmem_cli.runs.ledger import read_results
from relmem_cli.runs.record import RunRecord
from relmem_cli.runs.run import Events, Run
from relmem_cli.stories.sources import HOW_TO_GET, data_roots, find_archive
from relmem_cli.training.loop import Epoch
from relmem_cli.training.settings import Settings

WORKERS = 2


def cost(row: RunRecord, epochs: int) -> float:
    """Process seconds of a run, from so many epochs of it."""
    ends: list[float] = []

    def first_epochs(events: Events) -> Events:
        ends.append(time.process_time())
        for settings, event in events:
            yield settings, event
            if isinstance(event, Epoch):
                ends.append(time.process_time())
                if len(ends) > epochs:
                    return

    started = time.process_time()
    archive = find_archive(data_roots(data_cache()))
    with TemporaryDirectory() as folder:
        settings, there = Settings(**row.settings), Path(folder) / "run"
        job = Job(settings=settings, source=None, archive=archive, folder=there)
        Run(job).train(follow=first_epochs)
    spent = time.process_time() - started
    _, *more = (after - before for before, after in pairwise(ends))
    return spent + fmean(more) * (len(row.curve) - len(more) - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=Path("results/field.jsonl"))
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--variants", default="")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    if chosen.epochs < 2:
        parser.error("--epochs is at least 2: the first one is not like the others.")
    if find_archive(data_roots(data_cache())) is None:
        parser.error(f"the bAbI tasks are not on this machine; {HOW_TO_GET}.")
    names = chosen.variants.split(",") if chosen.variants else None
    rows = [
        row
        for row in read_results([chosen.results]).rows
        if not row.failure and (names is None or row.variant in names)
    ]
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        costs = list(pool.map(cost, rows, [chosen.epochs] * len(rows)))
    runs = [
        {"variant": row.variant, "task": row.task, "seconds": round(spent, 1), "told": row.seconds}
        for row, spent in zip(rows, costs, strict=True)
    ]
    print(f"{'variant':22}{'minutes':>8}{'as told':>9}")
    for variant in dict.fromkeys(row.variant for row in rows):
        own = [run for run in runs if run["variant"] == variant]
        spent, told = (sum(run[key] for run in own) / 60 for key in ("seconds", "told"))
        print(f"{variant:22}{spent:8.1f}{told:9.1f}")
    hours = sum(costs) / 3600
    print(f"all: {hours:.2f} hours of one core, {hours / WORKERS:.2f} of {WORKERS}")
    if chosen.out:
        found = {"machine": machine(torch.device("cpu")), "hours": round(hours, 2), "runs": runs}
        chosen.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
