"""What a fold of `relmem reproduce field` costs: processor hours, from a few epochs of each run.

    uv run python benchmarks/fold.py [--results FILE.jsonl] [--epochs 3] [--variants qrn,rn]
        [--out FILE.json]

The seconds that a results file has are those of a wall clock: on a machine with other work they say
more of that than of the training. Here every run of the file is trained for `--epochs` epochs as
it was then, two at a time, one thread each, as `reproduce --workers 2` has them. In the process's
own seconds, a run is its stories and model, its first epoch, as many more as it had, each as long
as the mean of those after the first, and its test.
"""

import argparse
import json
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import torch
from machine import machine

from relmem_cli.paths import data_cache
from relmem_cli.plugins import registry
from relmem_cli.runs.ledger import read_results
from relmem_cli.runs.record import RunRecord
from relmem_cli.stories.batch import batches, encode_story
from relmem_cli.stories.sources import data_roots, open_source
from relmem_cli.stories.tasks import load_training
from relmem_cli.training.arithmetic import use_threads
from relmem_cli.training.evaluation import score
from relmem_cli.training.loop import Epoch, Trainer
from relmem_cli.training.settings import Settings

WORKERS = 2


def cost(row: RunRecord, epochs: int) -> float:
    """Process seconds of a run, from so many epochs of it."""
    use_threads(1)
    started = time.process_time()
    settings = Settings(**row.settings)
    variant = registry().variants[settings.variant]
    source = open_source(settings.data, roots=data_roots(data_cache()))
    data = load_training(source, settings.task, rare=settings.rare)
    torch.manual_seed(settings.seed)
    model = variant.build(data.sizes, dict(settings.options))
    model.prepare(data.vocabulary, data.train)
    trainer = Trainer(model=model, data=data, settings=settings)
    around = time.process_time() - started
    times = [time.process_time()]
    times += [time.process_time() for each in trainer.run(until=epochs) if isinstance(each, Epoch)]
    first, *more = (after - before for before, after in pairwise(times))
    stories = [
        encode_story(story, data.vocabulary, data.sizes)
        for story in source.stories(row.task, "test")
    ]
    tested = time.process_time()
    score(model, batches(stories, data.sizes, 2 * settings.batch))
    tested = time.process_time() - tested
    return around + first + fmean(more) * (len(row.curve) - 1) + tested


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, default=Path("results/field.jsonl"))
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--variants", default="")
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
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
