"""What the processes of a test run share: one thread each, and what is compiled once for all."""

import os
import sys
from pathlib import Path

_BYTECODE = Path(__file__).parents[1] / ".pytest_cache" / "bytecode"


def prepare() -> None:
    """Set this process and all that it starts up to run beside others; comes before torch.

    Each has one thread, and no size of the terminal that pytest was started in: readline sets that
    behind Python's back, and workers would be given it. Where Python was told to write no bytecode,
    every process would compile torch's two thousand files anew, which takes longer than most tests:
    bytecode goes to pytest's cache then, and still not beside the sources.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for size in ("LINES", "COLUMNS"):
        os.environ.pop(size, None)
    if sys.dont_write_bytecode and os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        sys.dont_write_bytecode = False
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(_BYTECODE)


def compile_kernels(shared: Path, turn: int) -> None:
    """Have the CPU kernels' machine code on the disk, for single and for double precision.

    Of several processes each begins with another precision, by its turn, and finds in the cache
    what the others have compiled meanwhile. `shared` is a folder of theirs.
    """
    import torch
    from filelock import FileLock

    from relmem_variants.plugin import RELATION_TRANSFORMER
    from tests.variants.cases import NAMES, SIZES, build, story_batch

    precisions = [torch.float32, torch.float64]
    for precision in precisions[turn % 2 :] + precisions[: turn % 2]:
        with FileLock(shared / f"{precision}.lock"), torch.random.fork_rng(devices=[]):
            for model in (*map(build, NAMES), RELATION_TRANSFORMER.build(SIZES, {}).eval()):
                model.to(precision)(story_batch([1], [(0, 1)])).sum().backward()
                model.learn(story_batch([1], [(0, 1)]))
