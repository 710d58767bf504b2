"""What kills do to trainings and conversations: nothing that was finished is lost or damaged.

    uv run python -m benchmarks.kills [--trainings N] [--grids N] [--reproductions N] [--anew]
                                      [--chats N] [--seed S]

A training is a process of its own that is killed (SIGKILL) after a time that is drawn, again and
again, and gone on with until it has ended; what its folder holds must then be the same bits as
those of a training that nobody killed, but for times, and no file more. Grids and reproductions are
`relmem train` and `relmem reproduce` with four runs of two seeds each, two at once, and the same is
asked of them; the signal (SIGKILL, SIGTERM, SIGINT, SIGHUP) and who gets it, all processes, the
parent or a worker, are drawn too. After each kill every file must be whole and no process left.
They are forks of this process unless they are to be started anew, which takes ten times as long. A
chat is a process that keeps a conversation as chat does, a line at a time, and says so after each;
killed after a time that is drawn, it must have left every line that it had said was kept, and of
what it had begun to write no more files than conversations stay. It needs os.fork and ps.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.kills_commands import (
    FORK,
    MOST_PROBLEMS,
    Place,
    Series,
    generate,
    grid,
    reproduction,
    saving,
)
from benchmarks.kills_left import contents, damage, differences
from relmem_cli.chat.story.autosave import KEPT, Autosave, latest_conversation
from relmem_cli.chat.story.story_files import split_stories
from relmem_cli.runs.job import Job
from relmem_cli.runs.record import finished
from relmem_cli.runs.run import Run
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.training.settings import Settings

LINES = 60
EPOCHS = 12

saving.SAVE_EVERY_SECONDS = 0.0  # more to be killed in than the usual 15 seconds would leave


def trainings(count: int, folder: Path, rng: random.Random) -> tuple[int, list[str]]:
    """Kill so many trainings; returns how many kills there were, and what was wrong."""
    generate(folder / "data")
    source = BabiFolder(name="own", path=folder / "data")
    whole = _job(source, folder / "whole")
    Run(whole).train()  # here, so that those that are begun from here find all imported
    wanted = contents(whole.folder)
    begun = time.perf_counter()
    timed = FORK.Process(target=Run(_job(source, folder / "timed")).train)
    timed.start()
    timed.join()
    took = time.perf_counter() - begun
    problems = differences(wanted, contents(folder / "timed"))
    kills = number = 0
    while kills < count:
        job = _job(source, folder / f"run-{number}")
        number += 1
        while finished(job) is None:
            kills += _killed(lambda: Run(job).train(), rng.uniform(0.02, 1.2) * took)  # noqa: B023
            problems += [f"{job.folder.name} was killed: {one}" for one in damage(job.folder)]
        found = differences(wanted, contents(job.folder))
        problems += [f"{job.folder.name} has ended, and {one}" for one in found]
    return kills, problems


def _job(source: BabiFolder, folder: Path) -> Job:
    settings = Settings(
        variant="entnet",
        task="1",
        data=str(source.path),
        epochs=EPOCHS,
        batch=8,
        patience=1000,
        kernels="reference",
        options={"slots": 3, "dim": 8},
    )
    return Job(settings=settings, source=source, folder=folder, device="cpu", resume=True)


def chats(count: int, folder: Path, rng: random.Random) -> list[str]:
    """Kill so many chats, which keep what is said in one folder; returns what was wrong."""
    problems = []
    for number in range(count):
        told, tell = os.pipe()
        kept = [f"{line} Ann went to place {number} {line}." for line in range(1, LINES + 1)]

        def talk(tell: int = tell, kept: list[str] = kept) -> None:
            saver = Autosave(folder)
            for line in range(1, LINES + 1):
                (story,) = split_stories(kept[:line])
                saver.keep("model", story)
                os.write(tell, b".")

        _killed(talk, rng.uniform(0.0, 0.25))
        os.close(tell)
        with open(told, "rb") as said:  # noqa: PTH123  # a pipe
            acknowledged = len(said.read())
        saved = latest_conversation(folder) if acknowledged else None
        there = len(saved.story) if saved else 0
        if there < acknowledged or (saved and [saved.story] != split_stories(kept[:there])):
            problems.append(f"chat {number} kept {there} of {acknowledged} lines")
    if (files := len(list(folder.glob("*")))) > 2 * KEPT + 1:
        problems.append(f"chats have left {files} files")
    return problems


def _killed(work: Callable[[], object], after: float) -> bool:
    """Do it in a process that is killed after so many seconds; whether that came before its end."""
    process = FORK.Process(target=work)
    process.start()
    process.join(after)
    process.kill()
    process.join()
    return bool(process.exitcode)


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trainings", type=int, default=20, help="kills of trainings, at least")
    parser.add_argument("--grids", type=int, default=10, help="kills of relmem train, at least")
    parser.add_argument("--reproductions", type=int, default=10, help="of relmem reproduce")
    parser.add_argument("--anew", action="store_true", help="start each of both as a shell does")
    parser.add_argument("--chats", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)  # noqa: S311  # no secret
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kills, problems = trainings(asked.trainings, folder / "runs", rng)
        wrong += _report(f"{kills} kills of trainings", problems)
        problems = chats(asked.chats, folder / "chats", rng)
        wrong += _report(f"{asked.chats} kills of chats", problems)
        place = Place(folder / "commands")
        for begin, count in ((grid, asked.grids), (reproduction, asked.reproductions)):
            if not count:
                continue
            series = Series(begin, place, rng, anew=asked.anew)
            series.kill(count, tell=_tell)
            what = f"{series.kills.total()} kills of {series.ends} {begin.__name__}s"
            ways = ", ".join(f"{way} {often}" for way, often in sorted(series.kills.items()))
            wrong += _report(f"{what} ({ways})", series.problems)
    sys.exit(bool(wrong))


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _report(what: str, problems: list[str]) -> int:
    _tell(f"{what}: {len(problems)} problems")
    for problem in problems[:MOST_PROBLEMS]:
        _tell(f"  {problem}")
    return len(problems)


if __name__ == "__main__":
    main()
