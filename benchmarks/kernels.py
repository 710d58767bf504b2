"""What the CPU kernels could be built on: the figures behind the choice of Numba.

    uv run python benchmarks/kernels.py [--task N] [--data FOLDER]

First the product of 20 rows with a 100 x 100 matrix, the heart of every step: plain Numba loops,
BLAS through torch, and the tile of `relmem_variants.fast.cpu.tile`, in float32 GFLOP/s beside the
machine's rate for large products. Then the forward and backward pass of entnet on real batches:
the reference path, the same under torch.compile (which needs a C++ compiler where it runs), and
the fast path, in questions a second, with the seconds that each took to compile.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import torch
from machine import roof
from numba import njit
from torch.nn.functional import cross_entropy

from relmem_cli.contract import Kernels
from relmem_cli.paths import data_cache
from relmem_cli.plugins import registry
from relmem_cli.stories.batch import encode_stories, group_stories
from relmem_cli.stories.sources import data_roots, open_source
from relmem_cli.stories.tasks import load_training
from relmem_cli.training.arithmetic import subnormals_flushed, use_threads
from relmem_variants.fast.cpu.tile import BYTES, add_product

ROWS, DIM, BATCH = 20, 100, 32


@njit(fastmath=True, nogil=True)
def plain(x, a, out):  # type: ignore[no-untyped-def]
    """Add x times a to out as three loops."""
    for i in range(x.shape[0]):
        for k in range(a.shape[0]):
            for j in range(out.shape[1]):
                out[i, j] += x[i, k] * a[k, j]


def seconds(call: Callable[[], Any], rounds: int = 15, calls: int = 300) -> float:
    """The median over rounds of the seconds a call takes."""
    call()
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(calls):
            call()
        taken.append((time.perf_counter() - started) / calls)
    return statistics.median(taken)


def products() -> None:
    lanes = BYTES // 4
    width = -(-DIM // lanes) * lanes
    x, a = np.random.rand(ROWS, width), np.random.rand(DIM, width)
    x, a = x.astype(np.float32), a.astype(np.float32)
    out = np.zeros_like(x)
    rows, matrix = torch.from_numpy(x[:, :DIM].copy()), torch.from_numpy(a[:, :DIM].copy())
    found = torch.empty(ROWS, DIM)
    ways: dict[str, Callable[[], Any]] = {
        "plain Numba loops": lambda: plain(x, a, out),
        "torch.mm": lambda: torch.mm(rows, matrix, out=found),
        "tile": lambda: add_product(x, a, out, lanes),
    }
    print(f"{ROWS} x {DIM} times {DIM} x {DIM}, GFLOP/s (the call counted)")
    for name, call in ways.items():
        print(f"  {name:32}{2e-9 * ROWS * DIM**2 / seconds(call):8.1f}")
    print(f"  {'large products, torch.mm':32}{roof(torch.device('cpu')):8.1f}")


def passes(data: str | None, task: int) -> None:
    stories = load_training(open_source(data or "en", roots=data_roots(data_cache())), str(task))
    groups = group_stories(stories.train, BATCH, torch.Generator().manual_seed(0))
    batches = [encode_stories(g, stories.vocabulary, stories.sizes) for g in islice(groups, 8)]
    questions = sum(len(batch.answers) for batch in batches)
    print(f"\nentnet, task {task}, batches of {BATCH}, forward and backward")
    for name in ("reference", "reference, torch.compile", "fast"):
        torch.manual_seed(0)
        model = registry().variants["entnet"].build(stories.sizes)
        model.kernels = Kernels.auto if name == "fast" else Kernels.reference
        if name.endswith("compile"):
            model.step = torch.compile(model.step, dynamic=True)  # type: ignore[method-assign]

        def learn(model: Any = model) -> None:
            for batch in batches:
                cross_entropy(model(batch), batch.answers).backward()

        started = time.perf_counter()
        learn()
        first = time.perf_counter() - started
        again = seconds(learn, rounds=7, calls=2)
        print(f"  {name:32}{questions / again:8,.0f} questions/s, {first:6.1f} s the first time")


@subnormals_flushed()
def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", help="a folder with bAbI files; by default the set en")
    parser.add_argument("--task", type=int, default=1)
    arguments = parser.parse_args()
    use_threads(1)
    products()
    passes(arguments.data, arguments.task)


if __name__ == "__main__":
    main()
