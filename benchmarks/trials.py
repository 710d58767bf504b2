"""Trials of training settings: trained on a fold, judged on the next fold's training questions.

    python benchmarks/trials.py benchmarks/trials.toml RESULTS.jsonl --data FOLDER/en

Test questions and fold 0 are not looked at. The plan says what is tried, beside each other: every
setting under `[settings.NAME]`, over what is `[common]`, for each of `variants`, `tasks`, `folds`
and `seeds`. What the results have already is not trained again.
"""

import argparse
import json
import math
import os
import statistics
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")


@dataclass(frozen=True)
class Trial:
    """One training run, and under which name its settings go."""

    name: str
    variant: str
    task: str
    fold: int
    seed: int


def trials(plan: dict[str, Any]) -> Iterator[Trial]:
    """All of a plan, so that all settings come early on."""
    order = product(plan["seeds"], plan["folds"], plan["tasks"], plan["variants"], plan["settings"])
    for seed, fold, task, variant, name in order:
        yield Trial(name, variant, str(task), fold, seed)


def run(
    trial: Trial, settings: dict[str, Any], options: dict[str, Any], data: str
) -> dict[str, Any]:
    """Train, and judge the epoch that validation picks, the last one, and what refitting brings."""
    import torch  # noqa: PLC0415

    from relmem_cli.contract import Recipe  # noqa: PLC0415
    from relmem_cli.plugins import registry  # noqa: PLC0415
    from relmem_cli.runs.recipe import settings_of  # noqa: PLC0415
    from relmem_cli.stories.sources import BabiFolder  # noqa: PLC0415
    from relmem_cli.stories.tasks import load_training  # noqa: PLC0415
    from relmem_cli.training.evaluation import score_stories  # noqa: PLC0415
    from relmem_cli.training.loop import Epoch, Trainer  # noqa: PLC0415
    from relmem_cli.training.renaming import Renaming  # noqa: PLC0415

    torch.set_num_threads(1)
    variant = registry().variants[trial.variant]
    recipe = Recipe(name=trial.name, summary="", variants=(), settings=settings, options=options)
    chosen = settings_of(recipe, variant, task=int(trial.task), fold=trial.fold, seed=trial.seed)
    source = BabiFolder(name="en", path=Path(data))
    task = load_training(
        source, trial.task, fold=trial.fold, validation=chosen.validation, cap=chosen.cap
    )
    other = load_training(source, trial.task, fold=trial.fold + 1, cap=chosen.cap)
    judges = [*other.train, *other.validation]
    torch.manual_seed(trial.seed)
    model = variant.build(task.sizes, dict(chosen.options))
    renaming = Renaming(task) if chosen.rename == "auto" else None
    trainer = Trainer(model=model, data=task, settings=chosen, renaming=renaming)
    begun, curve, loss = time.perf_counter(), [], math.nan
    picked, last = trainer.best, math.nan
    for event in trainer.run():
        if not isinstance(event, Epoch):
            continue
        loss = event.loss
        if event.refit:
            continue
        curve.append(event.validation.errors)
        if trainer.fewest.epoch == event.epoch:
            picked = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        if event.epoch == trainer.fitted:
            last = score_stories(model.eval(), judges, task.vocabulary).error
    seconds = time.perf_counter() - begun
    refitted = score_stories(model.eval(), judges, task.vocabulary).error
    model.load_state_dict(picked)
    return {
        **trial.__dict__,
        "settings": {**settings, "options": options},
        "epochs": len(curve),
        "best_epoch": trainer.fewest.epoch,
        "validation": trainer.fewest.errors,
        "loss": round(loss, 4),
        "picked": _percent(score_stories(model, judges, task.vocabulary).error),
        "last": _percent(last),
        "refitted": _percent(refitted) if chosen.refit else None,
        "seconds": round(seconds, 1),
        "curve": curve[4::5],
    }


def _percent(fraction: float) -> float:
    return round(100 * fraction, 2)


def report(rows: list[dict[str, Any]]) -> None:
    """Each setting's mean errors with their 95% intervals, and each run's kept one."""
    cells: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in rows:
        cells.setdefault((row["variant"], row["task"], row["name"]), []).append(row)
    for (variant, task, name), some in sorted(cells.items(), key=lambda c: (c[0][0], int(c[0][1]))):
        refitted = some[0]["refitted"] is not None
        figures = [
            _interval([row[what] for row in some])
            for what in ("picked", "last", "refitted")
            if what != "refitted" or refitted
        ]
        each = " ".join(f"{row['refitted' if refitted else 'picked']:.0f}" for row in some)
        seconds = sum(row["seconds"] for row in some) / len(some)
        print(
            f"{variant:14} {task:>2} {name:20} {'  '.join(figures):34}"
            f"  n={len(some)} {seconds:5.0f} s  {each}"
        )


def _interval(errors: list[float]) -> str:
    from relmem_cli.intervals import student_margin  # noqa: PLC0415

    mean = statistics.fmean(errors)
    if len(errors) < 2:
        return f"{mean:5.1f}      "
    return f"{mean:5.1f} ±{student_margin(errors):4.1f}"


def main() -> None:
    """Run a plan."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("plan", type=Path, help="what is tried, such as benchmarks/trials.toml")
    parser.add_argument("results", type=Path, help="a file to add a line to for every run")
    parser.add_argument("--data", required=True, help="the folder with bAbI's set en")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--report", action="store_true", help="print what there is; train nothing")
    given = parser.parse_args()
    plan = tomllib.loads(given.plan.read_text())
    common, own = plan["common"], plan["settings"]
    rows = []
    if given.results.exists():
        rows = [json.loads(line) for line in given.results.read_text().splitlines()]
    if given.report:
        report(rows)
        return
    done = {Trial(r["name"], r["variant"], r["task"], r["fold"], r["seed"]) for r in rows}
    wanted = [trial for trial in trials(plan) if trial not in done]
    with ProcessPoolExecutor(given.workers) as pool, given.results.open("a") as file:
        running = [
            pool.submit(run, t, {**common, **own[t.name]}, plan["options"], given.data)
            for t in wanted
        ]
        for finished in as_completed(running):
            row = finished.result()
            rows.append(row)
            file.write(json.dumps(row) + "\n")
            file.flush()
            print({k: v for k, v in row.items() if k not in ("curve", "settings")}, flush=True)


if __name__ == "__main__":
    main()
