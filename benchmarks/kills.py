"""What kills do to trainings and conversations: nothing that was finished is lost or damaged.

    uv run python benchmarks/kills.py [--trainings N] [--chats N] [--seed S]

A training is a process of its own that is killed (SIGKILL) after a time that is drawn, again and
again, and gone on with until it has ended; its last epoch, best model and test errors must then be
the same bits as those of a training that nobody killed. A chat is a process that keeps a
conversation as chat does, a line at a time, and says so after each; killed after a time that is
drawn, it must have left every line that it had said was kept. It needs os.fork.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import permutations, product
from pathlib import Path

from relmem_cli.chat.story.autosave import Autosave, latest
from relmem_cli.chat.story.story_files import split_stories
from relmem_cli.runs import seed_run
from relmem_cli.runs.folder import RunFolder
from relmem_cli.runs.job import Job
from relmem_cli.runs.record import finished
from relmem_cli.runs.run import Run
from relmem_cli.stories.sources import BabiFolder
from relmem_cli.training.cards import read_card
from relmem_cli.training.checkpoints import read_tensors
from relmem_cli.training.settings import Settings

LINES = 60
EPOCHS = 12

seed_run.SAVE_EVERY_SECONDS = 0.0  # more to be killed in than the usual 15 seconds would leave


def trainings(count: int, folder: Path, rng: random.Random) -> tuple[int, list[str]]:
    """Kill so many trainings; returns how many kills there were, and what was wrong."""
    source = _world(folder / "data")
    whole = _job(source, folder / "whole")
    begun = time.perf_counter()
    _until_it_ends(lambda: Run(whole).train())
    took = time.perf_counter() - begun
    wanted = _bits(whole.folder)
    problems = []
    kills = number = 0
    while kills < count:
        job = _job(source, folder / f"run-{number}")
        number += 1
        while finished(job) is None:
            kills += _killed(lambda: Run(job).train(), rng.uniform(0.02, 1.2) * took)  # noqa: B023
        if _bits(job.folder) != wanted:
            problems.append(f"{job.folder.name} ended with other bits")
        if left := [path.name for path in job.folder.iterdir() if path.name.startswith(".best")]:
            problems += [f"{job.folder.name} has {name} left over" for name in left[3:]]
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


def _world(folder: Path) -> BabiFolder:
    """A task 1 of two people who go to places."""
    folder.mkdir(parents=True)
    lines = []
    for (one, two), here, there in product(
        permutations(("Ann", "Bob", "Cy"), 2), ("shed", "yard", "barn"), ("yard", "barn")
    ):
        lines += [f"1 {one} went to the {here}.", f"2 {two} went to the {there}."]
        lines += [f"3 Where is {one}?\t{here}\t1", f"4 Where is {two}?\t{there}\t2"]
    for split in ("train", "test"):
        (folder / f"qa1_own_{split}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return BabiFolder(name="own", path=folder)


def _bits(folder: Path) -> list[object]:
    """What a run has left, but for times."""
    progress, last = read_tensors(RunFolder(path=folder).last)
    _, best = read_tensors(RunFolder(path=folder).best)
    card = read_card(RunFolder(path=folder).best)
    tensors = {
        f"{part} {name}": tensor.numpy().tobytes()
        for part, several in (("last", last), ("best", best))
        for name, tensor in several.items()
    }
    losses = [json.loads(line)["loss"] for line in progress["metrics"].split("\n")]
    return [sorted(tensors.items()), progress["epoch"], losses, card.record["test"]]


def chats(count: int, folder: Path, rng: random.Random) -> list[str]:
    """Kill so many chats; returns what was wrong."""
    problems = []
    for number in range(count):
        place = folder / f"chat-{number}"
        told, tell = os.pipe()
        kept = [f"{line} Ann went to place {line}." for line in range(1, LINES + 1)]

        def talk(tell: int = tell, place: Path = place, kept: list[str] = kept) -> None:
            saver = Autosave(place)
            for line in range(1, LINES + 1):
                (story,) = split_stories(kept[:line])
                saver.keep("model", story)
                os.write(tell, b".")

        _killed(talk, rng.uniform(0.0, 0.25))
        os.close(tell)
        with open(told, "rb") as said:  # noqa: PTH123  # a pipe
            acknowledged = len(said.read())
        saved = latest(place) if place.exists() else None
        there = len(saved.story) if saved else 0
        if there < acknowledged:
            problems.append(f"chat {number} kept {there} of {acknowledged} lines")
    return problems


def _killed(work: Callable[[], object], after: float) -> bool:
    """Do it in a process that is killed after so many seconds; whether that came before its end."""
    child = _begin(work)
    time.sleep(after)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _until_it_ends(work: Callable[[], object]) -> None:
    _, status = os.waitpid(_begin(work), 0)
    if status:
        raise RuntimeError("a training that nobody killed has failed")


def _begin(work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:  # whatever it is, the parent is to know
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
        os._exit(0)
    return child


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trainings", type=int, default=20, help="kills of trainings, at least")
    parser.add_argument("--chats", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)  # noqa: S311  # no secret
    with tempfile.TemporaryDirectory() as name:
        kills, problems = trainings(asked.trainings, Path(name) / "runs", rng)
        problems += chats(asked.chats, Path(name) / "chats", rng)
    sys.stdout.write(
        f"{kills} kills of trainings, {asked.chats} of chats: {len(problems)} problems\n"
    )
    for problem in problems[:20]:
        sys.stdout.write(f"  {problem}\n")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
