"""Reading a damaged file: what comes of it, how long it takes, and with how much memory."""

import gc
import os
import random
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from relmem_cli.errors import RelmemError

from .kind import Kind
from .model_files import Models
from .text_files import OTHERS

LONGEST_MESSAGE = 300
SECONDS = 0.2
MEGABYTES = 100


@dataclass
class Tally:
    """What came of the cases of one kind."""

    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    slowest: float = 0.0
    most: float = 0.0


def memory() -> float:
    """The most memory in MB since `forget`, or 0 where the system does not say."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1000
    return 0.0


def forget() -> float:
    """Begin to measure anew; returns what is in use now."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return memory()


def attempt(kind: Kind) -> tuple[str, str]:
    """What reading the file comes to, such as "refused", and what is wrong with that or ""."""
    try:
        with warnings.catch_warnings(action="error"):
            kind.read()
    except RelmemError as error:
        return "refused", unclear(str(error))
    except Exception as error:
        return "raised", f"{type(error).__name__}: {error}"
    return "read", ""


def unclear(message: str) -> str:
    """What is wrong with a message; "" where nothing is."""
    if len(message) > LONGEST_MESSAGE:
        return f"its message has {len(message)} characters: {message[:200]!r}"
    if not message.isprintable():
        return f"its message has control characters: {message!r}"
    return ""


@dataclass(frozen=True)
class Came:
    """What came of reading a file, what is wrong with that or "", and what it took."""

    outcome: str
    problem: str
    seconds: float
    megabytes: float


def tried(kind: Kind) -> Came:
    """Read the file, again where it took long: beside other work the processor is slow at times."""
    came = _tried(kind)
    for _ in range(2):
        if came.seconds > SECONDS:
            came = _tried(kind)
    if not came.problem and came.seconds > SECONDS:
        return replace(came, problem=f"it took {came.seconds:.2f} s")
    if not came.problem and came.megabytes > MEGABYTES:
        return replace(came, problem=f"it took {came.megabytes:.0f} MB")
    return came


def _tried(kind: Kind) -> Came:
    gc.disable()  # going through all that torch has brought takes longer than a file
    try:
        before, started = forget(), time.process_time()
        outcome, problem = attempt(kind)
        seconds = time.process_time() - started
        return Came(outcome, problem, seconds, memory() - before)
    finally:
        gc.enable()


def case(kind: Kind, number: int, seed: int, tally: Tally) -> None:
    """Damage a file, read it, and note what came of it."""
    kind.damage(random.Random(f"{seed} {kind.name} {number}"))  # noqa: S311  # no secret
    came = tried(kind)
    tally.outcomes[came.outcome] += 1
    tally.slowest = max(tally.slowest, came.seconds)
    tally.most = max(tally.most, came.megabytes)
    if came.problem:
        tally.problems.append(f"{kind.name}:{number} {came.outcome}: {came.problem}")


def warm_up(kind: Kind) -> None:
    """Read the good files: what is imported and compiled once is no damaged one's fault."""
    for data in kind.whole:
        kind.path.write_bytes(data)
        kind.read()


def run(models: int, others: int, seed: int, only: str = "") -> dict[str, Tally]:
    """So many damaged models, and so many other files, in a folder of their own."""
    torch.set_num_threads(1)
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return {kind.name: tally for kind, tally in _run(models, others, seed, only)}
        finally:
            os.chdir(home)


def _run(models: int, others: int, seed: int, only: str) -> Iterator[tuple[Kind, Tally]]:
    share = -(-others // len(OTHERS))
    for make, count in ((Models, models), *((other, share) for other in OTHERS)):
        name, _, number = only.partition(":")
        if not count or name not in ("", make.name):
            continue
        kind, tally = make(), Tally()
        warm_up(kind)
        for each in [int(number)] if number else range(count):
            case(kind, each, seed, tally)
        yield kind, tally
